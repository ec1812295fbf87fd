/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

#include "tests/cgroup/descriptors.h"

#include <limits.h>
#include <sys/stat.h>

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

enum { MOST = 1024, DEEPEST = 64 };

/* One cgroup within another, one process in each. */
static void nest(const struct tree *tree, const char *top, const char *name, unsigned depth)
{
	int fd = openat(tree->fd, top, O_PATH | O_DIRECTORY);

	for (unsigned i = 0; i < depth; i++) {
		int parent = fd, file;

		assert_int_equal(mkdirat(parent, name, 0755), 0);
		fd = openat(parent, name, O_PATH | O_DIRECTORY);
		file = openat(fd, "cgroup.procs", O_WRONLY | O_CREAT, 0644);
		assert_int_equal(write(file, "5\n", 2), 2);
		close(file);
		close(parent);
	}
	close(fd);
}

/* What nest() made, from the inside: no path reaches it. */
static void unnest(int top, const char *name)
{
	int fd = openat(top, name, O_PATH | O_DIRECTORY);

	if (fd < 0)
		return;
	unnest(fd, name);
	assert_int_equal(unlinkat(fd, "cgroup.procs", 0), 0);
	close(fd);
	assert_int_equal(unlinkat(top, name, AT_REMOVEDIR), 0);
}

static unsigned count(CgGroup *group)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(GError) error = NULL;

	if (!cg_group_processes(group, ids, &error))
		fail_msg("%s", error->message);
	return ids->len;
}

/* Nesting costs no descriptors; what is too deep is passed over. */
static void test_deep(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(CgGroup) group = NULL;
	struct rlimit former;

	tree_write(&tree, "memory/c/cgroup.procs", "1\n");
	group = tree_group(&tree, "/c");
	nest(&tree, "memory/c", "d", DEEPEST);
	former = descriptors_limit(4);
	assert_int_equal(count(group), 1 + DEEPEST);
	descriptors_restore(former);
	tree_remove(&tree, "memory/c/d");
	nest(&tree, "memory/c", "d", 3 * DEEPEST);
	assert_int_equal(count(group), 1 + DEEPEST);
}

/* Names so long that no path holds 64 of them. */
static void test_long_names(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autofree char *name = g_strnfill(200, 'n');
	g_autoptr(CgGroup) group = NULL;
	int top;

	tree_write(&tree, "memory/c/cgroup.procs", "1\n");
	group = tree_group(&tree, "/c");
	nest(&tree, "memory/c", name, 30);
	assert_int_equal(count(group), 1 + PATH_MAX / 201);
	top = openat(tree.fd, "memory/c", O_PATH | O_DIRECTORY);
	unnest(top, name);
	close(top);
}

/* A crowd within one nested cgroup is passed over beyond the budget; what is nearer to the container is listed. */
static void test_wide(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(CgGroup) group = NULL;
	unsigned near = 0;

	tree_write(&tree, "memory/c/cgroup.procs", "1\n");
	for (unsigned i = 0; i < 20; i++) {
		g_autofree char *name = g_strdup_printf("memory/c/s%u/cgroup.procs", i);

		tree_write(&tree, name, "7\n");
	}
	for (unsigned i = 0; i < 2 * MOST; i++) {
		g_autofree char *name = g_strdup_printf("memory/c/s3/%u/cgroup.procs", i);

		tree_write(&tree, name, "9\n");
	}
	group = tree_group(&tree, "/c");
	assert_true(cg_group_processes(group, ids, NULL));
	assert_int_equal(ids->len, MOST);
	for (unsigned i = 0; i < ids->len; i++)
		near += g_array_index(ids, pid_t, i) == 7;
	assert_int_equal(near, 20);
}

/* A name of dots is a cgroup's as any other. */
static void test_dots(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(CgGroup) group = NULL;

	tree_write(&tree, "memory/c/cgroup.procs", "1\n");
	tree_write(&tree, "memory/c/.d/cgroup.procs", "2\n");
	tree_write(&tree, "memory/c/.../cgroup.procs", "3\n");
	group = tree_group(&tree, "/c");
	assert_int_equal(count(group), 3);
}

/* However few descriptors there are: all or EMFILE, not a part. */
static void test_few_descriptors(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(CgGroup) group = NULL;

	tree_write(&tree, "memory/c/cgroup.procs", "1\n");
	tree_write(&tree, "memory/c/d/cgroup.procs", "2\n");
	group = tree_group(&tree, "/c");
	for (unsigned spare = 0; spare < 4; spare++) {
		struct rlimit former = descriptors_limit(spare);
		g_autoptr(GError) error = NULL;
		bool done = cg_group_processes(group, ids, &error);

		descriptors_restore(former);
		assert_int_equal(done, spare >= 2);
		assert_int_equal(ids->len, done ? 2 : 0);
		g_array_set_size(ids, 0);
		if (!done)
			assert_fails(done, &error, EMFILE, g_strerror(EMFILE));
		assert_false(cg_group_gone(group));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),         cmocka_unit_test(test_v1),
		cmocka_unit_test(test_large),      cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_gone),       cmocka_unit_test(test_deep),
		cmocka_unit_test(test_long_names), cmocka_unit_test(test_wide),
		cmocka_unit_test(test_dots),       cmocka_unit_test(test_few_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
