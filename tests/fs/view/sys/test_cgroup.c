/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/render_cgroup.h"
#include "fs/view/shape.h"
#include "tests/fs/view/sample.h"

/* The texts of the row's files, as many as there are. */
#define SOURCES(...) .tree = { .source = { __VA_ARGS__ } }

#define NO_LIMIT "9223372036854771712\n"

static void shapes(void **state)
{
	enum view_shape shape = VIEW_SHAPE_V2;

	assert_true(view_shape_parse("v1", &shape));
	assert_int_equal(shape, VIEW_SHAPE_V1);
	assert_string_equal(view_shape_name(VIEW_SHAPE_V2), "v2");
	assert_false(view_shape_parse("1", &shape));
	assert_false(view_shape_parse("", &shape));
	assert_int_equal(shape, VIEW_SHAPE_V1);
	assert_true(view_shape_parse("kernel", &shape));
	assert_int_equal(shape, VIEW_SHAPE_KERNEL);
	assert_true(view_shape_parse("host", &shape));
	assert_int_equal(shape, VIEW_SHAPE_HOST);
}

static void the_kernels_own(void **state)
{
	const struct view view = { SOURCES("any\nthing\n") }, nothing = { 0 };

	assert_renders(cgroup_kernels_render, &view, "any\nthing\n");
	assert_renders(cgroup_kernels_render, &nothing, "");
	assert_renders(cgroup_zero_render, &nothing, "0\n");
	assert_renders(cgroup_one_render, &nothing, "1\n");
	assert_renders(cgroup_cpu_link_render, &nothing, "cpu,cpuacct");
}

static void controllers(void **state)
{
	struct view view = { .tree = { .controllers = 1 << CG_PIDS | 1 << CG_CPU | 1 << CG_CORE | 1 << CG_CPUSET } };

	assert_renders(cgroup_controllers_render, &view, "cpuset cpu pids\n");
	view.tree.controllers = 0;
	assert_renders(cgroup_controllers_render, &view, "\n");
}

static void limits(void **state)
{
	struct view view = sample_unlimited(MIB(1000));

	view.tree.pids.limit.value = view.tree.hugetlb.limit.value = CG_UNLIMITED;
	assert_renders(cgroup_v2_memory_max_render, &view, "max\n");
	assert_renders(cgroup_v2_swap_max_render, &view, "max\n");
	assert_renders(cgroup_v2_hugetlb_max_render, &view, "max\n");
	assert_renders(cgroup_pids_max_render, &view, "max\n");
	assert_renders(cgroup_v2_max_render, &view, "max\n");
	assert_renders(cgroup_v1_memory_limit_render, &view, NO_LIMIT);
	assert_renders(cgroup_v1_memsw_limit_render, &view, NO_LIMIT);
	assert_renders(cgroup_v1_hugetlb_limit_render, &view, NO_LIMIT);
	view.huge.page_size = MIB(2);
	assert_renders(cgroup_v1_hugetlb_limit_render, &view, "9223372036852678656\n");
	view.huge.page_size = MIB(1024);
	assert_renders(cgroup_v1_hugetlb_limit_render, &view, "9223372035781033984\n");
	view.memory.limit.value = MIB(100);
	assert_renders(cgroup_v1_memsw_limit_render, &view, NO_LIMIT);
	view.memory.swap_limit.value = MIB(1);
	view.tree.pids.limit.value = 7;
	view.tree.hugetlb.limit.value = MIB(4);
	assert_renders(cgroup_v2_memory_max_render, &view, "104857600\n");
	assert_renders(cgroup_v2_swap_max_render, &view, "1048576\n");
	assert_renders(cgroup_v2_hugetlb_max_render, &view, "4194304\n");
	assert_renders(cgroup_pids_max_render, &view, "7\n");
	assert_renders(cgroup_v1_memory_limit_render, &view, "104857600\n");
	assert_renders(cgroup_v1_memsw_limit_render, &view, "105906176\n");
	assert_renders(cgroup_v1_hugetlb_limit_render, &view, "4194304\n");
}

static void usage_with_swap(void **state)
{
	struct view view = { .memory = { .usage = 1000, .swap_usage = 24 }, SOURCES("24\n", "1500\n") };

	assert_renders(cgroup_v2_swap_current_render, &view, "24\n");
	assert_renders(cgroup_v1_memsw_usage_render, &view, "1024\n");
	assert_renders(cgroup_v1_memsw_max_usage_render, &view, "1500\n");
	view.tree.source[1] = NULL;
	assert_renders(cgroup_v1_memsw_max_usage_render, &view, "1024\n");
}

static void memory_of_v1(void **state)
{
	static const char events[] = "low 0\nhigh 1\nmax 22\noom 4\noom_kill 3\noom_group_kill 9\n";
	const struct view view = { SOURCES(events) }, usage = { SOURCES("10\n", "12\n") },
			  old = { SOURCES("10\n", NULL) }, none = { SOURCES("0\n") }, low = { SOURCES("4096\n") },
			  all = { SOURCES("max\n") }, swap = { SOURCES("0\n", "high 0\nmax 5\nfail 6\n") };

	assert_renders(cgroup_v1_failcnt_render, &view, "22\n");
	assert_renders(cgroup_v1_oom_control_render, &view, "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
	assert_renders(cgroup_v1_max_usage_render, &usage, "12\n");
	assert_renders(cgroup_v1_max_usage_render, &old, "10\n");
	assert_renders(cgroup_v1_soft_limit_render, &none, NO_LIMIT);
	assert_renders(cgroup_v1_soft_limit_render, &low, "4096\n");
	assert_renders(cgroup_v1_soft_limit_render, &all, NO_LIMIT);
	assert_renders(cgroup_v1_memsw_failcnt_render, &swap, "5\n");
}

static void memory_of_v2(void **state)
{
	const struct view view = { SOURCES("22\n", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n") },
			  soft = { SOURCES("4096\n") }, none = { SOURCES(NO_LIMIT) };

	assert_renders(cgroup_v2_memory_events_render, &view, "low 0\nhigh 0\nmax 22\noom 3\noom_kill 3\n");
	assert_renders(cgroup_v2_swap_events_render, &view, "high 0\nmax 22\nfail 0\n");
	assert_renders(cgroup_v2_max_events_render, &view, "max 22\n");
	assert_renders(cgroup_v2_low_render, &soft, "4096\n");
	assert_renders(cgroup_v2_low_render, &none, "0\n");
}

/* Keys are whole words; those that the other version does not count are not there. */
static void memory_stat(void **state)
{
	struct view v1 = { SOURCES("anon 1\nfile 2\nfile_mapped 3\nanon_thp 4\nworkingset_file 5\n") };
	const struct view v2 = { SOURCES("cache 9\nrss 9\ntotal_cache 2\ntotal_rss 1\ntotal_rss_huge 4\n"
					 "total_mapped_file 3\n") };

	v1.memory.limit.value = v1.memory.swap_limit.value = CG_UNLIMITED;
	assert_renders(cgroup_v1_memory_stat_render, &v1,
		       "cache 2\nrss 1\nrss_huge 4\nmapped_file 3\nhierarchical_memory_limit " NO_LIMIT
		       "total_cache 2\ntotal_rss 1\ntotal_rss_huge 4\ntotal_mapped_file 3\n");
	v1.memory.has_swap = true;
	v1.memory.swap_usage = 6;
	v1.memory.limit.value = 8192;
	v1.memory.swap_limit.value = 4096;
	assert_renders(cgroup_v1_memory_stat_render, &v1,
		       "cache 2\nrss 1\nrss_huge 4\nmapped_file 3\nswap 6\nhierarchical_memory_limit 8192\n"
		       "hierarchical_memsw_limit 12288\n"
		       "total_cache 2\ntotal_rss 1\ntotal_rss_huge 4\ntotal_mapped_file 3\ntotal_swap 6\n");
	assert_renders(cgroup_v2_memory_stat_render, &v2, "anon 1\nfile 2\nfile_mapped 3\nanon_thp 4\n");
}

static void quotas(void **state)
{
	struct view view = { .tree = { .quota = { 50000, 100000, 0 } } };

	assert_renders(cgroup_v2_cpu_max_render, &view, "50000 100000\n");
	assert_renders(cgroup_v1_quota_render, &view, "50000\n");
	assert_renders(cgroup_v1_period_render, &view, "100000\n");
	view.tree.quota.quota_us = CG_UNLIMITED;
	assert_renders(cgroup_v2_cpu_max_render, &view, "max 100000\n");
	assert_renders(cgroup_v1_quota_render, &view, "-1\n");
}

static void weights(void **state)
{
	const struct view normal = { SOURCES("100\n") }, shares = { SOURCES("1024\n") }, half = { SOURCES("512\n") };

	assert_renders(cgroup_v1_shares_render, &normal, "1024\n");
	assert_renders(cgroup_v2_weight_render, &shares, "100\n");
	assert_renders(cgroup_v2_weight_render, &half, "20\n");
}

static void cpu_times(void **state)
{
	struct view view = { .cpus = sample_cpus("1,3", 8, false),
			     .tree = { .source = { "usage_usec 9\nnr_periods 4\nnr_throttled 3\nthrottled_usec 2\n" },
				       .time = { .usage_us = 1500001, .user_us = 1000000, .system_us = 500001 } } };

	assert_renders(cgroup_v1_usage_render, &view, "1500001000\n");
	assert_renders(cgroup_v1_usage_user_render, &view, "1000000000\n");
	assert_renders(cgroup_v1_usage_sys_render, &view, "500001000\n");
	assert_renders(cgroup_v1_cpuacct_stat_render, &view, "user 100\nsystem 50\n");
	assert_renders(cgroup_v1_usage_percpu_render, &view, "0 750000500 0 750000500 \n");
	assert_renders(cgroup_v1_usage_percpu_user_render, &view, "0 500000000 0 500000000 \n");
	assert_renders(cgroup_v1_usage_percpu_sys_render, &view, "0 250000500 0 250000500 \n");
	assert_renders(cgroup_v1_usage_all_render, &view,
		       "cpu user system\n0 0 0\n1 500000000 250000500\n2 0 0\n3 500000000 250000500\n");
	view.cpus.renumber = true;
	assert_renders(cgroup_v1_usage_percpu_render, &view, "750000500 750000500 \n");
	assert_renders(cgroup_v1_cpu_stat_render, &view,
		       "nr_periods 4\nnr_throttled 3\nthrottled_time 2000\nnr_bursts 0\nburst_time 0\n");
	view.tree.source[0] = "nr_periods 4\nnr_throttled 3\nthrottled_time 2999\nnr_bursts 1\nburst_time 5000\n";
	assert_renders(cgroup_v2_cpu_stat_render, &view,
		       "usage_usec 1500001\nuser_usec 1000000\nsystem_usec 500001\nnr_periods 4\nnr_throttled 3\n"
		       "throttled_usec 2\nnr_bursts 1\nburst_usec 5\n");
}

/* What does not divide is with the first CPUs, so that the sum is right. */
static void cpu_times_add_up(void **state)
{
	const struct view view = { .cpus = sample_cpus("0-2", 8, false), .tree = { .time = { .usage_us = 1 } } };

	assert_renders(cgroup_v1_usage_percpu_render, &view, "334 333 333 \n");
}

static void sets(void **state)
{
	const struct view asked = { SOURCES("0-7\n", "1-2\n") }, none = { SOURCES("0-7\n", "\n") },
			  old = { SOURCES("0-7\n", NULL) };

	assert_renders(cgroup_v1_set_render, &asked, "1-2\n");
	assert_renders(cgroup_v1_set_render, &none, "0-7\n");
	assert_renders(cgroup_v1_set_render, &old, "0-7\n");
}

static void devices(void **state)
{
	struct cg_io_device device[] = { { 8, 0, 4096, 512, 3, 1, 64, 2 }, { 259, 1, 1, 0, 1, 0, 0, 0 } };
	struct view view = { .tree = { .io = { 2, device } } };

	assert_renders(cgroup_v2_io_stat_render, &view,
		       "8:0 rbytes=4096 wbytes=512 rios=3 wios=1 dbytes=64 dios=2\n"
		       "259:1 rbytes=1 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n");
	assert_renders(cgroup_v1_io_bytes_render, &view,
		       "8:0 Read 4096\n8:0 Write 512\n8:0 Discard 64\n8:0 Total 4672\n"
		       "259:1 Read 1\n259:1 Write 0\n259:1 Discard 0\n259:1 Total 1\nTotal 4673\n");
	assert_renders(cgroup_v1_io_ios_render, &view,
		       "8:0 Read 3\n8:0 Write 1\n8:0 Discard 2\n8:0 Total 6\n"
		       "259:1 Read 1\n259:1 Write 0\n259:1 Discard 0\n259:1 Total 1\nTotal 7\n");
	view.tree.io.n = 0;
	assert_renders(cgroup_v1_io_ios_render, &view, "Total 0\n");
}

static void device_limits(void **state)
{
	const struct view v1 = { SOURCES("8:0 rbps=1 wbps=2 riops=max wiops=4\n8:16 rbps=max wbps=max riops=3 "
					 "wiops=max\n") };
	const struct view v2 = { SOURCES("8:0 1\n", "8:0 2\n", "8:16 3\n", "8:0 4\n") }, none = { SOURCES("", "") };

	assert_renders(cgroup_v1_rbps_render, &v1, "8:0 1\n");
	assert_renders(cgroup_v1_wbps_render, &v1, "8:0 2\n");
	assert_renders(cgroup_v1_riops_render, &v1, "8:16 3\n");
	assert_renders(cgroup_v1_wiops_render, &v1, "8:0 4\n");
	assert_renders(cgroup_v2_io_max_render, &v2,
		       "8:0 rbps=1 wbps=2 riops=max wiops=4\n8:16 rbps=max wbps=max riops=3 wiops=max\n");
	assert_renders(cgroup_v2_io_max_render, &none, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),       cmocka_unit_test(the_kernels_own), cmocka_unit_test(controllers),
		cmocka_unit_test(limits),       cmocka_unit_test(usage_with_swap), cmocka_unit_test(memory_of_v1),
		cmocka_unit_test(memory_of_v2), cmocka_unit_test(memory_stat),     cmocka_unit_test(quotas),
		cmocka_unit_test(weights),      cmocka_unit_test(cpu_times),       cmocka_unit_test(cpu_times_add_up),
		cmocka_unit_test(sets),         cmocka_unit_test(devices),         cmocka_unit_test(device_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
