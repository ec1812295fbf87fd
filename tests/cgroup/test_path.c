/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/hierarchy.h"
#include "tests/cgroup/tree.h"

static struct tree hybrid(void)
{
	struct tree tree = tree_new();

	tree_write(&tree, "cpu,cpuacct/", "");
	tree_write(&tree, "memory/", "");
	tree_write(&tree, "blkio/", "");
	tree_write(&tree, "unified/cgroup.controllers", "pids\n");
	return tree;
}

static struct tree pure_v2(void)
{
	struct tree tree = tree_new();

	tree_write(&tree, "cgroup.controllers", "cpu memory pids io cpuset hugetlb\n");
	return tree;
}

static bool parse(struct tree *tree, const char *text, struct cg_paths *paths, GError **error)
{
	return cg_paths_parse(tree_hierarchies(tree), text, "/proc/7/cgroup", paths, error);
}

static void test_hybrid(void **state)
{
	cg_cleanup(tree_free) struct tree tree = hybrid();
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	assert_true(parse(&tree,
			  "9:name=systemd:/init\n8:freezer:/f\n4:memory:/a:b/c d\n3:blkio:/io\n2:cpu,cpuacct:/\n0::/u",
			  &paths, NULL));
	assert_string_equal(paths.of[CG_MEMORY], "/a:b/c d");
	assert_string_equal(paths.of[CG_IO], "/io");
	assert_string_equal(paths.of[CG_CPU], "/");
	assert_string_equal(paths.of[CG_CPUACCT], "/");
	assert_string_equal(paths.of[CG_PIDS], "/u");
	assert_string_equal(paths.of[CG_CORE], "/u");
	assert_null(paths.of[CG_CPUSET]);
}

static void test_v2(void **state)
{
	cg_cleanup(tree_free) struct tree tree = pure_v2();
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	assert_true(parse(&tree, "1:net_cls:/x\n0::/a/b\n", &paths, NULL));
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		assert_string_equal(paths.of[c], "/a/b");
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "",
					   "\n",
					   "0::\n",
					   "0:/x\n",
					   "0::x\n",
					   "x::/x\n",
					   "::/x\n",
					   "0::/x\n\n",
					   "-1::/x\n",
					   "0::/x\n0::/y\n",
					   "0::/..\n",
					   "0::/../x\n",
					   "0::/x/../y\n",
					   "7:devices:/x\n",
					   "4:memory",
					   "99999999999999999999::/x\n",
					   " 0::/x\n",
					   "5::/x\n" };
	cg_cleanup(tree_free) struct tree tree = pure_v2();
	struct cg_paths paths = { 0 };
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		assert_fails(parse(&tree, bad[i], &paths, &error), &error, EINVAL, "/proc/7/cgroup");
		assert_null(paths.of[CG_MEMORY]);
	}
	assert_fails(parse(&tree, "0::/x (deleted)\n", &paths, &error), &error, ESRCH, "gone");
}

/* A hierarchy that is not mounted may say what it likes. */
static void test_skipped(void **state)
{
	cg_cleanup(tree_free) struct tree tree = hybrid();
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	assert_true(parse(&tree, "9:freezer:/../x\n8:devices:/y (deleted)\n4:memory:/m\n", &paths, NULL));
	assert_string_equal(paths.of[CG_MEMORY], "/m");
}

#define MOUNT(root, point, type, options) "9 8 0:29 " root " " point " rw,nosuid shared:1 - " type " x " options "\n"
#define OTHER                             MOUNT("/", "/proc", "proc", "rw") MOUNT("/own", "/elsewhere", "cgroup2", "rw")

static void namespace_of(struct tree *tree, const char *mountinfo, const char *own, const char *expected)
{
	cg_cleanup(cg_paths_clear) struct cg_paths from = { 0 };
	cg_cleanup(cg_paths_clear) struct cg_paths to = { 0 };
	g_autofree char *line = g_strdup_printf("0::%s\n", own);
	bool found;

	assert_true(parse(tree, line, &from, NULL));
	assert_true(cg_paths_namespace_root(tree_hierarchies(tree), mountinfo, "m", &from, &to, &found, NULL));
	assert_int_equal(found, expected != NULL);
	assert_string_equal(to.of[CG_MEMORY], expected ? expected : own);
}

static void test_namespace_v2(void **state)
{
	cg_cleanup(tree_free) struct tree tree = pure_v2();

	namespace_of(&tree, OTHER MOUNT("/own", "/sys/fs/cgroup", "cgroup2", "rw"), "/own/init.scope", "/own");
	namespace_of(&tree, OTHER MOUNT("/own", "/sys/fs/cgroup", "cgroup2", "rw"), "/own", "/own");
	namespace_of(&tree, OTHER MOUNT("/a\\040b", "/sys/fs/cgroup", "cgroup2", "rw"), "/a b/c", "/a b");
	/* The host's own mount, another's cgroup, one that only begins alike, another place, v1 by that name. */
	namespace_of(&tree, OTHER MOUNT("/", "/sys/fs/cgroup", "cgroup2", "rw"), "/own", NULL);
	namespace_of(&tree, OTHER MOUNT("/other", "/sys/fs/cgroup", "cgroup2", "rw"), "/own/x", NULL);
	namespace_of(&tree, OTHER MOUNT("/ow", "/sys/fs/cgroup", "cgroup2", "rw"), "/own", NULL);
	namespace_of(&tree, OTHER MOUNT("/own", "/sys/fs/cgroups", "cgroup2", "rw"), "/own/x", NULL);
	namespace_of(&tree, OTHER MOUNT("/own", "/sys/fs/cgroup/memory", "cgroup", "rw,memory"), "/own/x", NULL);
	namespace_of(&tree, OTHER MOUNT("/..", "/sys/fs/cgroup", "cgroup2", "rw"), "/own/x", NULL);
	namespace_of(&tree, "", "/own/x", NULL);
}

static void test_namespace_hybrid(void **state)
{
	cg_cleanup(tree_free) struct tree tree = hybrid();
	cg_cleanup(cg_paths_clear) struct cg_paths own = { 0 };
	cg_cleanup(cg_paths_clear) struct cg_paths to = { 0 };
	bool found = false;

	assert_true(parse(&tree, "4:memory:/d/x/in\n2:cpu,cpuacct:/d/x\n3:blkio:/\n0::/d/x\n", &own, NULL));
	assert_true(cg_paths_namespace_root(tree_hierarchies(&tree),
					    MOUNT("/d/x", "/sys/fs/cgroup/memory", "cgroup", "rw,memory") MOUNT(
						    "/d", "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct")
						    MOUNT("/d/x", "/sys/fs/cgroup/blkio", "cgroup", "rw,blkio"),
					    "m", &own, &to, &found, NULL));
	assert_true(found);
	assert_string_equal(to.of[CG_MEMORY], "/d/x");
	assert_string_equal(to.of[CG_CPU], "/d");
	assert_string_equal(to.of[CG_CPUACCT], "/d");
	assert_string_equal(to.of[CG_IO], "/");
	assert_string_equal(to.of[CG_CORE], "/d/x");
}

static void test_namespace_malformed(void **state)
{
	cg_cleanup(tree_free) struct tree tree = pure_v2();
	struct cg_paths own = { 0 }, to = { 0 };
	g_autoptr(GError) error = NULL;
	bool found;

	assert_fails(cg_paths_namespace_root(tree_hierarchies(&tree), OTHER "9 8 0:29 /x /sys/fs", "mi", &own, &to,
					     &found, &error),
		     &error, EINVAL, "mi");
}

static void assert_writable(struct tree *tree, const char *mountinfo, const char *path, bool expected)
{
	assert_int_equal(cg_path_is_writable(tree_hierarchies(tree), mountinfo, "m", CG_MEMORY, path), expected);
}

#define MOUNTED(options, super, root, type) "33 31 0:30 " root " /x " options " - " type " cgroup " super "\n"

static void test_writable_v2(void **state)
{
	cg_cleanup(tree_free) struct tree tree = pure_v2();

	assert_writable(&tree, MOUNTED("rw,nosuid", "rw,nsdelegate", "/", "cgroup2"), "/own/x", true);
	assert_writable(&tree, MOUNTED("rw", "rw", "/own", "cgroup2"), "/own", true);
	assert_writable(&tree, MOUNTED("ro", "rw", "/", "cgroup2") MOUNTED("rw", "rw", "/own", "cgroup2"), "/own",
			true);
	/* Either is read-only; another cgroup, another kind; words that only begin alike; nothing, and nonsense. */
	assert_writable(&tree, MOUNTED("ro,nosuid", "rw", "/", "cgroup2"), "/own", false);
	assert_writable(&tree, MOUNTED("rw,nosuid", "ro", "/", "cgroup2"), "/own", false);
	assert_writable(&tree, MOUNTED("rw", "rw", "/ow", "cgroup2"), "/own", false);
	assert_writable(&tree, MOUNTED("rw", "rw", "/own/x", "cgroup2"), "/own", false);
	assert_writable(&tree, MOUNTED("rw", "rw", "/..", "cgroup2"), "/own", false);
	assert_writable(&tree, MOUNTED("rw", "rw,memory", "/", "cgroup"), "/own", false);
	assert_writable(&tree, MOUNTED("rw", "rw", "/", "tmpfs"), "/own", false);
	assert_writable(&tree, MOUNTED("rwx", "rw", "/", "cgroup2"), "/own", false);
	assert_writable(&tree, "", "/own", false);
	assert_writable(&tree, "nonsense\n" MOUNTED("rw", "rw", "/", "cgroup2"), "/own", false);
}

static void test_writable_v1(void **state)
{
	cg_cleanup(tree_free) struct tree tree = hybrid();

	assert_writable(&tree, MOUNTED("rw", "rw,memory", "/d", "cgroup"), "/d/x", true);
	assert_writable(&tree, MOUNTED("rw", "rw,cpu,cpuacct", "/d", "cgroup"), "/d/x", false);
	assert_writable(&tree, MOUNTED("rw", "rw", "/", "cgroup2"), "/d/x", false);
}

static void test_words(void **state)
{
	struct cg_paths paths = { 0 }, copy;

	assert_true(cg_path_within("/a/b", "/a"));
	assert_true(cg_path_within("/a", "/a"));
	assert_true(cg_path_within("/a", "/"));
	assert_true(cg_path_within("/", "/"));
	assert_false(cg_path_within("/ab", "/a"));
	assert_false(cg_path_within("/", "/a"));
	paths.of[CG_CPU] = g_strdup("/a/init.scope");
	paths.of[CG_CORE] = g_strdup("/init.scope");
	paths.of[CG_MEMORY] = g_strdup("/ainit.scope");
	paths.of[CG_PIDS] = g_strdup("/init.scope/x");
	cg_paths_copy(&copy, &paths);
	assert_true(cg_paths_equal(&copy, &paths));
	cg_paths_strip_init_scope(&paths);
	assert_false(cg_paths_equal(&copy, &paths));
	assert_string_equal(paths.of[CG_CPU], "/a");
	assert_string_equal(paths.of[CG_CORE], "/init.scope");
	assert_string_equal(paths.of[CG_MEMORY], "/ainit.scope");
	assert_string_equal(paths.of[CG_PIDS], "/init.scope/x");
	cg_paths_clear(&copy);
	cg_paths_clear(&paths);
	assert_null(paths.of[CG_CPU]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hybrid),
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_namespace_v2),
		cmocka_unit_test(test_namespace_hybrid),
		cmocka_unit_test(test_namespace_malformed),
		cmocka_unit_test(test_writable_v2),
		cmocka_unit_test(test_writable_v1),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
