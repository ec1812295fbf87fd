/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include "fs/view/nodes.h"

/* Nodes 1 and 3 of 0-3 are visible; CPUs 2, 5 and 9. */
static struct view sample(struct view_node each[2], const char *host)
{
	struct view view = sample_unlimited(MIB(64));

	each[0] = (struct view_node){ .number = 1, .host_memory = MIB(20), .cpus = sample_mask("2,5") };
	each[1] = (struct view_node){ .number = 3, .host_memory = MIB(10), .cpus = sample_mask("9") };
	view.nodes = (struct view_nodes){
		.online = sample_mask("0-3"), .visible = sample_mask("1,3"), .n = 2, .each = each
	};
	view.cpus = sample_cpus("2,5,9", 12, false);
	view.host = host;
	return view;
}

static void sets_are_of_visible_nodes(void **state)
{
	struct view_node each[2];
	struct view view = sample(each, "0-1\n");

	assert_renders(node_visible_render, &view, "1,3\n");
	assert_renders(node_among_render, &view, "1\n");
	assert_renders(node_has_cpu_render, &view, "1,3\n");
	each[1].cpus = (struct cg_cpumask){ 0 };
	assert_renders(node_has_cpu_render, &view, "1\n");
	view.host = "x\n";
	assert_renders(node_among_render, &view, "\n");
}

static void cpus_have_shown_numbers(void **state)
{
	struct view_node each[2];
	struct view view = sample(each, NULL);

	view.node = 1;
	assert_renders(node_cpulist_render, &view, "2,5\n");
	assert_renders(node_cpumap_render, &view, "024\n");
	view.node = 3;
	assert_renders(node_cpulist_render, &view, "9\n");
	view.cpus.renumber = true;
	assert_renders(node_cpulist_render, &view, "2\n");
	assert_renders(node_cpumap_render, &view, "004\n");
}

static void distances_are_those_of_visible_nodes(void **state)
{
	struct view_node each[2];
	struct view view = sample(each, "12 10 22 32\n");

	assert_renders(node_distance_render, &view, "10 32\n");
	view.host = "12 10\n";
	assert_renders(node_distance_render, &view, "10\n");
	view.host = "x";
	assert_renders(node_distance_render, &view, "\n");
}

static void meminfo_has_the_nodes_part(void **state)
{
	static const char host[] = "Node 3 MemTotal:        7777777 kB\n"
				   "Node 3 MemFree:         7777777 kB\n"
				   "Node 3 MemUsed:        777777777 kB\n"
				   "Node 3 Inactive(file): 77777777 kB\n"
				   "Node 3 FilePages:       7777777 kB\n"
				   "Node 3 KernelStack:     7777777 kB\n"
				   "Node 3 Mlocked:         7777777 kB\n"
				   "Node 3 AnonHugePages:   7777777 kB\n"
				   "Node 3 HugePages_Total: 77777\n"
				   "Node 3 HugePages_Free:     77\n";
	struct view_node each[2];
	struct view view = sample(each, host);

	view.node = 3;
	view.memory.limit.value = MIB(30);
	view.memory.headroom.value = MIB(24);
	view.memory.stat.file = KIB(3000);
	view.memory.stat.inactive_file = KIB(600);
	view.memory.stat.kernel_stack = KIB(30);
	view.memory.stat.anon_thp = MIB(4);
	each[0].use = (struct cg_numa_node){ 2, { .file = 1, .kernel_stack = 2, .anon_thp = 1 } };
	each[1].use = (struct cg_numa_node){ 1, { .file = 2, .kernel_stack = 1, .anon_thp = 1 } };
	view.hugetlb = (struct cg_hugetlb){ { MIB(12), 0 }, MIB(4) };
	view.huge = (struct view_huge){ MIB(2), 100 };
	each[0].host_huge = 50, each[1].host_huge = 50;
	each[1].huge_use = MIB(4);
	assert_renders(node_meminfo_render, &view,
		       "Node 3 MemTotal:          10240 kB\n"
		       "Node 3 MemFree:            8192 kB\n"
		       "Node 3 MemUsed:             2048 kB\n"
		       "Node 3 Inactive(file):      400 kB\n"
		       "Node 3 FilePages:          2000 kB\n"
		       "Node 3 KernelStack:          10 kB\n"
		       "Node 3 Mlocked:               0 kB\n"
		       "Node 3 AnonHugePages:      2048 kB\n"
		       "Node 3 HugePages_Total:     3\n"
		       "Node 3 HugePages_Free:      1\n");
}

static void meminfo_survives_what_is_none(void **state)
{
	struct view_node each[2];
	struct view view =
		sample(each, "MemTotal: 77 kB\nNode x MemTotal: 77 kB\nNode 1\nNode 1 MemFree 77\nNode 1 :77\n"
			     "Node 1 Mem Free: 77\nNode 1 Odd: x\nNode 9 Odd:77");

	view.node = 1;
	assert_renders(node_meminfo_render, &view, "Node 1 Odd: 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_of_visible_nodes),
		cmocka_unit_test(cpus_have_shown_numbers),
		cmocka_unit_test(distances_are_those_of_visible_nodes),
		cmocka_unit_test(meminfo_has_the_nodes_part),
		cmocka_unit_test(meminfo_survives_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
