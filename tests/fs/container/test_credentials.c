/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/credentials.h"

#include "cgroup/error.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STATUS                                                                                          \
	"Name:\tUid:\nUmask:\t0022\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t9 10 11 " \
	"\nNStgid:\t1\nCapPrm:\t000001ffffffffff\n"

enum { USER = 12345, GROUP = 12346, TEAM = 12347 };

static void those_for_files_count(void **state)
{
	cg_cleanup(credentials_clear) struct credentials credentials = { 0 };

	assert_true(credentials_parse(STATUS, &credentials));
	assert_int_equal(credentials.uid, 4);
	assert_int_equal(credentials.gid, 8);
	assert_true(credentials.permitted == UINT64_C(0x1ffffffffff));
	assert_int_equal(credentials.groups->len, 3);
	assert_int_equal(g_array_index(credentials.groups, gid_t, 2), 11);
}

static void what_is_not_understood_is_nobody(void **state)
{
	static const char *const bad[] = {
		"",
		"Uid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t\nCapPrm:\t0\n", /* not at the beginning of a line */
		"x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\n",
		"x\nUid:\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t\nCapPrm:\t0\n",
		"x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t1 2", /* cut */
		"x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t1 x\n",
		"x\nUid:\t1\t1\t1\t4294967295\nGid:\t1\t1\t1\t1\nGroups:\t\nCapPrm:\t0\n",
		"x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t4294967296\nGroups:\t\nCapPrm:\t0\n",
		"x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t\n",
		"x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t\nCapPrm:\t\n",
		"x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t\nCapPrm:\tx1\n",
	};
	struct credentials credentials = { 0 };

	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		if (credentials_parse(bad[i], &credentials))
			fail_msg("\"%s\"", bad[i]);
	}
	assert_null(credentials.groups);
}

static void too_many_groups(void **state)
{
	for (unsigned n = CREDENTIALS_GROUPS; n <= CREDENTIALS_GROUPS + 1; n++) {
		g_autoptr(GString) text = g_string_new("x\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t");
		cg_cleanup(credentials_clear) struct credentials credentials = { 0 };

		for (unsigned i = 0; i < n; i++)
			g_string_append_printf(text, "%u ", i);
		g_string_append(text, "\nCapPrm:\t0\n");
		assert_int_equal(credentials_parse(text->str, &credentials), n == CREDENTIALS_GROUPS);
	}
}

static void marks(void **state)
{
	static const char *const others[] = { "x\nUid:\t0\t0\t0\t5\nGid:\t0\t0\t0\t8\nGroups:\t9 10 11\nCapPrm:\t0\n",
					      "x\nUid:\t0\t0\t0\t4\nGid:\t0\t0\t0\t9\nGroups:\t9 10 11\nCapPrm:\t0\n",
					      "x\nUid:\t0\t0\t0\t4\nGid:\t0\t0\t0\t8\nGroups:\t9 10\nCapPrm:\t0\n",
					      "x\nUid:\t0\t0\t0\t4\nGid:\t0\t0\t0\t8\nGroups:\t\nCapPrm:\t0\n" };
	cg_cleanup(credentials_clear) struct credentials one = { 0 };
	uint32_t mark;

	assert_true(credentials_parse(STATUS, &one));
	mark = credentials_mark(&one, 77);
	assert_true(mark != 0 && mark == credentials_mark(&one, 77));
	assert_int_not_equal(mark, credentials_mark(&one, 78));
	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
		cg_cleanup(credentials_clear) struct credentials other = { 0 };

		assert_true(credentials_parse(others[i], &other));
		assert_int_not_equal(credentials_mark(&other, 77), mark);
	}
}

static void of_a_request(void **state)
{
	struct world *world = *state;
	cg_cleanup(credentials_clear) struct credentials credentials = { 0 };
	g_autoptr(GError) error = NULL;

	world_process(world, &(struct world_process){ .pid = 7, .uid = USER });
	assert_true(credentials_of(world->host, 7, USER, USER, &credentials, NULL));
	assert_int_equal(credentials.uid, USER);
	assert_false(credentials_of(world->host, 7, 0, USER, &credentials, &error));
	assert_true(g_error_matches(error, CG_ERROR, EPERM));
	g_clear_error(&error);
	assert_false(credentials_of(world->host, 7, USER, 0, &credentials, &error));
	assert_true(g_error_matches(error, CG_ERROR, EPERM));
	g_clear_error(&error);
	assert_false(credentials_of(world->host, 8, USER, USER, &credentials, &error));
	assert_true(g_error_matches(error, CG_ERROR, ESRCH));
}

/* ---- with them ---- */

static struct credentials user(void)
{
	const gid_t team = TEAM;
	struct credentials credentials = { USER, GROUP, g_array_new(FALSE, FALSE, sizeof(gid_t)), 0 };

	g_array_append_val(credentials.groups, team);
	return credentials;
}

struct file {
	const char *path;
	int flags;
};

static int open_it(void *data)
{
	const struct file *file = data;
	int fd = open(file->path, file->flags | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int opened(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	cg_cleanup(credentials_clear) struct credentials credentials = user();
	struct file file = { path, O_WRONLY };

	assert_int_equal(chown(path, uid, gid), 0);
	assert_int_equal(chmod(path, mode), 0);
	return credentials_run(&credentials, 0, open_it, &file);
}

/* The kernel's view of this very thread: /proc/thread-self/status. */
static void look_at_self(GString *text)
{
	int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);
	char piece[8192];
	ssize_t n = read(fd, piece, sizeof piece);

	close(fd);
	g_string_append_len(text, piece, MAX(n, 0));
}

static char *line(const GString *text, const char *label)
{
	const char *at = strstr(text->str, label);

	return at ? g_strndup(at, strcspn(at, "\n")) : NULL;
}

static int tell(void *data)
{
	look_at_self(data);
	return 4711;
}

static void a_thread_that_has_them(void **state)
{
	cg_cleanup(credentials_clear) struct credentials credentials = user();
	g_autoptr(GString) before = g_string_new(NULL), within = g_string_new(NULL), after = g_string_new(NULL);
	static const char *const unchanged[] = { "Uid:", "Gid:", "Groups:", "CapEff:", "CapPrm:" };

	if (geteuid() != 0)
		skip();
	look_at_self(before);
	assert_int_equal(credentials_run(&credentials, 0, tell, within), 4711);
	look_at_self(after);
	/* The daemon's user stays the real one: nobody else may send it signals. */
	assert_has(within->str, "\nUid:\t0\t12345\t0\t12345\n");
	assert_has(within->str, "\nGid:\t0\t12346\t0\t12346\n");
	assert_has(within->str, "\nGroups:\t12347 \n");
	assert_has(within->str, "\nCapPrm:\t0000000000000000\n");
	assert_has(within->str, "\nCapEff:\t0000000000000000\n");
	for (unsigned i = 0; i < G_N_ELEMENTS(unchanged); i++) {
		g_autofree char *was = line(before, unchanged[i]), *is = line(after, unchanged[i]);

		assert_non_null(was);
		assert_non_null(is);
		assert_string_equal(was, is);
	}
}

static void root_has_no_capability_either(void **state)
{
	cg_cleanup(credentials_clear) struct credentials root = { 0, 0, g_array_new(FALSE, FALSE, sizeof(gid_t)), 0 };
	g_autoptr(GString) within = g_string_new(NULL);

	if (geteuid() != 0)
		skip();
	assert_int_equal(credentials_run(&root, 0, tell, within), 4711);
	assert_has(within->str, "\nCapEff:\t0000000000000000\n");
	assert_has(within->str, "\nCapPrm:\t0000000000000000\n");
}

static void one_capability_is_kept(void **state)
{
	cg_cleanup(credentials_clear) struct credentials credentials = user();
	g_autoptr(GString) within = g_string_new(NULL);

	if (geteuid() != 0)
		skip();
	assert_int_equal(credentials_run(&credentials, UINT64_C(1) << CAP_SETUID, tell, within), 4711);
	assert_has(within->str, "\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000080\nCapEff:\t0000000000000080\n");
}

static void the_kernel_allows_and_refuses(void **state)
{
	const struct world *world = *state;
	g_autofree char *path = g_build_filename(world->dir, "file", NULL);
	cg_cleanup(credentials_clear) struct credentials nobody = user();
	struct file file = { path, O_WRONLY };

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(world->dir, 0755), 0);
	scratch_write(world->dir, "file", "text");
	assert_int_equal(opened(path, 0, 0, 0644), -EACCES);
	assert_int_equal(opened(path, USER, 0, 0644), 0);
	assert_int_equal(opened(path, USER, 0, 0444), -EACCES);
	assert_int_equal(opened(path, 0, GROUP, 0664), 0);
	assert_int_equal(opened(path, 0, TEAM, 0664), 0);
	assert_int_equal(opened(path, 0, 0, 0664), -EACCES);
	assert_int_equal(opened(path, 0, 0, 0666), 0);
	nobody.uid = (uid_t)-1;
	assert_int_equal(credentials_run(&nobody, 0, open_it, &file), -EPERM);
	nobody.uid = USER;
	nobody.gid = (gid_t)-1;
	assert_int_equal(credentials_run(&nobody, 0, open_it, &file), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_for_files_count),
		cmocka_unit_test(what_is_not_understood_is_nobody),
		cmocka_unit_test(too_many_groups),
		cmocka_unit_test(marks),
		cmocka_unit_test_setup_teardown(of_a_request, world_setup, world_teardown),
		cmocka_unit_test(a_thread_that_has_them),
		cmocka_unit_test(root_has_no_capability_either),
		cmocka_unit_test(one_capability_is_kept),
		cmocka_unit_test_setup_teardown(the_kernel_allows_and_refuses, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
