/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

/* Ownership is changed, which takes root. */
static void give(const struct tree *tree, const char *name, uid_t uid)
{
	g_autofree char *path = g_build_filename(tree->path, name, NULL);

	if (chown(path, uid, uid) < 0)
		skip();
}

static bool is_uid(uid_t owner, gconstpointer data)
{
	return owner == *(const uid_t *)data;
}

static bool owned_by(const CgGroup *group, uid_t uid, GError **error)
{
	return cg_group_owned_by(group, is_uid, &uid, error);
}

static void of_one_hierarchy(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(GError) error = NULL;

	tree_write(&tree, "cgroup.controllers", "memory cpu pids\n");
	tree_write(&tree, "a/c/memory.max", "1000\n");
	give(&tree, "a/c", 1000);
	group = tree_group(&tree, "/a/c");
	assert_true(owned_by(group, 1000, &error));
	assert_fails(owned_by(group, 1001, &error), &error, EPERM, "/a/c belongs to uid 1000");
	give(&tree, "a", 1000);
	give(&tree, "a/c", 0);
	assert_fails(owned_by(group, 1000, &error), &error, EPERM, "belongs to uid 0");
	give(&tree, "a/c", 1000);
	assert_true(owned_by(group, 1000, &error));
}

/* What was opened counts, not what has its name. */
static void of_a_cgroup_that_was_replaced(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(GError) error = NULL;

	tree_write(&tree, "cgroup.controllers", "memory\n");
	tree_write(&tree, "a/memory.max", "1000\n");
	group = tree_group(&tree, "/a");
	tree_remove(&tree, "a");
	tree_write(&tree, "a/memory.max", "1000\n");
	give(&tree, "a", 1000);
	assert_fails(owned_by(group, 1000, &error), &error, EPERM, "belongs to uid");
}

/* On a hybrid host: in each. */
static void of_several_hierarchies(void **state)
{
	static const char *const dirs[] = { "memory/a", "cpu,cpuacct/a", "pids/a", "unified/a" };
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(GError) error = NULL;

	for (unsigned i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *name = g_strconcat(dirs[i], "/cgroup.procs", NULL);

		tree_write(&tree, name, "");
	}
	group = tree_group(&tree, "/a");
	for (unsigned i = 0; i < G_N_ELEMENTS(dirs); i++) {
		assert_fails(owned_by(group, 1000, &error), &error, EPERM, "belongs to uid");
		give(&tree, dirs[i], 1000);
	}
	assert_true(owned_by(group, 1000, &error));
}

/* A user's process in the root of a v1 hierarchy is still in a cgroup of root's. */
static void the_root_counts(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(GError) error = NULL;

	tree_write(&tree, "memory/cgroup.procs", "");
	tree_write(&tree, "unified/a/cgroup.procs", "");
	give(&tree, "unified/a", 1000);
	paths.of[CG_MEMORY] = g_strdup("/");
	paths.of[CG_CORE] = g_strdup("/a");
	group = cg_group_open(tree_hierarchies(&tree), &paths, NULL);
	assert_fails(owned_by(group, 1000, &error), &error, EPERM, "belongs to uid");
}

static void in_no_hierarchy(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(GError) error = NULL;
	struct cg_paths none = { 0 };

	tree_write(&tree, "cgroup.controllers", "memory\n");
	group = cg_group_open(tree_hierarchies(&tree), &none, NULL);
	assert_fails(owned_by(group, 1000, &error), &error, EPERM, "no cgroup");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_hierarchy),       cmocka_unit_test(of_a_cgroup_that_was_replaced),
		cmocka_unit_test(of_several_hierarchies), cmocka_unit_test(the_root_counts),
		cmocka_unit_test(in_no_hierarchy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
