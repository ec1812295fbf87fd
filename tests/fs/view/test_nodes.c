/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include "fs/view/nodes.h"

#define PAGE 4096

static void the_mems_are_visible(void **state)
{
	struct cg_cpumask online = sample_mask("0-3"), mems = sample_mask("1,3-9");
	struct cg_cpumask expected = sample_mask("1,3");
	struct view_nodes nodes;

	nodes_choose(&nodes, &online, &mems);
	assert_true(cg_cpumask_equal(&nodes.visible, &expected));
	assert_int_equal(nodes.n, 2);
}

static void without_mems_all_are_visible(void **state)
{
	struct cg_cpumask online = sample_mask("0-1"), none = { 0 }, gone = sample_mask("7"), first = sample_mask("0");
	struct view_nodes nodes;

	nodes_choose(&nodes, &online, &none);
	assert_true(cg_cpumask_equal(&nodes.visible, &online));
	nodes_choose(&nodes, &online, &gone);
	assert_true(cg_cpumask_equal(&nodes.visible, &online));
	nodes_choose(&nodes, &none, &none);
	assert_true(cg_cpumask_equal(&nodes.visible, &first));
	assert_int_equal(nodes.n, 1);
}

static void each_cpu_has_one_node(void **state)
{
	struct view_cpus cpus = sample_cpus("2,5-6,9", 16, false);
	struct view_node each[] = { { .cpus = sample_mask("0-3") }, { .cpus = sample_mask("4-7") } };
	struct view_nodes nodes = { .n = 2, .each = each };
	struct cg_cpumask first = sample_mask("2,9"), second = sample_mask("5-6");

	nodes_settle_cpus(&nodes, &cpus);
	assert_true(cg_cpumask_equal(&each[0].cpus, &first));
	assert_true(cg_cpumask_equal(&each[1].cpus, &second));
}

static void the_row_has_its_node(void **state)
{
	struct view_node each[] = { { .number = 1 }, { .number = 5 } };
	struct view view = { .nodes = { .n = 2, .each = each }, .node = 5 };

	assert_int_equal(nodes_own(&view), 1);
	view.node = 2;
	assert_int_equal(nodes_own(&view), 0);
}

static void parts_follow_the_figures(void **state)
{
	struct view_node each[] = { { .host_memory = 300, .use = { .usage = 10, .stat = { .anon = 1, .file = 3 } } },
				    { .host_memory = 100, .use = { .usage = 30, .stat = { .anon = 2, .file = 1 } } } };
	struct view_nodes nodes = { .n = 2, .each = each };

	assert_int_equal(nodes_part(&nodes, 0, 10, NODES_BY_STAT(anon)), 3);
	assert_int_equal(nodes_part(&nodes, 1, 10, NODES_BY_STAT(anon)), 7);
	/* not counted by node: as its kind, as what is used, as the host */
	assert_int_equal(nodes_part(&nodes, 0, 12, NODES_BY_STAT(inactive_file)), 9);
	assert_int_equal(nodes_part(&nodes, 0, 12, NODES_BY_STAT(percpu)), 3);
	each[0].use = each[1].use = (struct cg_numa_node){ 0 };
	assert_int_equal(nodes_part(&nodes, 0, 12, NODES_BY_STAT(anon)), 9);
	each[0].host_memory = each[1].host_memory = 0;
	assert_int_equal(nodes_part(&nodes, 0, 12, NODES_BY_STAT(anon)), 12);
	assert_int_equal(nodes_part(&nodes, 1, 12, NODES_BY_STAT(anon)), 0);
}

/* 1000 pages, 300 of them used, on nodes of which the first is three times as large. */
static struct view sample_two(struct view_node each[2])
{
	struct view view = sample_unlimited(MIB(4096));

	view.nodes = (struct view_nodes){ .n = 2, .each = each };
	view.memory.limit.value = 1000 * PAGE;
	view.memory.headroom.value = 700 * PAGE;
	each[0] = (struct view_node){ .number = 0, .host_memory = MIB(3072), .use = { .usage = 100 } };
	each[1] = (struct view_node){ .number = 1, .host_memory = MIB(1024), .use = { .usage = 200 } };
	return view;
}

static void memory_is_divided_as_the_hosts(void **state)
{
	struct view_node each[2];
	struct view view = sample_two(each);
	struct node_share a = nodes_memory(&view, 0), b = nodes_memory(&view, 1);

	assert_int_equal(a.total, 750);
	assert_int_equal(a.used, 100);
	assert_int_equal(a.free, 650);
	assert_int_equal(b.total, 250);
	assert_int_equal(b.used, 200);
	assert_int_equal(b.free, 50);
}

static void a_full_node_is_as_large_as_what_it_holds(void **state)
{
	struct view_node each[2];
	struct view view = sample_two(each);
	struct node_share a, b;

	each[0].use.usage = 0;
	a = nodes_memory(&view, 0), b = nodes_memory(&view, 1);
	assert_int_equal(b.used, 300);
	assert_int_equal(b.total, 300);
	assert_int_equal(b.free, 0);
	assert_int_equal(a.used, 0);
	assert_int_equal(a.free, 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mems_are_visible),
		cmocka_unit_test(without_mems_all_are_visible),
		cmocka_unit_test(each_cpu_has_one_node),
		cmocka_unit_test(the_row_has_its_node),
		cmocka_unit_test(parts_follow_the_figures),
		cmocka_unit_test(memory_is_divided_as_the_hosts),
		cmocka_unit_test(a_full_node_is_as_large_as_what_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
