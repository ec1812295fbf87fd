/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

#define NO_LIMIT "9223372036854771712\n"

static const struct tree_file files[] = {
	{ "memory/c/memory.limit_in_bytes", "8000\n" },
	{ "memory/c/memory.usage_in_bytes", "5000\n" },
	{ "memory/c/memory.memsw.limit_in_bytes", "9000\n" },
	{ "memory/c/memory.memsw.usage_in_bytes", "5400\n" },
	{ "memory/c/memory.stat",
	  "cache 1\nrss 2\nrss_huge 3\nshmem 4\nmapped_file 5\ninactive_file 6\nactive_file 7\n"
	  "hierarchical_memory_limit 8000\ntotal_cache 101\ntotal_rss 102\ntotal_rss_huge 103\n"
	  "total_shmem 104\ntotal_mapped_file 105\ntotal_dirty 106\ntotal_writeback 107\ntotal_swap 9\n"
	  "total_swapcached 108\ntotal_pgpgin 9\npgfault 8\ntotal_pgfault 12\ntotal_pgmajfault 3\ntotal_inactive_anon "
	  "109\ntotal_active_anon 110\n"
	  "total_inactive_file 111\ntotal_active_file 112\ntotal_unevictable 113\n" },
	{ "memory/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n" },
	{ "memory/c/memory.numa_stat",
	  "total=1 N0=1\nfile=1 N0=1\nanon=0 N0=0\nunevictable=0 N0=0\nhierarchical_total=7 N0=5 N1=2\n"
	  "hierarchical_file=4 N0=3 N1=1\nhierarchical_anon=2 N0=1 N1=1\nhierarchical_unevictable=1 N0=1 N1=0\n" },
	{ "cpu,cpuacct/c/cpu.cfs_quota_us", "20000\n" },
	{ "cpu,cpuacct/c/cpu.cfs_period_us", "50000\n" },
	{ "cpu,cpuacct/c/cpu.shares", "512\n" },
	{ "cpu,cpuacct/c/cpu.stat", "nr_periods 1\nnr_throttled 1\nthrottled_time 77999\n" },
	{ "cpu,cpuacct/c/cpuacct.usage_percpu", "3000000 1000000 \n" },
	{ "cpu,cpuacct/c/cpuacct.usage_all", "cpu user system\n0 2000 1000\n1 1000 0\n" },
	{ "cpu,cpuacct/c/cpuacct.stat", "user 1\nsystem 1\n" },
	{ "cpuset/c/cpuset.effective_cpus", "0-1\n" },
	{ "cpuset/c/cpuset.effective_mems", "0\n" },
	{ "cpuset/c/cpuset.cpus", "0-7\n" },
	{ "cpuset/c/cpuset.mems", "0-1\n" },
	{ "pids/c/pids.max", "100\n" },
	{ "pids/c/pids.current", "12\n" },
	{ "blkio/c/blkio.throttle.io_service_bytes_recursive",
	  "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 0\n8:0 Async 12288\n"
	  "8:0 Discard 0\n8:0 Total 12288\nTotal 12288\n" },
	{ "blkio/c/blkio.throttle.io_serviced_recursive", "8:0 Read 1\n8:0 Write 2\nTotal 3\n" },
	{ "hugetlb/c/hugetlb.2MB.limit_in_bytes", "9223372036852678656\n" },
	{ "hugetlb/c/hugetlb.2MB.usage_in_bytes", "2097152\n" },
	{ "hugetlb/c/hugetlb.2MB.numa_stat", "total=0 N0=0\nhierarchical_total=2097152 N0=2097152\n" },
	{ "hugetlb/c/hugetlb.1GB.limit_in_bytes", "1073741824\n" },
	{ "hugetlb/c/hugetlb.1GB.usage_in_bytes", "0\n" },
};

static struct tree host(void)
{
	struct tree tree = tree_new();

	tree_write_all(&tree, files, G_N_ELEMENTS(files));
	tree_write(&tree, "systemd/c/", "");
	return tree;
}

static void test_memory(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	static const struct cg_memory_stat expected = {
		.file = 101,
		.anon = 102,
		.anon_thp = 103,
		.shmem = 104,
		.file_mapped = 105,
		.file_dirty = 106,
		.file_writeback = 107,
		.swapcached = 108,
		.inactive_anon = 109,
		.active_anon = 110,
		.inactive_file = 111,
		.active_file = 112,
		.unevictable = 113,
	};
	struct cg_memory memory;

	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 8000, 0);
	assert_limit(memory.high, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_limit(memory.headroom, 3000, 0);
	assert_limit(memory.slack, 3000 + 111 + 112, 0);
	assert_int_equal(memory.usage, 5000);
	assert_true(memory.has_swap);
	assert_limit(memory.swap_limit, 1000, 0);
	assert_int_equal(memory.swap_usage, 400);
	assert_limit(memory.swap_headroom, 600, 0);
	assert_memory_equal(&memory.stat, &expected, sizeof(expected));
}

static void test_numa(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	assert_true(cg_group_numa(group, &numa, NULL));
	assert_int_equal(numa.n, 2);
	assert_int_equal(numa.node[0].usage, 5 * page);
	assert_int_equal(numa.node[1].usage, 2 * page);
	assert_int_equal(numa.node[0].stat.file, 3 * page);
	assert_int_equal(numa.node[1].stat.anon, page);
	assert_int_equal(numa.node[0].stat.unevictable, page);
}

static void test_events(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	static const struct cg_memory_events expected = { .pgfault = 12, .pgmajfault = 3, .oom_kill = 4 };
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
	struct cg_memory_events events;

	assert_true(cg_group_memory_events(group, &events, NULL));
	assert_memory_equal(&events, &expected, sizeof(expected));
	assert_true(cg_group_hugetlb_numa(group, 2 << 20, &numa, NULL));
	assert_int_equal(numa.node[0].usage, 2097152);
}

static void test_unlimited(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = NULL;
	struct cg_memory memory;
	struct cg_cpu cpu;
	uint64_t throttled_us;

	tree_write(&tree, "memory/c/memory.limit_in_bytes", NO_LIMIT);
	tree_write(&tree, "memory/c/memory.memsw.limit_in_bytes", NO_LIMIT);
	tree_write(&tree, "cpu,cpuacct/c/cpu.cfs_quota_us", "-1\n");
	group = tree_group(&tree, "/c");
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_limit(memory.headroom, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_limit(memory.slack, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_limit(memory.swap_limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_int_equal(memory.usage, 5000);
	assert_int_equal(memory.swap_usage, 400);
	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.quota_us, CG_UNLIMITED);
	assert_int_equal(cpu.quota.level, CG_LEVEL_NONE);
	assert_true(cg_group_throttled(group, &cpu.quota, &throttled_us, NULL));
	assert_int_equal(throttled_us, 77);
}

static void test_no_swap_accounting(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = NULL;
	struct cg_memory memory;

	tree_remove(&tree, "memory/c/memory.memsw.limit_in_bytes");
	tree_remove(&tree, "memory/c/memory.memsw.usage_in_bytes");
	group = tree_group(&tree, "/c");
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_false(memory.has_swap);
	assert_limit(memory.swap_limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_int_equal(memory.swap_usage, 0);
}

static void test_cpu(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	cg_cleanup(cg_cputime_clear) struct cg_cputime time = { 0 };
	struct cg_cpu cpu;
	uint64_t throttled_us;

	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.quota_us, 20000);
	assert_int_equal(cpu.quota.period_us, 50000);
	assert_true(cg_group_shares(group, &cpu.shares, NULL));
	assert_int_equal(cpu.shares, 512);
	assert_true(cg_group_throttled(group, &cpu.quota, &throttled_us, NULL));
	assert_int_equal(throttled_us, 77);
	assert_true(cg_group_cputime(group, &time, NULL));
	assert_int_equal(time.usage_us, 4000);
	assert_int_equal(time.user_us, 3000);
	assert_int_equal(time.system_us, 1000);
	assert_int_equal(time.n_percpu, 2);
	assert_int_equal(time.percpu_us[0], 3000);
	assert_int_equal(time.percpu_us[1], 1000);
	cg_cputime_clear(&time);
	/* Before 4.7 only ticks tell user from system. */
	tree_remove(&tree, "cpu,cpuacct/c/cpuacct.usage_all");
	cg_group_trim(group);
	assert_true(cg_group_cputime(group, &time, NULL));
	assert_int_equal(time.user_us, 2000);
}

static void test_cpuset(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	struct cg_cpumask cpus, mems;

	assert_true(cg_group_cpus(group, &cpus, NULL) && cg_group_mems(group, &mems, NULL));
	assert_int_equal(cpus.word[0], 3);
	assert_int_equal(mems.word[0], 1);
	tree_remove(&tree, "cpuset/c/cpuset.effective_cpus");
	tree_remove(&tree, "cpuset/c/cpuset.effective_mems");
	cg_group_trim(group);
	assert_true(cg_group_cpus(group, &cpus, NULL) && cg_group_mems(group, &mems, NULL));
	assert_int_equal(cpus.word[0], 0xff);
	assert_int_equal(mems.word[0], 3);
}

static void test_others(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	struct cg_pressure pressure;
	struct cg_hugetlb huge;
	struct cg_pids pids;

	assert_true(cg_group_pids(group, &pids, NULL));
	assert_limit(pids.limit, 100, 0);
	assert_int_equal(pids.current, 12);
	assert_true(cg_group_io(group, &io, NULL));
	assert_int_equal(io.n, 1);
	assert_int_equal(io.device[0].wbytes, 8192);
	assert_int_equal(io.device[0].wios, 2);
	assert_true(cg_group_hugetlb(group, 2 << 20, &huge, NULL));
	assert_limit(huge.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_int_equal(huge.usage, 2097152);
	assert_true(cg_group_hugetlb(group, 1 << 30, &huge, NULL));
	assert_limit(huge.limit, 1 << 30, 0);
	assert_true(cg_group_pressure(group, CG_PRESSURE_IO, &pressure, NULL));
	assert_false(pressure.some.present);
}

static bool read_all(CgGroup *group, GError **error)
{
	cg_cleanup(cg_cputime_clear) struct cg_cputime time = { 0 };
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	struct cg_memory memory;
	struct cg_hugetlb huge;
	struct cg_cpumask cpus, mems;
	struct cg_pids pids;
	struct cg_memory_events events;
	struct cg_cpu cpu;
	uint64_t throttled_us;

	return cg_group_memory(group, &memory, error) && cg_group_numa(group, &numa, error) &&
	       (cg_numa_clear(&numa), cg_group_hugetlb_numa(group, 2 << 20, &numa, error)) &&
	       cg_group_memory_events(group, &events, error) && cg_group_cpus(group, &cpus, error) &&
	       cg_group_mems(group, &mems, error) && cg_group_quota(group, &cpu.quota, error) &&
	       cg_group_shares(group, &cpu.shares, error) &&
	       cg_group_throttled(group, &cpu.quota, &throttled_us, error) && cg_group_cputime(group, &time, error) &&
	       cg_group_pids(group, &pids, error) && cg_group_hugetlb(group, 2 << 20, &huge, error) &&
	       cg_group_hugetlb(group, 1 << 30, &huge, error) && cg_group_io(group, &io, error);
}

/* Files that are only read where another one is missing. */
static bool is_fallback(const char *name)
{
	return g_str_has_suffix(name, "cpuacct.stat") || g_str_has_suffix(name, "cpuset.cpus") ||
	       g_str_has_suffix(name, "cpuset.mems");
}

static void test_malformed(void **state)
{
	static const char *const rubbish[] = { "rubbish\n",          "-5\n",     "18446744073709551616\n",
					       "total_cache 1\ntot", "1  2 3\n", " \n" };
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(rubbish) && !is_fallback(files[i].name); j++) {
			g_autoptr(GError) error = NULL;

			cg_group_trim(group);
			tree_write(&tree, files[i].name, rubbish[j]);
			assert_fails(read_all(group, &error), &error, EINVAL, files[i].name);
		}
		cg_group_trim(group);
		tree_write(&tree, files[i].name, files[i].text);
		assert_true(read_all(group, NULL));
	}
	tree_write(&tree, "cpu,cpuacct/c/cpu.cfs_period_us", "0\n");
	cg_group_trim(group);
	assert_false(read_all(group, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_numa),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_unlimited),
		cmocka_unit_test(test_no_swap_accounting),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_cpuset),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
