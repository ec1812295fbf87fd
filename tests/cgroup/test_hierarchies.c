/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/hierarchy.h"
#include "tests/cgroup/tree.h"

static void assert_versions(struct tree *tree, const int expected[CG_CONTROLLERS])
{
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		if (cg_hierarchies_version(tree_hierarchies(tree), c) != expected[c])
			fail_msg("%s: version %d", cg_controller_name(c), cg_hierarchies_version(tree->hierarchies, c));
	}
}

static void test_v1(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	static const int expected[CG_CONTROLLERS] = {
		[CG_CPU] = 1, [CG_CPUACCT] = 1, [CG_CPUSET] = 1, [CG_MEMORY] = 1, [CG_IO] = 1, [CG_CORE] = 1
	};
	const CgHierarchies *h;

	tree_write(&tree, "cpu,cpuacct/", "");
	tree_write(&tree, "cpuset/", "");
	tree_write(&tree, "memory/", "");
	tree_write(&tree, "blkio/", "");
	tree_write(&tree, "systemd/", "");
	tree_write(&tree, "devices/", "");
	tree_write(&tree, "pids", "a file is no hierarchy");
	assert_int_equal(symlinkat("cpu,cpuacct", tree.fd, "cpu"), 0);
	assert_versions(&tree, expected);
	h = tree_hierarchies(&tree);
	assert_ptr_equal(hierarchy_of(h, CG_CPU), hierarchy_of(h, CG_CPUACCT));
	assert_null(hierarchy_of(h, CG_PIDS));
}

static void test_hybrid(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	static const int expected[CG_CONTROLLERS] = {
		[CG_CPU] = 1, [CG_CPUACCT] = 2, [CG_MEMORY] = 1, [CG_PIDS] = 2, [CG_CORE] = 2
	};

	tree_write(&tree, "cpu/", "");
	tree_write(&tree, "memory/", "");
	tree_write(&tree, "systemd/", "");
	tree_write(&tree, "unified/cgroup.controllers", "pids memory\n");
	assert_versions(&tree, expected);
}

static void test_v2(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	static const int expected[CG_CONTROLLERS] = { [CG_CPU] = 2, [CG_CPUACCT] = 2, [CG_CPUSET] = 2, [CG_MEMORY] = 2,
						      [CG_IO] = 2,  [CG_PIDS] = 2,    [CG_CORE] = 2 };

	tree_write(&tree, "cgroup.controllers", "cpuset cpu io memory pids rdma misc\n");
	tree_write(&tree, "memory/", "");
	assert_versions(&tree, expected);
}

static void test_v2_without_controllers(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	static const int expected[CG_CONTROLLERS] = { [CG_CPUACCT] = 2, [CG_CORE] = 2 };

	tree_write(&tree, "cgroup.controllers", "\n");
	assert_versions(&tree, expected);
}

static void test_nothing(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GError) error = NULL;

	tree_write(&tree, "devices/", "");
	assert_fails(cg_hierarchies_open_at(tree.fd, &error) != NULL, &error, ENOENT, "no hierarchy");
	assert_fails(cg_hierarchies_open_at(-1, &error) != NULL, &error, EBADF, "captured");
}

static void test_names(void **state)
{
	assert_int_equal(hierarchy_controller("blkio", 5), CG_IO);
	assert_int_equal(hierarchy_controller("io", 2), CG_IO);
	assert_int_equal(hierarchy_controller("cpuacct", 3), CG_CPU);
	assert_int_equal(hierarchy_controller("name=systemd", 12), CG_CORE);
	assert_int_equal(hierarchy_controller("mem", 3), CG_CONTROLLERS);
	assert_int_equal(hierarchy_controller("", 0), CG_CONTROLLERS);
	assert_string_equal(cg_controller_name(CG_IO), "io");
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		assert_string_not_equal(cg_controller_name(c), "unknown");
}

/* A daemon in a container sees its own part of the hierarchy mounted as the whole. */
static void test_prefix(void **state)
{
	char where[] = "/sys/fs/cgroup", docker[] = "/docker/abc", up[] = "/../..";
	struct hierarchy hierarchy = { .where = where, .prefix = docker };
	g_autoptr(GError) error = NULL;
	static const struct {
		const char *path, *stripped;
	} cases[] = { { "/docker/abc", "/" },
		      { "/docker/abc/x/y", "/x/y" },
		      { "/docker/abc/a..b", "/a..b" },
		      { "/docker/abc/..b", "/..b" } };

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = hierarchy_strip(&hierarchy, cases[i].path, "f", NULL);

		assert_string_equal(path, cases[i].stripped);
	}
	assert_fails(hierarchy_strip(&hierarchy, "/docker/abcd", "f", &error) != NULL, &error, EINVAL, "not below");
	assert_fails(hierarchy_strip(&hierarchy, "/docker/abc/../x", "f", &error) != NULL, &error, EINVAL, "outside");
	assert_fails(hierarchy_strip(&hierarchy, "/docker/abc/x/..", "f", &error) != NULL, &error, EINVAL, "outside");
	/* A hierarchy mounted from above the daemon's cgroup namespace. */
	hierarchy.prefix = up;
	{
		g_autofree char *path = hierarchy_strip(&hierarchy, "/../../x", "f", NULL);

		assert_string_equal(path, "/x");
	}
	assert_fails(hierarchy_strip(&hierarchy, "/../../../x", "f", &error) != NULL, &error, EINVAL, "outside");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v1),      cmocka_unit_test(test_hybrid),
		cmocka_unit_test(test_v2),      cmocka_unit_test(test_v2_without_controllers),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_names),
		cmocka_unit_test(test_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
