/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/change.h"

#include "tests/cgroup/tree.h"

static const struct tree_file files[] = {
	{ "cgroup.controllers", "cpu memory\n" },
	{ "cgroup.procs", "" },
	{ "c/cgroup.procs", "10\n" },
	{ "c/x/memory.max", "max\n" },
	{ "c/x/y/memory.max", "max\n" },
	{ "other/memory.max", "max\n" },
};

static struct tree v2_tree(void)
{
	struct tree tree = tree_new();

	tree_write_all(&tree, files, G_N_ELEMENTS(files));
	return tree;
}

static void assert_text(const struct tree *tree, const char *name, const char *expected)
{
	g_autofree char *path = g_build_filename(tree->path, name, NULL);
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, expected);
}

static void test_places(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	uint32_t number = cg_group_child(group, CG_MEMORY, "x");
	g_autofree char *path = cg_group_nested_path(group, CG_MEMORY, number);
	g_autofree char *own = cg_group_nested_path(group, CG_MEMORY, 0);
	struct cg_spot spot = { group, CG_MEMORY, path, number };

	assert_string_equal(path, "x");
	assert_string_equal(own, "");
	assert_null(cg_group_nested_path(group, CG_MEMORY, 12345));
	assert_null(cg_group_nested_path(group, CG_PIDS, 0));
	assert_int_equal(cg_change_open(&spot, "memory.max", O_WRONLY), 0);
	assert_int_equal(cg_change_write(&spot, "memory.max", "123", 3), 0);
	assert_text(&tree, "c/x/memory.max", "123\n");
	assert_int_equal(cg_change_open(&spot, "memory.high", O_WRONLY), -ENOENT);
	spot.path = "x/y"; /* another one is there */
	assert_int_equal(cg_change_open(&spot, "memory.max", O_WRONLY), -ENOENT);
	assert_int_equal(cg_change_write(&spot, "memory.max", "456", 3), -ENOENT);
	spot.path = "x/../../other";
	spot.number = 0;
	assert_true(cg_change_open(&spot, "memory.max", O_WRONLY) < 0);
	assert_text(&tree, "c/x/y/memory.max", "max\n");
	assert_text(&tree, "other/memory.max", "max\n");
}

static void test_links(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	const struct cg_spot spot = { group, CG_MEMORY, "link", 0 }, own = { group, CG_MEMORY, "", 0 };
	g_autofree char *link = g_build_filename(tree.path, "c/link", NULL);
	g_autofree char *file = g_build_filename(tree.path, "c/memory.max", NULL);

	assert_int_equal(symlink("../other", link), 0);
	assert_int_equal(symlink("../other/memory.max", file), 0);
	assert_true(cg_change_open(&spot, "memory.max", O_WRONLY) < 0);
	assert_int_equal(cg_change_write(&own, "memory.max", "1", 1), -ELOOP);
	assert_text(&tree, "other/memory.max", "max\n");
}

static void test_directories(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/b", "../other/new" };
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	const struct cg_spot own = { group, CG_MEMORY, "", 0 };
	uint32_t number = 0, again = 0;

	assert_int_equal(cg_change_mkdir(&own, "new", 0755, &number), 0);
	assert_int_equal(number, cg_group_child(group, CG_MEMORY, "new"));
	assert_int_equal(cg_change_mkdir(&own, "new", 0755, &again), -EEXIST);
	assert_int_equal(again, number);
	assert_int_equal(cg_change_mkdir(&own, "cgroup.procs", 0755, &again), -EEXIST);
	assert_int_equal(again, 0); /* no cgroup */
	assert_int_equal(cg_change_rmdir(&own, "new"), 0);
	assert_int_equal(cg_change_rmdir(&own, "new"), -ENOENT);
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		assert_int_equal(cg_change_mkdir(&own, names[i], 0755, &again), -EEXIST);
		assert_int_equal(cg_change_rmdir(&own, names[i]), -EINVAL);
	}
}

static void test_same(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");

	assert_true(cg_group_same(group, CG_MEMORY, CG_CPU));
	assert_false(cg_group_same(group, CG_MEMORY, CG_PIDS));
	assert_false(cg_group_same(group, CG_PIDS, CG_PIDS));
	assert_false(cg_group_same(group, CG_MEMORY, CG_CONTROLLERS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
