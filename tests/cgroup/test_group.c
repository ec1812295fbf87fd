/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

#include "tests/cgroup/descriptors.h"

#include <sys/stat.h>

static struct tree host(void)
{
	struct tree tree = tree_new();

	tree_write(&tree, "cgroup.controllers", "memory cpu pids\n");
	tree_write(&tree, "a/memory.max", "9000\n");
	tree_write(&tree, "a/memory.current", "8000\n");
	tree_write(&tree, "a/memory.stat", "anon 1\nfile 2\n");
	tree_write(&tree, "a/c/memory.max", "1000\n");
	tree_write(&tree, "a/c/memory.current", "10\n");
	tree_write(&tree, "a/c/memory.stat", "anon 1\nfile 2\n");
	return tree;
}

static void test_open(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/a/c");
	g_autoptr(GError) error = NULL;
	struct cg_paths paths = { 0 };
	CgGroup *other;

	assert_fails(tree_open(&tree, "/a/x", &error) != NULL, &error, ESRCH, "/a/x");
	assert_fails(tree_open(&tree, "/a/memory.max", &error) != NULL, &error, ENOTDIR, "/a/memory.max");
	other = cg_group_ref(group);
	cg_group_unref(other);
	assert_false(cg_group_gone(group));
	/* No controller at all: no limits, and nobody to list. */
	other = cg_group_open(tree.hierarchies, &paths, NULL);
	assert_non_null(other);
	{
		g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
		struct cg_memory memory;

		assert_true(cg_group_memory(other, &memory, NULL));
		assert_limit(memory.limit, CG_UNLIMITED, CG_LEVEL_NONE);
		assert_true(cg_group_processes(other, ids, NULL));
		assert_int_equal(ids->len, 0);
	}
	cg_group_unref(other);
	cg_group_unref(NULL);
}

/* Gone is for good, even if another of the same name comes. */
static void test_gone(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) read = tree_group(&tree, "/a/c"), asked = tree_group(&tree, "/a/c");
	g_autoptr(GError) error = NULL;
	struct cg_memory memory = { .usage = 77 };
	struct cg_cpu cpu;

	tree_remove(&tree, "a/c");
	tree_write(&tree, "a/c/memory.max", "1\n");
	tree_write(&tree, "a/c/memory.current", "1\n");
	assert_fails(cg_group_memory(read, &memory, &error), &error, ESRCH, "/a/c");
	assert_int_equal(memory.usage, 77);
	assert_fails(cg_group_quota(read, &cpu.quota, &error), &error, ESRCH, NULL);
	assert_false(cg_group_quota(read, &cpu.quota, NULL));
	assert_true(cg_group_gone(read));
	assert_true(cg_group_gone(asked));
	assert_fails(cg_group_memory(asked, &memory, &error), &error, ESRCH, NULL);
}

enum { DEPTH = 60, MOST_KEPT = 16 * 4 };

/* A limit at each level, the smallest at the top; the path of the lowest. */
static char *deep(const struct tree *tree)
{
	GString *path = g_string_new(NULL);

	tree_write(tree, "cgroup.controllers", "memory cpu pids\n");
	for (unsigned level = DEPTH; level-- > 0;) {
		g_autofree char *max = NULL, *current = NULL, *stat = NULL;
		g_autofree char *limit = g_strdup_printf("%u\n", 2000 - level);

		g_string_append(path, "/d");
		max = g_strconcat(path->str, "/memory.max", NULL);
		current = g_strconcat(path->str, "/memory.current", NULL);
		stat = g_strconcat(path->str, "/memory.stat", NULL);
		tree_write(tree, max, limit);
		tree_write(tree, current, "1000\n");
		tree_write(tree, stat, "anon 1\nfile 2\n");
	}
	return g_string_free(path, FALSE);
}

/* The limit at the top counts however deep the cgroup is, and costs no more descriptors. */
static void test_deep(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autofree char *path = deep(&tree);
	g_autoptr(CgGroup) group = tree_group(&tree, path);
	unsigned before = descriptors_open();

	for (unsigned i = 0; i < 2; i++) {
		struct cg_memory memory;

		assert_true(cg_group_memory(group, &memory, NULL));
		assert_limit(memory.limit, 2000 - (DEPTH - 1), DEPTH - 1);
		assert_limit(memory.headroom, 1000 - (DEPTH - 1), DEPTH - 1);
	}
	assert_in_range(descriptors_open(), before, before + MOST_KEPT);
	cg_group_trim(group);
	assert_int_equal(descriptors_open(), before);
}

enum { LIMIT = 64, CLOSE = LIMIT - 12 };

/* Near the limit of this process no file is kept, but the figures are right; a directory above may be. */
static void test_near_the_limit(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	struct rlimit former, limit;
	g_autoptr(CgGroup) group = NULL;
	struct cg_memory memory;
	int others[LIMIT];
	unsigned before, n = 0;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &former), 0);
	limit = (struct rlimit){ LIMIT, former.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	group = tree_group(&tree, "/a/c");
	do {
		others[n] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(others[n] >= 0);
	} while (others[n++] < CLOSE);
	before = descriptors_open();
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 1000, 0);
	assert_in_range(descriptors_open(), before, before + 1);
	while (n > 0)
		close(others[--n]);
	before = descriptors_open();
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_in_range(descriptors_open(), before + 2, before + MOST_KEPT);
	descriptors_restore(former);
}

/* However few descriptors there are: the right figures or EMFILE, and the cgroup is not taken for gone. */
static void test_few_descriptors(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autofree char *path = deep(&tree);
	g_autoptr(CgGroup) group = tree_group(&tree, path);
	unsigned failed = 0;

	for (unsigned spare = 0; spare < 2 * MOST_KEPT; spare++) {
		struct rlimit former = descriptors_limit(spare);
		g_autoptr(GError) error = NULL;
		struct cg_memory memory;
		bool read = cg_group_memory(group, &memory, &error);

		descriptors_restore(former);
		assert_false(cg_group_gone(group));
		if (!read)
			assert_fails(read, &error, EMFILE, g_strerror(EMFILE));
		else
			assert_limit(memory.limit, 2000 - (DEPTH - 1), DEPTH - 1);
		failed += !read;
		cg_group_trim(group);
	}
	/* Besides the kept ones: a file, and a directory above with the next one. */
	assert_in_range(failed, 1, MOST_KEPT + 3);
}

enum { READERS = 4, ROUNDS = 400 };

struct race {
	CgGroup *group;
	atomic_uint wrong;
	atomic_bool stop;
};

static gpointer race_read(gpointer data)
{
	struct race *race = data;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct cg_memory memory;

		if (!cg_group_memory(race->group, &memory, NULL) || memory.limit.value != 1000 ||
		    memory.headroom.value != 990)
			atomic_fetch_add(&race->wrong, 1);
	}
	return NULL;
}

static gpointer race_trim(gpointer data)
{
	struct race *race = data;

	while (!atomic_load(&race->stop))
		cg_group_trim(race->group);
	return NULL;
}

static void test_threads(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/a/c");
	struct race race = { .group = group };
	GThread *reader[READERS], *trimmer;

	trimmer = g_thread_new("trim", race_trim, &race);
	for (unsigned i = 0; i < READERS; i++)
		reader[i] = g_thread_new("read", race_read, &race);
	for (unsigned i = 0; i < READERS; i++)
		g_thread_join(reader[i]);
	atomic_store(&race.stop, true);
	g_thread_join(trimmer);
	assert_int_equal(atomic_load(&race.wrong), 0);
}

enum { KERNEL_LIMIT = 104857600, REMOVALS = 30 };

/* While it is read it is removed: its limit, then ESRCH, nothing else. */
static gpointer race_until_gone(gpointer data)
{
	struct race *race = data;

	for (;;) {
		g_autoptr(GError) error = NULL;
		struct cg_memory memory;
		bool done = cg_group_memory(race->group, &memory, &error);

		if (done && memory.limit.value == KERNEL_LIMIT)
			continue;
		if (done || !g_error_matches(error, CG_ERROR, ESRCH))
			atomic_fetch_add(&race->wrong, 1);
		return NULL;
	}
}

/*
 * A real cgroup with a memory limit below a root that we may write to, in this
 * test's own name, to be removed by the caller; NULL where there is none.
 */
static char *kernel_cgroup(CgHierarchies **ret_hierarchies, CgGroup **ret_group)
{
	static const char *const roots[] = { "/sys/fs/cgroup/memory", "/sys/fs/cgroup" };
	static const char *const files[] = { "memory.limit_in_bytes", "memory.max" };
	g_autoptr(CgHierarchies) hierarchies = cg_hierarchies_open_host(NULL);
	int version = hierarchies ? cg_hierarchies_version(hierarchies, CG_MEMORY) : 0;
	g_autofree char *path = NULL, *file = NULL;
	struct cg_paths paths = { 0 };
	FILE *out;

	if (!version)
		return NULL;
	path = g_strdup_printf("%s/procvirt-unit-%d", roots[version - 1], getpid());
	if (mkdir(path, 0755) < 0)
		return NULL;
	file = g_build_filename(path, files[version - 1], NULL);
	out = fopen(file, "w");
	if (!out) {
		rmdir(path);
		return NULL;
	}
	fprintf(out, "%d", KERNEL_LIMIT);
	fclose(out);
	paths.of[CG_MEMORY] = g_strdup(strrchr(path, '/'));
	*ret_group = cg_group_open(hierarchies, &paths, NULL);
	cg_paths_clear(&paths);
	assert_non_null(*ret_group);
	*ret_hierarchies = g_steal_pointer(&hierarchies);
	return g_steal_pointer(&path);
}

static void remove_under_readers(void)
{
	g_autoptr(CgHierarchies) hierarchies = NULL;
	g_autoptr(CgGroup) group = NULL;
	g_autofree char *path = kernel_cgroup(&hierarchies, &group);
	struct race race = { .group = group };
	GThread *reader[READERS];

	if (!path)
		skip();
	for (unsigned i = 0; i < READERS; i++)
		reader[i] = g_thread_new("read", race_until_gone, &race);
	g_usleep(3000);
	assert_int_equal(rmdir(path), 0);
	for (unsigned i = 0; i < READERS; i++)
		g_thread_join(reader[i]);
	assert_int_equal(atomic_load(&race.wrong), 0);
	/* Another cgroup of that name is another's. */
	assert_int_equal(mkdir(path, 0755), 0);
	assert_true(cg_group_gone(group));
	assert_int_equal(rmdir(path), 0);
}

static void test_kernel_removes(void **state)
{
	for (unsigned i = 0; i < REMOVALS; i++)
		remove_under_readers();
}

static void test_kernel_limit(void **state)
{
	g_autoptr(CgHierarchies) hierarchies = NULL;
	g_autoptr(CgGroup) group = NULL;
	g_autofree char *path = kernel_cgroup(&hierarchies, &group);
	struct cg_memory memory;

	if (!path)
		skip();
	assert_false(cg_group_gone(group));
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, KERNEL_LIMIT, 0);
	assert_true(memory.headroom.value <= KERNEL_LIMIT);
	assert_int_equal(rmdir(path), 0);
}

static void write_pressure(const char *path, const char *value)
{
	g_autofree char *file = g_build_filename(path, "cgroup.pressure", NULL);
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	fputs(value, out);
	fclose(out);
}

/* The v2 hierarchy's mount point, with pressure files that can be switched off (6.1); NULL where there is none. */
static const char *v2_root(void)
{
	static const char *const roots[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };

	for (size_t i = 0; i < G_N_ELEMENTS(roots); i++) {
		g_autofree char *file = g_build_filename(roots[i], "cgroup.pressure", NULL);

		if (access(file, W_OK) == 0)
			return roots[i];
	}
	return NULL;
}

/* Files that the kernel takes away from a cgroup that stays, and gives back: kept descriptors of them are dead. */
static void test_kernel_hides_files(void **state)
{
	g_autoptr(CgHierarchies) hierarchies = cg_hierarchies_open_host(NULL);
	const char *root = hierarchies ? v2_root() : NULL;
	g_autofree char *path = g_strdup_printf("%s/procvirt-unit-%d", root, getpid());
	struct cg_pressure pressure;
	g_autoptr(CgGroup) group = NULL;
	struct cg_paths paths = { 0 };

	if (!root || mkdir(path, 0755) < 0)
		skip();
	paths.of[CG_CORE] = g_strdup(strrchr(path, '/'));
	group = cg_group_open(hierarchies, &paths, NULL);
	cg_paths_clear(&paths);
	assert_non_null(group);
	for (unsigned round = 0; round < 3; round++) {
		assert_true(cg_group_pressure(group, CG_PRESSURE_IO, &pressure, NULL));
		assert_true(pressure.some.present);
		write_pressure(path, "0");
		assert_true(cg_group_pressure(group, CG_PRESSURE_IO, &pressure, NULL));
		assert_false(pressure.some.present);
		write_pressure(path, "1");
	}
	assert_int_equal(rmdir(path), 0);
	assert_false(cg_group_pressure(group, CG_PRESSURE_IO, &pressure, NULL));
	assert_true(cg_group_gone(group));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_kernel_removes),
		cmocka_unit_test(test_kernel_limit),
		cmocka_unit_test(test_kernel_hides_files),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_near_the_limit),
		cmocka_unit_test(test_few_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
