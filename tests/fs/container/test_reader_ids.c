/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/reader_ids.h"

#include "cgroup/error.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INSIDE = 77, OTHER = 88, DEEPER = 99 }; /* pid namespaces */

static void populate(const struct world *world)
{
	static const struct world_process processes[] = {
		{ .pid = 50 },
		{ .pid = 103, .nspid = "103\t1", .pidns = INSIDE },
		{ .pid = 101, .nspid = "101\t9", .pidns = INSIDE },
		{ .pid = 102, .nspid = "102\t4", .pidns = INSIDE },
		{ .pid = 201, .nspid = "201\t5", .pidns = OTHER },
		{ .pid = 301, .nspid = "301\t6\t1", .pidns = DEEPER },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(processes); i++)
		world_process(world, &processes[i]);
}

static void assert_seen(const struct world *world, pid_t reader, enum ids_style style, const char *expected)
{
	static const pid_t all[] = { 50, 101, 103, 102, 201, 999 /* has ended */ };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_array_append_vals(ids, all, G_N_ELEMENTS(all));
	if (!reader_ids_append(world->host, reader, ids, style, text, &error))
		fail_msg("%s", error->message);
	assert_string_equal(text->str, expected);
}

static void on_the_host(void **state)
{
	populate(*state);
	assert_seen(*state, 50, IDS_V2, "50\n101\n103\n102\n201\n999\n"); /* the kernel's word is taken */
	assert_seen(*state, 50, IDS_V1, "50\n101\n102\n103\n201\n999\n");
}

/* The same number in another namespace of that depth is another process's. */
static void in_a_namespace(void **state)
{
	populate(*state);
	assert_seen(*state, 103, IDS_V2, "0\n9\n1\n4\n0\n");
	assert_seen(*state, 103, IDS_V1, "1\n4\n9\n");
	assert_seen(*state, 201, IDS_V1, "5\n");
}

static void assert_found(const struct world *world, pid_t reader, pid_t number, pid_t expected)
{
	static const pid_t all[] = { 50, 101, 103, 102, 201, 999 /* has ended */ };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GError) error = NULL;
	pid_t id = 0;

	g_array_append_vals(ids, all, G_N_ELEMENTS(all));
	if (reader_ids_find(world->host, reader, ids, number, &id, &error))
		assert_int_equal(id, expected);
	else
		assert_true(expected == 0 && g_error_matches(error, CG_ERROR, ESRCH));
}

static void found_by_their_numbers(void **state)
{
	populate(*state);
	assert_found(*state, 50, 102, 102);
	assert_found(*state, 50, 301, 0); /* not among them */
	assert_found(*state, 103, 4, 102);
	assert_found(*state, 103, 1, 103);
	assert_found(*state, 103, 102, 0); /* the host's number */
	assert_found(*state, 103, 5, 0);   /* another namespace's */
	assert_found(*state, 103, 0, 0);   /* what stands for those that it does not see */
	assert_found(*state, 301, 9, 0);
	assert_found(*state, 0, 102, 0);
	assert_found(*state, 12345, 102, 0);
}

/* A namespace whose ancestry cannot be told, or that lies above the reader's, shows nothing. */
static void deeper_and_unknown(void **state)
{
	populate(*state);
	assert_seen(*state, 301, IDS_V1, "");
	assert_seen(*state, 0, IDS_V1, "");
	assert_seen(*state, 0, IDS_V2, "0\n0\n0\n0\n0\n0\n");
}

static void a_reader_that_is_gone(void **state)
{
	const struct world *world = *state;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	assert_false(reader_ids_append(world->host, 12345, ids, IDS_V2, text, &error));
	assert_true(g_error_matches(error, CG_ERROR, ESRCH));
}

/* A list that would take too long is an error and not a part of it. */
static void too_many(void **state)
{
	const struct world *world = *state;
	g_autoptr(GArray) ids = g_array_new(FALSE, TRUE, sizeof(pid_t));
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	populate(world);
	g_array_set_size(ids, 32769);
	assert_false(reader_ids_append(world->host, 103, ids, IDS_V1, text, &error));
	assert_true(g_error_matches(error, CG_ERROR, EOVERFLOW));
	assert_true(reader_ids_append(world->host, 0, ids, IDS_V1, text, NULL));
}

/* ---- real namespaces ---- */

/* A child that ends with this process, in a new pid namespace. */
static pid_t sleeper(int (*run)(void *), void *data)
{
	static char stack[2][1 << 16] __attribute__((aligned(16)));
	static unsigned used;
	char *top = stack[used++ % 2] + sizeof(stack[0]);

	return clone(run, top, CLONE_NEWPID | SIGCHLD, data);
}

static int sleep_on(void *data)
{
	(void)data;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where the test fails */
	while (pause() < 0)
		;
	return 0;
}

static int nest_within(void *data)
{
	sleeper(sleep_on, NULL);
	return sleep_on(data);
}

/* The only child of a process, once it is there. */
static pid_t child_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", pid, pid);

	for (;;) {
		g_autofree char *text = NULL;

		assert_true(g_file_get_contents(path, &text, NULL, NULL));
		if (*text)
			return (pid_t)g_ascii_strtoll(text, NULL, 10);
		g_usleep(1000);
	}
}

static void expect_real(const Host *host, pid_t reader, const pid_t *pids, unsigned n, const char *expected)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GString) text = g_string_new(NULL);

	g_array_append_vals(ids, pids, n);
	assert_true(reader_ids_append(host, reader, ids, IDS_V2, text, NULL));
	assert_string_equal(text->str, expected);
}

static void nested_namespaces(void **state)
{
	pid_t beside, pids[4];
	g_autoptr(Host) host = NULL;

	if (geteuid() != 0)
		skip();
	host = host_open(NULL);
	assert_non_null(host);
	pids[0] = sleeper(nest_within, NULL);
	assert_true(pids[0] > 0);
	pids[1] = child_of(pids[0]);
	beside = pids[2] = sleeper(sleep_on, NULL);
	pids[3] = getpid();
	expect_real(host, pids[0], pids, 4, "1\n2\n0\n0\n");
	expect_real(host, pids[1], pids, 4, "0\n1\n0\n0\n");
	expect_real(host, beside, pids, 4, "0\n0\n1\n0\n");
	kill(pids[0], SIGKILL);
	kill(beside, SIGKILL);
	waitpid(pids[0], NULL, 0);
	waitpid(beside, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(on_the_host, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(in_a_namespace, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(found_by_their_numbers, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(deeper_and_unknown, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(too_many, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_reader_that_is_gone, world_setup, world_teardown),
		cmocka_unit_test(nested_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
