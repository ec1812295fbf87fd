/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/running.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <unistd.h>

static void knows_an_init(void **state)
{
	static const struct {
		const char *status;
		bool init;
	} cases[] = {
		{ "Name:\tx\nNSpid:\t100\t1\nNSpgid:\t1\n", true },
		{ "Name:\tx\nNSpid:\t100\t7\t1\n", true },
		{ "Name:\tx\nNSpid:\t1\nNSpgid:\t1\n", false }, /* the host's */
		{ "Name:\tx\nNSpid:\t100\t1\t5\n", false },
		{ "Name:\tx\nNSpid:\t100\t11\n", false },
		{ "Name:\tNSpid:\t100\t1\nNSpid:\t100\t2\n", false }, /* a name that says so */
		{ "Name:\tx\n", false },
		{ "", false },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(running_is_init(cases[i].status), cases[i].init);
}

static void make(const char *dir, const char *pid, const char *nspid, const char *mnt)
{
	g_autofree char *status = g_strdup_printf("%s/status", pid), *cgroup = g_strdup_printf("%s/cgroup", pid);
	g_autofree char *text = g_strdup_printf("Name:\tx\nNSpid:\t%s\n", nspid);
	g_autofree char *group = g_strdup_printf("0::/box/c%s\n", pid);
	g_autofree char *link = g_strdup_printf("%s/%s/ns/mnt", dir, pid), *ns = g_path_get_dirname(link);

	scratch_write(dir, status, text);
	scratch_write(dir, cgroup, group);
	assert_int_equal(g_mkdir_with_parents(ns, 0755), 0);
	assert_int_equal(symlink(mnt, link), 0);
}

static void finds_containers(void **state)
{
	char *dir = scratch_new();
	g_autoptr(GPtrArray) found = NULL;

	make(dir, "self", "50", "mnt:[1]");
	make(dir, "1", "1", "mnt:[1]");
	make(dir, "300", "300\t1", "mnt:[3]");
	make(dir, "40", "40\t9\t1", "mnt:[4]"); /* a container in a container */
	make(dir, "301", "301\t2", "mnt:[3]");
	make(dir, "500", "500\t1", "mnt:[1]"); /* our mounts are its own */
	make(dir, "sys", "7\t1", "mnt:[9]");
	scratch_write(dir, "600/status", "Name:\tx\nNSpid:\t600\t1\n"); /* has ended */
	found = running_find(dir, NULL);
	assert_int_equal(found->len, 2);
	assert_int_equal(((struct running *)found->pdata[0])->pid, 40);
	assert_string_equal(((struct running *)found->pdata[0])->name, "c40");
	assert_int_equal(((struct running *)found->pdata[1])->pid, 300);
	scratch_free(dir);
}

static void names_a_process(void **state)
{
	char *dir = scratch_new();
	g_autofree char *name = NULL, *none = NULL;

	make(dir, "301", "301\t2", "mnt:[3]");
	name = running_name(dir, 301);
	none = running_name(dir, 302);
	assert_string_equal(name, "c301");
	assert_null(none);
	scratch_free(dir);
}

static void says_what_is_missing(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_null(running_find("/nonexistent", &error));
	assert_has(error->message, "/nonexistent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_an_init),
		cmocka_unit_test(finds_containers),
		cmocka_unit_test(names_a_process),
		cmocka_unit_test(says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
