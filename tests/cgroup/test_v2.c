/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

#define STAT                                                                                                          \
	"anon 1000\nfile 2000\nkernel 500\nkernel_stack 11\npagetables 12\nsec_pagetables 13\npercpu 14\nsock "       \
	"15\nvmalloc 9\n"                                                                                             \
	"shmem 16\nzswap 17\nzswapped 18\nfile_mapped 19\nfile_dirty 20\nfile_writeback 21\nswapcached 22\nanon_thp " \
	"23\nfile_thp 24\n"                                                                                           \
	"shmem_thp 25\ninactive_anon 26\nactive_anon 27\ninactive_file 28\nactive_file 29\nunevictable "              \
	"30\nslab_reclaimable 31\n"                                                                                   \
	"slab_unreclaimable 32\nslab 63\nworkingset_refault_anon 5\npgscan 99\npgscan_direct 6\npgfault "             \
	"7\nthp_swpout 8\n"

static const struct tree_file files[] = {
	{ "cgroup.controllers", "cpuset cpu io memory hugetlb pids\n" },
	{ "memory.stat", STAT },
	{ "c/memory.max", "8000\n" },
	{ "c/memory.high", "7000\n" },
	{ "c/memory.current", "5000\n" },
	{ "c/memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\n" },
	{ "c/memory.numa_stat", "anon N0=600 N1=400\nfile N0=2000 N1=0\nslab_reclaimable N0=1 N1=30\n" },
	{ "c/memory.swap.max", "900\n" },
	{ "c/memory.swap.current", "300\n" },
	{ "c/memory.stat", STAT },
	{ "c/cpu.max", "50000 100000\n" },
	{ "c/cpu.weight", "39\n" },
	{ "c/cpu.stat",
	  "usage_usec 1001\nuser_usec 600\nsystem_usec 400\nnr_periods 3\nnr_throttled 2\nthrottled_usec 77\n" },
	{ "c/cpuset.cpus.effective", "0-3,8\n" },
	{ "c/cpuset.mems.effective", "0-1\n" },
	{ "c/pids.max", "max\n" },
	{ "c/pids.current", "12\n" },
	{ "c/io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n" },
	{ "c/hugetlb.2MB.max", "4194304\n" },
	{ "c/hugetlb.2MB.current", "2097152\n" },
	{ "c/hugetlb.2MB.numa_stat", "total=2097152 N0=0 N1=2097152\n" },
	{ "c/hugetlb.1GB.max", "max\n" },
	{ "c/hugetlb.1GB.current", "1073741824\n" },
	{ "c/hugetlb.64KB.max", "65536\n" },
	{ "c/cpu.pressure", "some avg10=1.00 avg60=0.00 avg300=0.00 total=1\n" },
	{ "c/io.pressure", "some avg10=2.00 avg60=0.00 avg300=0.00 total=2\n" },
	{ "c/memory.pressure", "some avg10=3.00 avg60=0.00 avg300=0.00 total=3\n" },
	{ "c/irq.pressure", "full avg10=4.00 avg60=0.00 avg300=0.00 total=4\n" },
};

static struct tree host(void)
{
	struct tree tree = tree_new();

	tree_write_all(&tree, files, G_N_ELEMENTS(files));
	return tree;
}

static void test_memory(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	static const struct cg_memory_stat expected = {
		.anon = 1000,
		.file = 2000,
		.kernel_stack = 11,
		.pagetables = 12,
		.sec_pagetables = 13,
		.percpu = 14,
		.shmem = 16,
		.zswap = 17,
		.zswapped = 18,
		.file_mapped = 19,
		.file_dirty = 20,
		.file_writeback = 21,
		.swapcached = 22,
		.anon_thp = 23,
		.file_thp = 24,
		.shmem_thp = 25,
		.inactive_anon = 26,
		.active_anon = 27,
		.inactive_file = 28,
		.active_file = 29,
		.unevictable = 30,
		.slab_reclaimable = 31,
		.slab_unreclaimable = 32,
	};
	struct cg_memory memory;

	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 8000, 0);
	assert_limit(memory.high, 7000, 0);
	assert_limit(memory.headroom, 3000, 0);
	assert_limit(memory.slack, 3000 + 29 + 28 + 31, 0);
	assert_int_equal(memory.usage, 5000);
	assert_true(memory.has_swap);
	assert_limit(memory.swap_limit, 900, 0);
	assert_limit(memory.swap_headroom, 600, 0);
	assert_int_equal(memory.swap_usage, 300);
	assert_memory_equal(&memory.stat, &expected, sizeof(expected));
}

/* The root has no memory.current and no limits: what was charged is its use. */
static void test_root(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/");
	struct cg_memory memory;

	assert_true(cg_group_memory(group, &memory, NULL));
	assert_int_equal(memory.usage, 1000 + 2000 + 11 + 12 + 13 + 14 + 15 + 31 + 32);
	assert_limit(memory.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_false(memory.has_swap);
	assert_int_equal(memory.stat.anon, 1000);
}

/* Linux 5.4, the oldest: memory.stat counts less, the root has no cpu.stat, and there is no hugetlb. */
static void test_old(void **state)
{
	static const char stat[] = "anon 1000\nfile 2000\nkernel_stack 11\nslab 63\nsock 15\nshmem 16\nfile_mapped 19\n"
				   "file_dirty 20\nfile_writeback 21\nanon_thp 23\ninactive_anon 26\nactive_anon 27\n"
				   "inactive_file 28\nactive_file 29\nunevictable 30\nslab_reclaimable 31\n"
				   "slab_unreclaimable 32\npgfault 1\n";
	static const struct cg_memory_stat expected = {
		.anon = 1000,
		.file = 2000,
		.kernel_stack = 11,
		.shmem = 16,
		.file_mapped = 19,
		.file_dirty = 20,
		.file_writeback = 21,
		.anon_thp = 23,
		.inactive_anon = 26,
		.active_anon = 27,
		.inactive_file = 28,
		.active_file = 29,
		.unevictable = 30,
		.slab_reclaimable = 31,
		.slab_unreclaimable = 32,
	};
	cg_cleanup(tree_free) struct tree tree = tree_new();
	g_autoptr(CgGroup) group = NULL, root = NULL;
	struct cg_memory memory;
	struct cg_hugetlb huge;
	struct cg_cputime time;

	tree_write(&tree, "cgroup.controllers", "cpuset cpu io memory pids\n");
	tree_write(&tree, "memory.stat", stat);
	tree_write(&tree, "c/memory.max", "8000\n");
	tree_write(&tree, "c/memory.current", "5000\n");
	tree_write(&tree, "c/memory.stat", stat);
	group = tree_group(&tree, "/c");
	root = tree_group(&tree, "/");
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, 8000, 0);
	assert_memory_equal(&memory.stat, &expected, sizeof(expected));
	assert_true(cg_group_memory(root, &memory, NULL));
	assert_int_equal(memory.usage, 1000 + 2000 + 11 + 15 + 31 + 32);
	assert_true(cg_group_hugetlb(group, 2 << 20, &huge, NULL));
	assert_limit(huge.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_true(cg_group_cputime(root, &time, NULL));
	assert_int_equal(time.usage_us, 0);
}

static void test_cpu(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	struct cg_cputime time;
	struct cg_cpu cpu;
	uint64_t throttled_us;

	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.quota_us, 50000);
	assert_int_equal(cpu.quota.period_us, 100000);
	assert_int_equal(cpu.quota.level, 0);
	assert_true(cg_group_throttled(group, &cpu.quota, &throttled_us, NULL));
	assert_int_equal(throttled_us, 77);
	assert_true(cg_group_shares(group, &cpu.shares, NULL));
	assert_int_equal(cpu.shares, 999);
	assert_true(cg_group_cputime(group, &time, NULL));
	assert_int_equal(time.usage_us, 1000);
	assert_int_equal(time.user_us, 600);
	assert_int_equal(time.system_us, 400);
	assert_int_equal(time.n_percpu, 0);
	assert_null(time.percpu_us);
}

static void test_others(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	struct cg_hugetlb huge;
	struct cg_cpumask cpus, mems;
	struct cg_pids pids;

	assert_true(cg_group_cpus(group, &cpus, NULL) && cg_group_mems(group, &mems, NULL));
	assert_int_equal(cpus.word[0], 0x10f);
	assert_int_equal(mems.word[0], 3);
	assert_true(cg_group_pids(group, &pids, NULL));
	assert_limit(pids.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_true(pids.has_current);
	assert_int_equal(pids.current, 12);
	assert_true(cg_group_io(group, &io, NULL));
	assert_int_equal(io.n, 1);
	assert_int_equal(io.device[0].dios, 6);
	assert_true(cg_group_hugetlb(group, 2 << 20, &huge, NULL));
	assert_limit(huge.limit, 4194304, 0);
	assert_int_equal(huge.usage, 2097152);
	assert_true(cg_group_hugetlb(group, 1 << 30, &huge, NULL));
	assert_limit(huge.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_int_equal(huge.usage, 1 << 30);
	assert_true(cg_group_hugetlb(group, 64 << 10, &huge, NULL));
	assert_limit(huge.limit, 65536, 0);
}

static void test_numa(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c"), root = tree_group(&tree, "/");
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 }, none = { 0 };

	assert_true(cg_group_numa(group, &numa, NULL));
	assert_int_equal(numa.n, 2);
	assert_int_equal(numa.node[0].stat.anon, 600);
	assert_int_equal(numa.node[1].stat.slab_reclaimable, 30);
	assert_int_equal(numa.node[0].usage, 600 + 2000 + 1);
	assert_int_equal(numa.node[1].usage, 400 + 30);
	cg_numa_clear(&numa);
	assert_true(cg_group_hugetlb_numa(group, 2 << 20, &numa, NULL));
	assert_int_equal(numa.node[1].usage, 2097152);
	assert_true(cg_group_numa(root, &none, NULL));
	assert_int_equal(none.n, 0);
}

static void test_events(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");
	static const struct cg_memory_events expected = {
		.workingset_refault_anon = 5,
		.pgscan_direct = 6,
		.pgfault = 7,
		.thp_swpout = 8,
		.oom_kill = 4,
	};
	struct cg_memory_events events;

	assert_true(cg_group_memory_events(group, &events, NULL));
	assert_memory_equal(&events, &expected, sizeof(expected));
}

static void test_pressure(void **state)
{
	static const unsigned expected[CG_PRESSURE_KINDS] = { 1, 2, 3, 4 };
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");

	for (enum cg_pressure_kind kind = 0; kind < CG_PRESSURE_KINDS; kind++) {
		struct cg_pressure pressure;

		assert_true(cg_group_pressure(group, kind, &pressure, NULL));
		assert_int_equal(pressure.some.total_us + pressure.full.total_us, expected[kind]);
		assert_int_equal(pressure.full.present, kind == CG_PRESSURE_IRQ);
	}
}

/* A cgroup whose files are not there has no limits and no use. */
static void test_missing(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	struct cg_pressure pressure;
	struct cg_memory memory;
	struct cg_hugetlb huge;
	struct cg_cputime time;
	struct cg_cpumask cpus, mems;
	struct cg_pids pids;
	struct cg_cpu cpu;
	g_autoptr(CgGroup) group = NULL;

	tree_write(&tree, "bare/", "");
	group = tree_group(&tree, "/bare");
	assert_true(cg_group_memory(group, &memory, NULL));
	assert_limit(memory.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_limit(memory.headroom, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_int_equal(memory.usage, 0);
	assert_int_equal(memory.stat.anon, 0);
	assert_false(memory.has_swap);
	assert_true(cg_group_hugetlb(group, 2 << 20, &huge, NULL));
	assert_limit(huge.limit, CG_UNLIMITED, CG_LEVEL_NONE);
	assert_true(cg_group_quota(group, &cpu.quota, NULL));
	assert_int_equal(cpu.quota.quota_us, CG_UNLIMITED);
	assert_int_equal(cpu.quota.level, CG_LEVEL_NONE);
	assert_true(cg_group_shares(group, &cpu.shares, NULL));
	assert_int_equal(cpu.shares, 1024);
	assert_true(cpu.quota.period_us > 0);
	assert_true(cg_group_cputime(group, &time, NULL));
	assert_int_equal(time.usage_us, 0);
	assert_true(cg_group_cpus(group, &cpus, NULL) && cg_group_mems(group, &mems, NULL));
	assert_int_equal(cpus.word[0], 0);
	assert_true(cg_group_pids(group, &pids, NULL));
	assert_false(pids.has_current);
	assert_true(cg_group_io(group, &io, NULL));
	assert_int_equal(io.n, 0);
	assert_true(cg_group_pressure(group, CG_PRESSURE_IO, &pressure, NULL));
	assert_false(pressure.some.present || pressure.full.present);
}

static bool read_any(CgGroup *group, const char *file, GError **error)
{
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
	struct cg_memory_events events;
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	struct cg_pressure pressure;
	struct cg_memory memory;
	struct cg_hugetlb huge;
	struct cg_cputime time;
	struct cg_cpumask cpus, mems;
	struct cg_pids pids;
	struct cg_cpu cpu;
	uint64_t throttled_us;

	if (g_str_has_suffix(file, "pressure"))
		return cg_group_pressure(group, CG_PRESSURE_CPU, &pressure, error) &&
		       cg_group_pressure(group, CG_PRESSURE_IO, &pressure, error) &&
		       cg_group_pressure(group, CG_PRESSURE_IRQ, &pressure, error) &&
		       cg_group_pressure(group, CG_PRESSURE_MEMORY, &pressure, error);
	if (!strcmp(file, "memory.events"))
		return cg_group_memory_events(group, &events, error);
	if (!strcmp(file, "memory.numa_stat"))
		return cg_group_numa(group, &numa, error);
	if (g_str_has_prefix(file, "memory"))
		return cg_group_memory(group, &memory, error);
	if (g_str_has_prefix(file, "cpuset"))
		return cg_group_cpus(group, &cpus, error) && cg_group_mems(group, &mems, error);
	if (g_str_has_prefix(file, "cpu"))
		return cg_group_quota(group, &cpu.quota, error) && cg_group_shares(group, &cpu.shares, error) &&
		       cg_group_throttled(group, &cpu.quota, &throttled_us, error) &&
		       cg_group_cputime(group, &time, error);
	if (g_str_has_prefix(file, "pids"))
		return cg_group_pids(group, &pids, error);
	if (g_str_has_prefix(file, "hugetlb"))
		return cg_group_hugetlb(group, 2 << 20, &huge, error) &&
		       cg_group_hugetlb_numa(group, 2 << 20, &numa, error) &&
		       cg_group_hugetlb(group, 1 << 30, &huge, error) &&
		       cg_group_hugetlb(group, 64 << 10, &huge, error);
	return cg_group_io(group, &io, error);
}

/* Each file in turn with rubbish in it: an error that names it, and right again afterwards. */
static void test_malformed(void **state)
{
	static const char *const rubbish[] = { "rubbish\n",   "-5\n",    "18446744073709551616\n",
					       "anon 12\nfi", "1 2 3\n", " \n" };
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");

	for (size_t i = 2; i < G_N_ELEMENTS(files); i++) {
		const char *leaf = files[i].name + strlen("c/");

		for (size_t j = 0; j < G_N_ELEMENTS(rubbish); j++) {
			g_autoptr(GError) error = NULL;

			cg_group_trim(group);
			tree_write(&tree, files[i].name, rubbish[j]);
			assert_fails(read_any(group, leaf, &error), &error, EINVAL, files[i].name);
		}
		cg_group_trim(group);
		tree_write(&tree, files[i].name, files[i].text);
		assert_true(read_any(group, leaf, NULL));
	}
}

static void test_empty(void **state)
{
	cg_cleanup(tree_free) struct tree tree = host();
	g_autoptr(CgGroup) group = tree_group(&tree, "/c");

	for (size_t i = 2; i < G_N_ELEMENTS(files); i++) {
		const char *leaf = files[i].name + strlen("c/");
		bool may_be = strcmp(leaf, "io.stat") == 0 || g_str_has_prefix(leaf, "cpuset");
		g_autoptr(GError) error = NULL;

		cg_group_trim(group);
		tree_write(&tree, files[i].name, "");
		if (may_be)
			assert_true(read_any(group, leaf, NULL));
		else
			assert_fails(read_any(group, leaf, &error), &error, EINVAL, files[i].name);
		cg_group_trim(group);
		tree_write(&tree, files[i].name, files[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),    cmocka_unit_test(test_root),   cmocka_unit_test(test_old),
		cmocka_unit_test(test_cpu),       cmocka_unit_test(test_others), cmocka_unit_test(test_pressure),
		cmocka_unit_test(test_numa),      cmocka_unit_test(test_events), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
