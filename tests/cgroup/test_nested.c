/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/nested.h"

#include "tests/cgroup/tree.h"

#include "tests/cgroup/descriptors.h"

#include <sys/stat.h>

static const struct tree_file files[] = {
	{ "cgroup.controllers", "cpu memory\n" }, { "cgroup.procs", "1\n" },
	{ "c/cgroup.procs", "10\n11\n" },         { "c/cgroup.threads", "10\n11\n12\n" },
	{ "c/cgroup.controllers", "memory\n" },   { "c/memory.current", "4096\n" },
	{ "c/x/cgroup.procs", "20\n" },           { "c/x/y/cgroup.procs", "30\n" },
	{ "c/x/y/memory.current", "1\n" },        { "c/z/cgroup.procs", "" },
	{ "other/cgroup.procs", "99\n" },         { "other/memory.current", "secret\n" },
};

static struct tree v2_tree(void)
{
	struct tree tree = tree_new();

	tree_write_all(&tree, files, G_N_ELEMENTS(files));
	return tree;
}

static char *text_of(CgGroup *group, const char *name)
{
	GString *text = g_string_new(NULL);
	bool present;

	assert_true(cg_group_file(group, CG_MEMORY, name, text, &present, NULL));
	if (present)
		return g_string_free(text, FALSE);
	g_string_free(text, TRUE);
	return NULL;
}

static void assert_file(CgGroup *group, const char *name, const char *expected)
{
	g_autofree char *text = text_of(group, name);

	assert_int_equal(cg_group_has_file(group, CG_MEMORY, name), expected != NULL);
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
}

static void test_files(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));

	assert_file(group, "memory.current", "4096\n");
	assert_file(group, "memory.max", NULL);
	assert_true(cg_group_own_ids(group, CG_CORE, false, ids, NULL));
	assert_int_equal(ids->len, 2); /* those within are others' */
	assert_true(cg_group_own_ids(group, CG_CORE, true, ids, NULL));
	assert_int_equal(ids->len, 5);
	assert_true(cg_group_enabled(group, CG_MEMORY) && cg_group_enabled(group, CG_CORE));
	assert_true(cg_group_has(group, CG_CPU));
	assert_false(cg_group_enabled(group, CG_CPU));
	assert_false(cg_group_has(group, CG_PIDS));
}

static void test_gone(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	bool present;

	tree_remove(&tree, "c");
	assert_fails(cg_group_file(group, CG_MEMORY, "memory.current", text, &present, &error), &error, ESRCH,
		     "memory.current");
}

static uint32_t child(CgGroup *group, const char *name)
{
	uint32_t number = cg_group_child(group, CG_CORE, name);

	assert_in_range(number, 1, CG_NESTED_MOST);
	return number;
}

static CgGroup *nested(CgGroup *group, uint32_t number)
{
	g_autoptr(GError) error = NULL;
	CgGroup *found = cg_group_nested(group, CG_CORE, number, &error);

	if (!found && !g_error_matches(error, CG_ERROR, ENOENT))
		fail_msg("%s", error ? error->message : "no error");
	return found;
}

static void test_children(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	g_autoptr(GArray) children = NULL;
	const struct cg_nested *all;

	assert_int_equal(symlinkat("../other", tree.fd, "c/link"), 0);
	children = cg_group_children(group, CG_CORE, NULL);
	assert_int_equal(children->len, 2);
	all = (const struct cg_nested *)(void *)children->data;
	assert_true(all[0].number < all[1].number);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(all[i].number, child(group, all[i].name));
	assert_string_not_equal(all[0].name, all[1].name);
}

static uint64_t count(struct tree *tree, const char *path, enum cg_controller controller)
{
	g_autoptr(CgGroup) group = tree_group(tree, path);
	g_autoptr(GError) error = NULL;
	uint64_t n = 0;

	if (!cg_group_count(group, controller, &n, &error))
		fail_msg("%s", error->message);
	return n;
}

static void test_count(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();

	assert_int_equal(symlinkat("../other", tree.fd, "c/link"), 0);
	assert_int_equal(count(&tree, "/c", CG_CORE), 4);
	assert_int_equal(count(&tree, "/c/x", CG_CORE), 2);
	assert_int_equal(count(&tree, "/c/z", CG_CORE), 1);
	tree_write(&tree, "c/cgroup.stat", "nr_descendants 2000\nnr_dying_descendants 5\n");
	assert_int_equal(count(&tree, "/c", CG_CORE), 2001);
}

static void test_count_of_v1(void **state)
{
	static const struct tree_file here[] = { { "memory/c/a/tasks", "" },   { "memory/c/b/d/tasks", "" },
						 { "pids/c/tasks", "" },       { "memory/cgroup.procs", "" },
						 { "pids/cgroup.procs", "" },  { "memory/c/cgroup.procs", "" },
						 { "pids/c/cgroup.procs", "" } };
	cg_cleanup(tree_free) struct tree tree = tree_new();

	tree_write_all(&tree, here, G_N_ELEMENTS(here));
	assert_int_equal(count(&tree, "/c", CG_MEMORY), 4);
	assert_int_equal(count(&tree, "/c", CG_PIDS), 1);
}

/* Whatever the name is, it is that of a directory right below. */
static void test_names(void **state)
{
	static const char *const names[] = { "",  ".",      "..",   "../other",     "x/y",
					     "/", "/other", "link", "cgroup.procs", "nothing" };
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");

	assert_int_equal(symlinkat("../other", tree.fd, "c/link"), 0);
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
		assert_int_equal(cg_group_child(group, CG_CORE, names[i]), 0);
}

static void test_nested(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c"), x = nested(group, child(group, "x")), y = NULL;
	uint32_t number = child(x, "y");

	y = nested(group, number); /* from the container, two levels down */
	assert_non_null(y);
	assert_string_equal(cg_group_paths(y)->of[CG_MEMORY], "/c/x/y");
	assert_file(y, "memory.current", "1\n");
	assert_null(nested(group, 0));
	assert_null(nested(x, child(group, "x"))); /* itself is not within */
	assert_null(nested(x, child(group, "z"))); /* nor what is beside it */
}

/* A number of another container's cgroup leads nowhere, also after a look at it elsewhere. */
static void test_others(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) root = tree_group(&tree, "/"), group = tree_group(&tree, "/c"), found = NULL;
	uint32_t number = child(root, "other");

	found = nested(root, number);
	assert_file(found, "memory.current", "secret\n");
	assert_null(nested(group, number));
}

static void rename_in(const struct tree *tree, const char *from, const char *to)
{
	assert_int_equal(renameat(tree->fd, from, tree->fd, to), 0);
}

/* It is found where it is now, and what has its old name is another one. */
static void test_renamed(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c"), before = NULL, after = NULL;
	uint32_t x = child(group, "x");

	before = nested(group, x);
	rename_in(&tree, "c/x", "c/w");
	rename_in(&tree, "c/z", "c/x");
	after = nested(group, x);
	assert_non_null(after);
	assert_string_equal(cg_group_paths(after)->of[CG_CORE], "/c/w");
	rename_in(&tree, "c/w", "other/w"); /* out of the container */
	assert_null(nested(group, x));
}

static void test_removed(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c"), x = NULL;
	uint32_t number = child(group, "x");

	x = nested(group, number);
	assert_non_null(x);
	tree_remove(&tree, "c/x");
	assert_null(nested(group, number));
}

/* A place where a link was put in the meantime is not entered. */
static void test_link_in_place(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c"), x = NULL;
	uint32_t number = child(group, "x");

	x = nested(group, number);
	assert_non_null(x);
	rename_in(&tree, "c/x", "other/x");
	assert_int_equal(symlinkat("../other/x", tree.fd, "c/x"), 0);
	assert_null(nested(group, number));
}

/* In one hierarchy the container is in the root, which is everybody's. */
static void test_guest(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	g_autoptr(CgGroup) group = NULL, inner = NULL;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GArray) children = NULL;

	tree_write(&tree, "memory/c/inner/memory.usage_in_bytes", "7\n");
	tree_write(&tree, "cpu/cgroup.procs", "1\n2\n");
	tree_write(&tree, "cpu/inner/cpu.shares", "77\n");
	assert_true(cg_paths_parse(tree_hierarchies(&tree), "3:memory:/c\n2:cpu:/\n", "f", &paths, NULL));
	group = cg_group_open(tree.hierarchies, &paths, NULL);
	assert_false(cg_group_has(group, CG_CPU));
	assert_false(cg_group_has_file(group, CG_CPU, "cgroup.procs"));
	assert_true(cg_group_own_ids(group, CG_CPU, false, ids, NULL));
	assert_int_equal(ids->len, 0);
	children = cg_group_children(group, CG_CPU, NULL);
	assert_int_equal(children->len, 0);
	inner = cg_group_nested(group, CG_MEMORY, cg_group_child(group, CG_MEMORY, "inner"), NULL);
	assert_non_null(inner);
	assert_false(cg_group_has(inner, CG_CPU)); /* "/inner" there is somebody else's */
}

/* What is in the root everywhere is the host. */
static void test_host(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) root = tree_group(&tree, "/"), group = NULL;

	assert_true(cg_group_has(root, CG_MEMORY));
	group = nested(root, child(root, "c"));
	assert_file(group, "memory.current", "4096\n");
}

/* Wide and deep crowds are bounded, and cost no descriptors. */
static void test_bounds(void **state)
{
	cg_cleanup(tree_free) struct tree tree = v2_tree();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	g_autoptr(GArray) children = NULL;
	unsigned before = descriptors_open();

	for (unsigned i = 0; i < 1100; i++) {
		g_autofree char *name = g_strdup_printf("c/z/%u/", i);

		tree_write(&tree, name, "");
	}
	{
		g_autoptr(CgGroup) z = nested(group, child(group, "z"));

		children = cg_group_children(z, CG_CORE, NULL);
	}
	assert_int_equal(children->len, 1024);
	assert_null(nested(group, 1)); /* a search to the end */
	assert_int_equal(descriptors_open(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),         cmocka_unit_test(test_gone),
		cmocka_unit_test(test_children),      cmocka_unit_test(test_names),
		cmocka_unit_test(test_nested),        cmocka_unit_test(test_others),
		cmocka_unit_test(test_renamed),       cmocka_unit_test(test_removed),
		cmocka_unit_test(test_link_in_place), cmocka_unit_test(test_guest),
		cmocka_unit_test(test_host),          cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_count),         cmocka_unit_test(test_count_of_v1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
