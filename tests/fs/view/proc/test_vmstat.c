/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include "fs/view/nodes.h"

static struct view sample(const char *host)
{
	struct view view = sample_unlimited(MIB(64));

	view.host = host;
	view.memory.limit.value = MIB(32);
	view.memory.headroom.value = MIB(20);
	view.memory.stat = (struct cg_memory_stat){
		.anon = KIB(4000),
		.file = KIB(400),
		.shmem = KIB(40),
		.swapcached = KIB(4),
		.file_dirty = KIB(8),
		.file_writeback = KIB(12),
		.slab_reclaimable = KIB(10),
		.kernel_stack = KIB(7),
		.anon_thp = MIB(6),
	};
	view.events = (struct view_events){ .memory = { .pgfault = 11, .pgscan_direct = 12, .oom_kill = 13 },
					    .read_bytes = KIB(21) + 1023,
					    .written_bytes = KIB(22) };
	return view;
}

static void pages_are_the_containers(void **state)
{
	struct view view =
		sample("nr_free_pages 999999\nnr_zone_write_pending 999999\nnr_anon_pages 999999\n"
		       "nr_file_pages 999999\nnr_dirty 999999\nnr_slab_reclaimable 999999\nnr_shmem 999999\n");

	assert_renders(vmstat_render, &view,
		       "nr_free_pages 5120\nnr_zone_write_pending 5\nnr_anon_pages 1000\nnr_file_pages 101\n"
		       "nr_dirty 2\nnr_slab_reclaimable 2\nnr_shmem 10\n");
}

static void other_units_are_the_kernels(void **state)
{
	struct view view = sample("nr_kernel_stack 999999\nnr_anon_transparent_hugepages 999999\n");

	assert_renders(vmstat_render, &view, "nr_kernel_stack 7\nnr_anon_transparent_hugepages 3\n");
}

static void events_are_the_containers(void **state)
{
	struct view view =
		sample("pgpgin 999999\npgpgout 999999\npgfault 999999\npgscan_direct 999999\noom_kill 999999\n");

	assert_renders(vmstat_render, &view, "pgpgin 21\npgpgout 22\npgfault 11\npgscan_direct 12\noom_kill 13\n");
}

/* Names match whole, in whichever order they come. */
static void what_nobody_counts_is_0(void **state)
{
	struct view view = sample("pgfaults 999999\nnr_anon 999999\nnr_dirty 999999\nnr_anon_pages 999999\n"
				  "nr_dirty_threshold 999999\npgalloc_dma32 999999\npgfaul 999999\n");

	assert_renders(vmstat_render, &view,
		       "pgfaults 0\nnr_anon 0\nnr_dirty 2\nnr_anon_pages 1000\nnr_dirty_threshold 0\npgalloc_dma32 0\n"
		       "pgfaul 0\n");
}

static void what_is_no_line_is_left_out(void **state)
{
	struct view view = sample("\n 5\nnr_free_pages\nnr free 999999\nnr:dirty 7\nlast 999999");

	assert_renders(vmstat_render, &view, "nr 0\nlast 0\n");
	view.host = NULL;
	assert_renders(vmstat_render, &view, "");
}

static void a_node_has_its_part(void **state)
{
	struct view_node each[] = { { .number = 0, .use = { .usage = 1, .stat = { .anon = 1 } } },
				    { .number = 2, .use = { .usage = 1, .stat = { .anon = 4, .anon_thp = 1 } } } };
	struct view view =
		sample("nr_anon_pages 999999\nnr_anon_transparent_hugepages 9\npgfault 999999\nnuma_hit 9\n");

	view.nodes = (struct view_nodes){ .n = 2, .each = each };
	view.node = 2;
	assert_renders(node_vmstat_render, &view,
		       "nr_anon_pages 800\nnr_anon_transparent_hugepages 3\npgfault 0\nnuma_hit 0\n");
	view.node = 0;
	assert_renders(node_vmstat_render, &view,
		       "nr_anon_pages 200\nnr_anon_transparent_hugepages 0\npgfault 0\nnuma_hit 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_the_containers),    cmocka_unit_test(other_units_are_the_kernels),
		cmocka_unit_test(events_are_the_containers),   cmocka_unit_test(what_nobody_counts_is_0),
		cmocka_unit_test(what_is_no_line_is_left_out), cmocka_unit_test(a_node_has_its_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
