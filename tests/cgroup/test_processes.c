/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

static int compare(gconstpointer a, gconstpointer b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

/* The ids in order, as a text. */
static char *list(CgGroup *group, bool threads)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	GString *text = g_string_new(NULL);

	assert_true(threads ? cg_group_threads(group, ids, NULL) : cg_group_processes(group, ids, NULL));
	g_array_sort(ids, compare);
	for (unsigned i = 0; i < ids->len; i++)
		g_string_append_printf(text, "%d ", g_array_index(ids, pid_t, i));
	return g_string_free(text, FALSE);
}

static void assert_lists(CgGroup *group, const char *processes, const char *threads)
{
	g_autofree char *p = list(group, false), *t = list(group, true);

	assert_string_equal(p, processes);
	assert_string_equal(t, threads);
}

static void test_v2(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	static const struct tree_file files[] = {
		{ "cgroup.controllers", "\n" },      { "cgroup.procs", "1\n" },
		{ "c/cgroup.procs", "10\n11\n" },    { "c/cgroup.threads", "10\n11\n12\n" },
		{ "c/x/cgroup.procs", "20\n" },      { "c/x/cgroup.threads", "20" },
		{ "c/x/y/cgroup.procs", "30\n0\n" }, { "c/x/y/cgroup.threads", "30\n31\n" },
		{ "c/z/cgroup.procs", "" },          { "cc/cgroup.procs", "99\n" },
	};
	g_autoptr(CgGroup) group = NULL, leaf = NULL;

	tree_write_all(&tree, files, G_N_ELEMENTS(files));
	group = tree_group(&tree, "/c");
	assert_lists(group, "10 11 20 30 ", "10 11 12 20 30 31 ");
	/* A link to elsewhere is not entered. */
	assert_int_equal(symlinkat("../cc", tree.fd, "c/link"), 0);
	assert_lists(group, "10 11 20 30 ", "10 11 12 20 30 31 ");
	/* Read anew each time. */
	tree_write(&tree, "c/z/cgroup.procs", "40\n");
	assert_lists(group, "10 11 20 30 40 ", "10 11 12 20 30 31 ");
	leaf = tree_group(&tree, "/c/x/y");
	assert_lists(leaf, "30 ", "30 31 ");
}

static void test_v1(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	struct cg_paths paths = { 0 };
	g_autoptr(CgGroup) group = NULL;

	tree_write(&tree, "systemd/cgroup.procs", "1\n2\n");
	tree_write(&tree, "systemd/tasks", "1\n2\n3\n");
	tree_write(&tree, "cpu/c/tasks", "5\n");
	tree_write(&tree, "memory/c/cgroup.procs", "7\n");
	tree_write(&tree, "memory/c/tasks", "7\n8\n");
	/* The root in core: the first hierarchy in which it is not, by the order of group.h. */
	assert_true(cg_paths_parse(tree_hierarchies(&tree), "3:memory:/c\n2:cpu:/c\n1:name=systemd:/\n", "f", &paths,
				   NULL));
	group = cg_group_open(tree.hierarchies, &paths, NULL);
	cg_paths_clear(&paths);
	assert_lists(group, "7 ", "7 8 ");
	g_clear_pointer(&group, cg_group_unref);
	group = tree_group(&tree, "/");
	assert_lists(group, "1 2 ", "1 2 3 ");
}

static void test_large(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(CgGroup) group = NULL;

	for (unsigned i = 1; i <= 100000; i++)
		g_string_append_printf(text, "%u\n", i);
	tree_write(&tree, "memory/c/cgroup.procs", text->str);
	group = tree_group(&tree, "/c");
	assert_true(cg_group_processes(group, ids, NULL));
	assert_int_equal(ids->len, 100000);
	assert_int_equal(g_array_index(ids, pid_t, 99999), 100000);
	/* Appended to what is there. */
	assert_true(cg_group_processes(group, ids, NULL));
	assert_int_equal(ids->len, 200000);
}

static void test_malformed(void **state)
{
	static const char *const bad[] = {
		"\n", "x\n", "1 2\n", "-1\n", "1\n\n", "2147483648\n", "99999999999999999999\n", "1\nx"
	};
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(CgGroup) group = NULL;

	tree_write(&tree, "memory/c/cgroup.procs", "1\n");
	tree_write(&tree, "memory/c/d/cgroup.procs", "1\n");
	group = tree_group(&tree, "/c");
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		tree_write(&tree, "memory/c/d/cgroup.procs", bad[i]);
		assert_fails(cg_group_processes(group, ids, &error), &error, EINVAL, "cgroup.procs");
		assert_int_equal(ids->len, 0);
	}
}

static void test_gone(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GError) error = NULL;
	g_autoptr(CgGroup) group = NULL;

	tree_write(&tree, "memory/c/cgroup.procs", "1\n");
	group = tree_group(&tree, "/c");
	tree_remove(&tree, "memory/c");
	assert_fails(cg_group_processes(group, ids, &error), &error, ESRCH, "/c");
	assert_fails(cg_group_threads(group, ids, &error), &error, ESRCH, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),        cmocka_unit_test(test_v1),   cmocka_unit_test(test_large),
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
