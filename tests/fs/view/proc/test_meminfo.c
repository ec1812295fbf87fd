/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

/* Linux 6.18 on x86 without swap; a pool of 16 huge pages was added by hand. */
static const char host[] = "MemTotal:       24684092 kB\n"
			   "MemFree:        24424804 kB\n"
			   "MemAvailable:   24378080 kB\n"
			   "Buffers:            1420 kB\n"
			   "Cached:            38096 kB\n"
			   "SwapCached:            7 kB\n"
			   "Active:            20480 kB\n"
			   "Inactive:          20956 kB\n"
			   "Active(anon):       1560 kB\n"
			   "Inactive(anon):     9220 kB\n"
			   "Active(file):      18920 kB\n"
			   "Inactive(file):    11736 kB\n"
			   "Unevictable:       18844 kB\n"
			   "Mlocked:           17928 kB\n"
			   "SwapTotal:             0 kB\n"
			   "SwapFree:              0 kB\n"
			   "Zswap:                 7 kB\n"
			   "Zswapped:              7 kB\n"
			   "Dirty:               240 kB\n"
			   "Writeback:             7 kB\n"
			   "AnonPages:         20896 kB\n"
			   "Mapped:            10816 kB\n"
			   "Shmem:              8856 kB\n"
			   "KReclaimable:     117832 kB\n"
			   "Slab:             142588 kB\n"
			   "SReclaimable:     117832 kB\n"
			   "SUnreclaim:        24756 kB\n"
			   "KernelStack:        1512 kB\n"
			   "PageTables:         1752 kB\n"
			   "SecPageTables:         7 kB\n"
			   "NFS_Unstable:          7 kB\n"
			   "Bounce:                7 kB\n"
			   "WritebackTmp:          7 kB\n"
			   "CommitLimit:    12342044 kB\n"
			   "Committed_AS:      67900 kB\n"
			   "VmallocTotal:   34359738367 kB\n"
			   "VmallocUsed:       14300 kB\n"
			   "VmallocChunk:          7 kB\n"
			   "Percpu:              712 kB\n"
			   "HardwareCorrupted:     7 kB\n"
			   "AnonHugePages:         7 kB\n"
			   "ShmemHugePages:        7 kB\n"
			   "ShmemPmdMapped:        7 kB\n"
			   "FileHugePages:         7 kB\n"
			   "FilePmdMapped:         7 kB\n"
			   "Balloon:               7 kB\n"
			   "HugePages_Total:      16\n"
			   "HugePages_Free:       15\n"
			   "HugePages_Rsvd:        7\n"
			   "HugePages_Surp:        7\n"
			   "Hugepagesize:       2048 kB\n"
			   "Hugetlb:           32768 kB\n"
			   "DirectMap4k:       26624 kB\n"
			   "DirectMap2M:     2070528 kB\n"
			   "DirectMap1G:    25165824 kB\n";

/* Each figure of memory.stat is another number, so that a mistaken one shows. */
static struct view limited(void)
{
	struct view view = sample_unlimited(KIB(24684092));

	view.host = host;
	view.host_swap = KIB(1048576);
	view.hugetlb = (struct cg_hugetlb){ .limit = { .value = MIB(8) }, .usage = MIB(2) };
	view.memory.limit.value = KIB(262144);
	view.memory.usage = KIB(100000);
	view.memory.headroom.value = KIB(162144);
	view.memory.slack.value = KIB(192144);
	view.memory.has_swap = true;
	view.memory.swap_limit.value = KIB(65536);
	view.memory.swap_headroom.value = KIB(65512);
	view.memory.swap_usage = KIB(24);
	view.memory.stat = (struct cg_memory_stat){
		.anon = KIB(40001),
		.file = KIB(30002),
		.swapcached = KIB(103),
		.active_anon = KIB(10004),
		.inactive_anon = KIB(30005),
		.active_file = KIB(12006),
		.inactive_file = KIB(15007),
		.unevictable = KIB(1008),
		.file_dirty = KIB(209),
		.file_writeback = KIB(110),
		.file_mapped = KIB(5011),
		.shmem = KIB(3012),
		.slab_reclaimable = KIB(2013),
		.slab_unreclaimable = KIB(1014),
		.kernel_stack = KIB(315),
		.pagetables = KIB(416),
		.sec_pagetables = KIB(17),
		.percpu = KIB(18),
		.anon_thp = KIB(2019),
		.shmem_thp = KIB(20),
		.file_thp = KIB(21),
		.zswap = KIB(22),
		.zswapped = KIB(23),
	};
	return view;
}

static void every_field_is_the_containers(void **state)
{
	struct view view = limited();

	assert_renders(meminfo_render, &view,
		       "MemTotal:         262144 kB\n"
		       "MemFree:          162144 kB\n"
		       "MemAvailable:     191170 kB\n"
		       "Buffers:               0 kB\n"
		       "Cached:            30002 kB\n"
		       "SwapCached:          103 kB\n"
		       "Active:            22010 kB\n"
		       "Inactive:          45012 kB\n"
		       "Active(anon):      10004 kB\n"
		       "Inactive(anon):    30005 kB\n"
		       "Active(file):      12006 kB\n"
		       "Inactive(file):    15007 kB\n"
		       "Unevictable:        1008 kB\n"
		       "Mlocked:               0 kB\n"
		       "SwapTotal:         65536 kB\n"
		       "SwapFree:          65512 kB\n"
		       "Zswap:                22 kB\n"
		       "Zswapped:             23 kB\n"
		       "Dirty:               209 kB\n"
		       "Writeback:           110 kB\n"
		       "AnonPages:         40001 kB\n"
		       "Mapped:             5011 kB\n"
		       "Shmem:              3012 kB\n"
		       "KReclaimable:       2012 kB\n"
		       "Slab:               3024 kB\n"
		       "SReclaimable:       2012 kB\n"
		       "SUnreclaim:         1012 kB\n"
		       "KernelStack:         315 kB\n"
		       "PageTables:          416 kB\n"
		       "SecPageTables:        17 kB\n"
		       "NFS_Unstable:          0 kB\n"
		       "Bounce:                0 kB\n"
		       "WritebackTmp:          0 kB\n"
		       "CommitLimit:      192512 kB\n"
		       "Committed_AS:      43013 kB\n"
		       "VmallocTotal:   34359738367 kB\n"
		       "VmallocUsed:           0 kB\n"
		       "VmallocChunk:          0 kB\n"
		       "Percpu:               18 kB\n"
		       "HardwareCorrupted:     0 kB\n"
		       "AnonHugePages:      2019 kB\n"
		       "ShmemHugePages:       20 kB\n"
		       "ShmemPmdMapped:        0 kB\n"
		       "FileHugePages:        21 kB\n"
		       "FilePmdMapped:         0 kB\n"
		       "Balloon:               0 kB\n"
		       "HugePages_Total:       4\n"
		       "HugePages_Free:        3\n"
		       "HugePages_Rsvd:        0\n"
		       "HugePages_Surp:        0\n"
		       "Hugepagesize:       2048 kB\n"
		       "Hugetlb:            8192 kB\n"
		       "DirectMap4k:           0 kB\n"
		       "DirectMap2M:           0 kB\n"
		       "DirectMap1G:           0 kB\n");
}

static void without_limits_the_total_is_the_hosts(void **state)
{
	struct view view = sample_unlimited(KIB(24684092));

	view.memory.usage = KIB(92);
	view.host = "MemTotal:       24684092 kB\nMemFree:        24424804 kB\nSwapTotal:       1048576 kB\n"
		    "CommitLimit:    12342044 kB\n";
	assert_renders(meminfo_render, &view,
		       "MemTotal:       24684092 kB\nMemFree:        24684000 kB\nSwapTotal:             0 kB\n"
		       "CommitLimit:    12342044 kB\n");
}

static void long_numbers_stand_where_the_kernel_puts_them(void **state)
{
	struct view view = sample_unlimited(KIB(1234567890));

	view.host = "MemTotal:       1234567890 kB\nMemFree:        999999999 kB\nCached:         1000000000 kB\n"
		    "NewField:       123456789 kB\nHugePages_Total:   1234567\n";
	view.memory.usage = KIB(1234567000);
	assert_renders(meminfo_render, &view,
		       "MemTotal:       1234567890 kB\nMemFree:             890 kB\nCached:                0 kB\n"
		       "NewField:              0 kB\nHugePages_Total:       0\n");
	view.hugetlb = (struct cg_hugetlb){ .limit = { .value = MIB(2) * 123456 } };
	view.host = "HugePages_Total:   1234567\nHugePages_Free:        0\nHugepagesize:       2048 kB\n";
	assert_renders(meminfo_render, &view,
		       "HugePages_Total:   123456\nHugePages_Free:    123456\nHugepagesize:       2048 kB\n");
}

static void a_field_of_a_later_kernel_is_zero(void **state)
{
	struct view view = limited();

	view.host = "Unaccepted:         1024 kB\nMemTotalX:          4711 kB\nNovel_(2):             9\nTight:5 kB\n"
		    "AVeryLongLabelOfTheFuture:   4711 kB\n";
	assert_renders(
		meminfo_render, &view,
		"Unaccepted:            0 kB\nMemTotalX:             0 kB\nNovel_(2):             0\nTight:0 kB\n"
		"AVeryLongLabelOfTheFuture: 0 kB\n");
}

static void any_order_is_understood(void **state)
{
	struct view view = limited();

	view.host = "Hugetlb:           32768 kB\nDirty:                 9 kB\nMemTotal:       24684092 kB\n"
		    "Dirty:                 9 kB\n";
	assert_renders(meminfo_render, &view,
		       "Hugetlb:               0 kB\nDirty:               209 kB\nMemTotal:         262144 kB\n"
		       "Dirty:               209 kB\n");
}

static void what_is_no_field_is_left_out(void **state)
{
	struct view view = limited();

	view.host = "\n        total:    used:    free:\nMem:  4711 4711\nMemFree:\nMemFree: x kB\nMemFree: 4711 MB\n"
		    "MemFree: -4711 kB\nMemFree: 99999999999999999999 kB\n4711: 4711 kB\n:4711\nShmem:   4711";
	assert_renders(meminfo_render, &view, "Shmem:   3012\n");
	view.host = NULL;
	assert_renders(meminfo_render, &view, "");
}

static void assert_huge_pages(const struct view *view, const char *expected)
{
	static const char text[] = "HugePages_Total:      16\nHugePages_Free:       15\nHugepagesize:       2048 kB\n"
				   "Hugetlb:           32768 kB\n";
	struct view with_pool = *view;
	g_autofree char *rendered = NULL, *squeezed = NULL;
	g_auto(GStrv) words = NULL;
	GString *numbers = g_string_new(NULL);

	with_pool.host = text;
	rendered = sample_render(meminfo_render, &with_pool);
	words = g_strsplit_set(rendered, " \n", -1);
	for (char **word = words; *word; word++) {
		if (g_ascii_isdigit(**word))
			g_string_append_printf(numbers, "%s ", *word);
	}
	squeezed = g_string_free(numbers, FALSE);
	assert_string_equal(squeezed, expected);
}

static void huge_pages_are_the_limit_within_the_pool(void **state)
{
	struct view view = limited();

	view.hugetlb = (struct cg_hugetlb){ .limit = { .value = MIB(1024) }, .usage = MIB(4) };
	assert_huge_pages(&view, "16 14 2048 32768 ");
	view.hugetlb = (struct cg_hugetlb){ .limit = { .value = 0 }, .usage = 0 };
	assert_huge_pages(&view, "0 0 2048 0 ");
	view.hugetlb = (struct cg_hugetlb){ .limit = *sample_no_limit(), .usage = MIB(4) };
	assert_huge_pages(&view, "2 0 2048 4096 ");
	view.hugetlb = (struct cg_hugetlb){ .limit = *sample_no_limit(), .usage = 0 };
	assert_huge_pages(&view, "0 0 2048 0 ");
}

static void the_cache_holds_shared_memory(void **state)
{
	struct view view = limited();

	view.memory.stat.shmem = KIB(30010);
	view.host = "Cached:   1 kB\nShmem:    1 kB\n";
	assert_renders(meminfo_render, &view, "Cached:   30010 kB\nShmem:    30010 kB\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_the_containers),
		cmocka_unit_test(without_limits_the_total_is_the_hosts),
		cmocka_unit_test(long_numbers_stand_where_the_kernel_puts_them),
		cmocka_unit_test(a_field_of_a_later_kernel_is_zero),
		cmocka_unit_test(any_order_is_understood),
		cmocka_unit_test(what_is_no_field_is_left_out),
		cmocka_unit_test(huge_pages_are_the_limit_within_the_pool),
		cmocka_unit_test(the_cache_holds_shared_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
