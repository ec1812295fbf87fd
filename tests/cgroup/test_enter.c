/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/enter.h"

#include "tests/cgroup/tree.h"

static char *read_file(const struct tree *tree, const char *name)
{
	g_autofree char *path = g_build_filename(tree->path, name, NULL);
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

static void assert_file(const struct tree *tree, const char *name, const char *expected)
{
	g_autofree char *text = read_file(tree, name);

	assert_non_null(text);
	assert_string_equal(text, expected);
}

static bool is_directory(const struct tree *tree, const char *name)
{
	g_autofree char *path = g_build_filename(tree->path, name, NULL);

	return g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* A captured host's cgroups have the files that they were captured with: who is made has none, and is not entered. */
static void enters_where_it_can(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GError) error = NULL;

	tree_write(&tree, "memory/daemons/procvirt/cgroup.procs", "");
	tree_write(&tree, "cpu,cpuacct/daemons/procvirt/cgroup.procs", "");
	tree_write(&tree, "cpuset/", "");
	tree_write(&tree, "unified/cgroup.controllers", "pids\n");
	assert_true(cg_enter(tree_hierarchies(&tree), "/daemons/procvirt", 4711, &error));
	assert_null(error);
	assert_file(&tree, "memory/daemons/procvirt/cgroup.procs", "4711");
	assert_file(&tree, "cpu,cpuacct/daemons/procvirt/cgroup.procs", "4711");
	assert_true(is_directory(&tree, "cpuset/daemons/procvirt"));
	assert_true(is_directory(&tree, "unified/daemons/procvirt"));
}

static void fails_where_none_takes_it(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GError) error = NULL;

	tree_write(&tree, "cgroup.controllers", "memory\n");
	tree_write(&tree, "file", "");
	assert_fails(cg_enter(tree_hierarchies(&tree), "/a", 1, &error), &error, ENOENT, "/a: No such file");
	assert_true(is_directory(&tree, "a"));
	assert_fails(cg_enter(tree_hierarchies(&tree), "/file/b", 1, &error), &error, ENOTDIR, "/file/b");
}

static void leads_nowhere_else(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GError) error = NULL;

	tree_write(&tree, "cgroup.controllers", "memory\n");
	tree_write(&tree, "real/cgroup.procs", "");
	assert_int_equal(symlinkat("real", tree.fd, "link"), 0);
	assert_fails(cg_enter(tree_hierarchies(&tree), "/link", 1, &error), &error, ENOTDIR, NULL);
	assert_file(&tree, "real/cgroup.procs", "");
}

static void takes_paths(void **state)
{
	static const char *const bad[] = {
		"", "/", "a", "a/b", "//", "/a/", "/a//b", "/..", "/a/../b", "/a/.", "/./a"
	};
	static const char *const good[] = { "/a", "/a/b", "/...", "/a.slice/b.service" };

	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		assert_fails(cg_enter_check(bad[i], &error), &error, EINVAL, "is no path of a cgroup");
		assert_false(cg_enter(NULL, bad[i], 1, NULL));
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(good); i++)
		assert_true(cg_enter_check(good[i], NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enters_where_it_can),
		cmocka_unit_test(fails_where_none_takes_it),
		cmocka_unit_test(leads_nowhere_else),
		cmocka_unit_test(takes_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
