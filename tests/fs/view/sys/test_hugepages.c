/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include "fs/view/hugepages.h"

static struct view sample(uint64_t limit, uint64_t usage)
{
	struct view view = sample_unlimited(MIB(64));

	view.hugetlb.limit.value = limit;
	view.hugetlb.usage = usage;
	view.huge = (struct view_huge){ .page_size = MIB(2), .host_pages = 10 };
	return view;
}

static void the_limit_is_the_total(void **state)
{
	struct view view = sample(MIB(12) + 1, MIB(4));

	assert_renders(hugepages_total_render, &view, "6\n");
	assert_renders(hugepages_free_render, &view, "4\n");
}

static void the_hosts_pool_bounds_it(void **state)
{
	struct view view = sample(MIB(50), MIB(4));

	assert_renders(hugepages_total_render, &view, "10\n");
	assert_renders(hugepages_free_render, &view, "8\n");
}

static void without_a_limit_it_is_what_is_used(void **state)
{
	struct view view = sample(CG_UNLIMITED, MIB(4));

	assert_renders(hugepages_total_render, &view, "2\n");
	assert_renders(hugepages_free_render, &view, "0\n");
}

static void no_size_no_pages(void **state)
{
	struct view view = sample(MIB(12), MIB(4));

	view.huge.page_size = 0;
	assert_renders(hugepages_total_render, &view, "0\n");
	assert_renders(hugepages_node_total_render, &view, "0\n");
}

static void nodes_have_their_parts(void **state)
{
	struct view_node each[] = { { .number = 0, .host_huge = 2, .huge_use = MIB(2) },
				    { .number = 1, .host_huge = 8, .huge_use = MIB(2) } };
	struct view view = sample(MIB(20), MIB(4));

	view.nodes = (struct view_nodes){ .n = 2, .each = each };
	assert_renders(hugepages_node_total_render, &view, "2\n");
	assert_renders(hugepages_node_free_render, &view, "1\n");
	view.node = 1;
	assert_renders(hugepages_node_total_render, &view, "8\n");
	assert_renders(hugepages_node_free_render, &view, "7\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limit_is_the_total),
		cmocka_unit_test(the_hosts_pool_bounds_it),
		cmocka_unit_test(without_a_limit_it_is_what_is_used),
		cmocka_unit_test(no_size_no_pages),
		cmocka_unit_test(nodes_have_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
