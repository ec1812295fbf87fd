/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/proc/sample_node.h"

/* 1003 = 3 * 256 + 235, which is 1 + 2 + 8 + 32 + 64 + 128. */
static void what_is_free_lies_in_the_last_zone_of_the_node(void **state)
{
	struct view_node each;
	struct view view = sample_node(
		&each, "Node 0, zone      DMA      7      7      7      7      7      7      7      7      7 \n"
		       "Node 0, zone   Normal      7      7      7      7      7      7      7      7      7 \n"
		       "Node 1, zone    DMA32      7      7      7      7      7      7      7      7      7 \n"
		       "Node 1, zone   Normal      7      7      7      7      7      7      7      7      7 \n");

	assert_renders(buddyinfo_render, &view,
		       "Node 1, zone    DMA32      0      0      0      0      0      0      0      0      0 \n"
		       "Node 1, zone   Normal      1      1      0      1      0      1      1      1      3 \n");
}

static void large_blocks_are_of_the_last_order(void **state)
{
	struct view_node each;
	struct view view = sample_node(&each, "Node 1, zone   Normal      7      7 \n");

	assert_renders(buddyinfo_render, &view, "Node 1, zone   Normal      1    501 \n");
}

static void what_is_not_understood_is_left_out(void **state)
{
	struct view_node each;
	struct view view = sample_node(&each, "Node x, zone   Normal      7 \n"
					      "Node 1, zone         7 \n"
					      "Node 1025, zone   Normal      7 \n"
					      "Node 99999999999999999999, zone   Normal      7 \n"
					      "Node 1 zone   Normal      7 \n");

	assert_renders(buddyinfo_render, &view, "");
	view = sample_node(&each, "Node 1, zone   Normal      7 \n");
	view.nodes.each = NULL;
	assert_renders(buddyinfo_render, &view, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_free_lies_in_the_last_zone_of_the_node),
		cmocka_unit_test(large_blocks_are_of_the_last_order),
		cmocka_unit_test(what_is_not_understood_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
