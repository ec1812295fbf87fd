/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

#define STAT(file) "anon 1\nfile 2\ninactive_file " file "\nactive_file 1\nslab_reclaimable 1\n"

/* /kube/pod/c: the pod is tighter than its container, the root has files that are nobody's limit. */
static const struct tree_file files[] = {
	{ "cgroup.controllers", "cpuset cpu io memory hugetlb pids\n" },
	{ "memory.max", "1\n" },
	{ "memory.stat", STAT("0") },
	{ "cpu.max", "1 100000\n" },
	{ "pids.max", "1\n" },
	{ "cpuset.cpus.effective", "0-255\n" },
	{ "kube/memory.max", "20000\n" },
	{ "kube/memory.high", "300\n" },
	{ "kube/memory.current", "19990\n" },
	{ "kube/memory.stat", STAT("5000") },
	{ "kube/memory.swap.max", "1000\n" },
	{ "kube/memory.swap.current", "990\n" },
	{ "kube/pids.max", "50\n" },
	{ "kube/cpu.max", "max 100000\n" },
	{ "kube/cpuset.cpus.effective", "0-63\n" },
	{ "kube/pod/memory.max", "4000\n" },
	{ "kube/pod/memory.high", "max\n" },
	{ "kube/pod/memory.current", "3000\n" },
	{ "kube/pod/memory.stat", STAT("100") },
	{ "kube/pod/memory.swap.max", "500\n" },
	{ "kube/pod/memory.swap.current", "100\n" },
	{ "kube/pod/cpu.max", "150000 100000\n" },
	{ "kube/pod/cpu.stat", "usage_usec 9\nuser_usec 9\nsystem_usec 0\nthrottled_usec 1234\n" },
	{ "kube/pod/pids.max", "50\n" },
	{ "kube/pod/cpuset.cpus.effective", "1,3,5\n" },
	{ "kube/pod/c/memory.max", "8000\n" },
	{ "kube/pod/c/memory.high", "max\n" },
	{ "kube/pod/c/memory.current", "2000\n" },
	{ "kube/pod/c/memory.stat", STAT("7") },
	{ "kube/pod/c/memory.swap.max", "max\n" },
	{ "kube/pod/c/memory.swap.current", "50\n" },
	{ "kube/pod/c/cpu.max", "40000 20000\n" },
	{ "kube/pod/c/cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\nthrottled_usec 77\n" },
	{ "kube/pod/c/pids.max", "max\n" },
	{ "kube/pod/c/pids.current", "3\n" },
};

static struct tree kubernetes(void)
{
	struct tree tree = tree_new();

	tree_write_all(&tree, files, G_N_ELEMENTS(files));
	return tree;
}

static void test_memory(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = tree_group(&tree, "/kube/pod/c");
	struct cg_memory memory;

	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 4000, 1);
	assert_limit(memory.high, 300, 2);
	/* Each level with its own use: 8000 - 2000, 4000 - 3000, 20000 - 19990. */
	assert_limit(memory.headroom, 10, 2);
	/* 6000 + 9, 1000 + 102, 10 + 5002. */
	assert_limit(memory.slack, 1102, 1);
	assert_int_equal(memory.usage, 2000);
	assert_int_equal(memory.stat.inactive_file, 7);
	assert_limit(memory.swap_limit, 500, 1);
	assert_limit(memory.swap_headroom, 10, 2);
	assert_int_equal(memory.swap_usage, 50);
}

static void test_level_paths(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = tree_group(&tree, "/kube/pod/c");
	static const char *const expected[] = { "/kube/pod/c", "/kube/pod", "/kube", "/" };

	for (int level = 0; level < 4; level++) {
		g_autofree char *path = cg_group_level_path(group, CG_MEMORY, level);

		assert_string_equal(path, expected[level]);
	}
	assert_null(cg_group_level_path(group, CG_MEMORY, CG_LEVEL_NONE));
}

static void test_quota(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = tree_group(&tree, "/kube/pod/c");
	struct cg_cpu cpu;
	uint64_t throttled_us;

	/* 1.5 CPUs at the pod are less than 2 at the container, though the number is larger. */
	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.quota_us, 150000);
	assert_int_equal(cpu.quota.level, 1);
	assert_true(cg_group_throttled(group, &cpu.quota, &throttled_us, NULL));
	assert_int_equal(throttled_us, 1234);
	tree_write(&tree, "kube/pod/c/cpu.max", "30000 20000\n");
	cg_group_trim(group);
	/* The same ratio: the container's own. */
	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.level, 0);
	assert_true(cg_group_throttled(group, &cpu.quota, &throttled_us, NULL));
	assert_int_equal(throttled_us, 77);
	/* 2 CPUs in numbers whose products need more than 64 bits. */
	tree_write(&tree, "kube/pod/c/cpu.max", "9223372036854775808 4611686018427387904\n");
	cg_group_trim(group);
	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.level, 1);
}

static void test_pids(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = tree_group(&tree, "/kube/pod/c");
	struct cg_pids pids;

	assert_true(cg_group_pids(group, &pids, NULL));
	assert_limit(pids.limit, 50, 1);
	assert_int_equal(pids.current, 3);
}

/* "Own" figures come from the nearest ancestor that has the controller, and never from the root. */
static void test_own_of_ancestor(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) below = NULL, beside = NULL;
	struct cg_memory memory;
	struct cg_cputime time;
	struct cg_cpumask cpus, mems;

	tree_write(&tree, "kube/pod/c/inner/deep/", "");
	tree_write(&tree, "user/", "");
	below = tree_group(&tree, "/kube/pod/c/inner/deep");
	assert_true(cg_group_memory(below, &memory, NULL));
	assert_int_equal(memory.usage, 2000);
	assert_int_equal(memory.stat.inactive_file, 7);
	assert_true(memory.has_swap);
	assert_limit(memory.limit, 4000, 3);
	assert_limit(memory.slack, 1102, 3);
	assert_true(cg_group_cputime(below, &time, NULL));
	assert_int_equal(time.usage_us, 5);
	assert_true(cg_group_cpus(below, &cpus, NULL) && cg_group_mems(below, &mems, NULL));
	assert_int_equal(cpus.word[0], 0x2a);

	beside = tree_group(&tree, "/user");
	assert_true(cg_group_memory(beside, &memory, NULL));
	assert_int_equal(memory.usage, 0);
	assert_int_equal(memory.stat.anon, 0);
	assert_limit(memory.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_true(cg_group_cpus(beside, &cpus, NULL) && cg_group_mems(beside, &mems, NULL));
	assert_int_equal(cpus.word[0], 0);
}

/* The root as a container has figures but no limits. */
static void test_root(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = tree_group(&tree, "/");
	struct cg_memory memory;
	struct cg_cpumask cpus, mems;
	struct cg_pids pids;
	struct cg_cpu cpu;

	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_limit(memory.headroom, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_true(cg_group_pids(group, &pids, NULL));
	assert_limit(pids.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.quota_us, CG_UNLIMITED);
	assert_true(cg_group_cpus(group, &cpus, NULL) && cg_group_mems(group, &mems, NULL));
	assert_int_equal(cpus.word[3], UINT64_MAX);
}

/* More used than allowed (the limit was lowered): nothing is left, and nothing wraps. */
static void test_over_limit(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = NULL;
	struct cg_memory memory;

	tree_write(&tree, "kube/pod/c/memory.max", "1500\n");
	tree_write(&tree, "kube/pod/c/memory.swap.max", "0\n");
	group = tree_group(&tree, "/kube/pod/c");
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 1500, 0);
	assert_limit(memory.headroom, 0, 0);
	assert_limit(memory.slack, 9, 0);
	assert_limit(memory.swap_limit, 0, 0);
	assert_limit(memory.swap_headroom, 0, 0);
}

/* Reclaimable memory of a level is never room above its limit. */
static void test_slack_bound(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = NULL;
	struct cg_memory memory;

	tree_write(&tree, "kube/pod/c/memory.max", "1000\n");
	tree_write(&tree, "kube/pod/c/memory.stat", STAT("18446744073709551615"));
	group = tree_group(&tree, "/kube/pod/c");
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.slack, 1000, 0);
}

/* A limit that changes is seen by the next read, through kept descriptors. */
static void test_change(void **state)
{
	cg_cleanup(tree_free) struct tree tree = kubernetes();
	g_autoptr(CgGroup) group = tree_group(&tree, "/kube/pod/c");
	g_autofree char *path = g_build_filename(tree.path, "kube/pod/memory.max", NULL);
	struct cg_memory memory;
	FILE *file;

	assert_true(cg_group_memory(group, &memory, NULL));
	file = fopen(path, "r+");
	assert_non_null(file);
	fputs("3500\n", file);
	fclose(file);
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 3500, 1);
}

/* Per controller: memory from v1, processes and the rest from v2. */
static void test_hybrid(void **state)
{
	cg_cleanup(tree_free) struct tree tree = tree_new();
	static const struct tree_file hybrid[] = {
		{ "memory/a/memory.limit_in_bytes", "1000\n" },
		{ "memory/a/memory.usage_in_bytes", "10\n" },
		{ "memory/a/memory.stat", "total_cache 1\ntotal_rss 2\n" },
		{ "unified/cgroup.controllers", "pids\n" },
		{ "unified/u/v/pids.max", "7\n" },
		{ "unified/u/v/pids.current", "6\n" },
		{ "unified/u/v/cpu.stat", "usage_usec 3\nuser_usec 2\nsystem_usec 1\n" },
		{ "unified/u/v/memory.max", "5\n" },
		{ "unified/u/v/memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=9\n" },
	};
	struct cg_paths paths = { 0 };
	g_autoptr(CgGroup) group = NULL;
	struct cg_pressure pressure;
	struct cg_memory memory;
	struct cg_cputime time;
	struct cg_pids pids;
	struct cg_cpu cpu;

	tree_write_all(&tree, hybrid, G_N_ELEMENTS(hybrid));
	assert_true(cg_paths_parse(tree_hierarchies(&tree), "4:memory:/a\n0::/u/v\n", "f", &paths, NULL));
	group = cg_group_open(tree_hierarchies(&tree), &paths, NULL);
	assert_non_null(group);
	assert_true(cg_paths_equal(&paths, cg_group_paths(group)));
	cg_paths_clear(&paths);
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 1000, 0);
	assert_true(cg_group_pids(group, &pids, NULL));
	assert_limit(pids.limit, 7, 0);
	assert_true(cg_group_cputime(group, &time, NULL));
	assert_int_equal(time.usage_us, 3);
	assert_true(cg_group_pressure(group, CG_PRESSURE_MEMORY, &pressure, NULL));
	assert_int_equal(pressure.some.total_us, 9);
	/* Nobody has the cpu controller. */
	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.quota_us, CG_UNLIMITED);
	assert_null(cg_group_level_path(group, CG_CPU, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),          cmocka_unit_test(test_level_paths),
		cmocka_unit_test(test_quota),           cmocka_unit_test(test_pids),
		cmocka_unit_test(test_own_of_ancestor), cmocka_unit_test(test_root),
		cmocka_unit_test(test_over_limit),      cmocka_unit_test(test_slack_bound),
		cmocka_unit_test(test_change),          cmocka_unit_test(test_hybrid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
