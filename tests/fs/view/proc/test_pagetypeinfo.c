/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/proc/sample_node.h"

#define HEAD                      \
	"Page block order: 9\n"   \
	"Pages per block:  512\n" \
	"\n"                      \
	"Free pages count per migrate type at order       0      1      2 \n"

#define BLOCKS \
	"\n"   \
	"Number of blocks type     Unmovable      Movable      Isolate \n"

static void all_is_movable(void **state)
{
	struct view_node each;
	struct view view =
		sample_node(&each, HEAD "Node    0, zone   Normal, type      Movable      7      7      7 \n" BLOCKS
					"Node 0, zone   Normal            7            7            7 \n" HEAD
					"Node    1, zone      DMA, type      Movable      7      7      7 \n"
					"Node    1, zone   Normal, type    Unmovable      7      7      7 \n"
					"Node    1, zone   Normal, type      Movable      7 >100000      7 \n" BLOCKS
					"Node 1, zone      DMA            7            7            7 \n"
					"Node 1, zone   Normal            7            7            7 \n");

	assert_renders(pagetypeinfo_render, &view,
		       HEAD "Node    1, zone      DMA, type      Movable      0      0      0 \n"
			    "Node    1, zone   Normal, type    Unmovable      0      0      0 \n"
			    "Node    1, zone   Normal, type      Movable      1      1    250 \n" BLOCKS
			    "Node 1, zone      DMA            0            0            0 \n"
			    "Node 1, zone   Normal            0            4            0 \n");
	view.memory.limit.value += PAGE; /* a block is begun */
	assert_renders(pagetypeinfo_render, &view,
		       HEAD "Node    1, zone      DMA, type      Movable      0      0      0 \n"
			    "Node    1, zone   Normal, type    Unmovable      0      0      0 \n"
			    "Node    1, zone   Normal, type      Movable      1      1    250 \n" BLOCKS
			    "Node 1, zone      DMA            0            0            0 \n"
			    "Node 1, zone   Normal            0            5            0 \n");
}

static void what_is_not_understood_is_left_out(void **state)
{
	struct view_node each;
	struct view view = sample_node(&each, "Mixed 7\n" HEAD "Node    1, zone   Normal, size     Movable      7\n"
					      "Number of blocks type     \x01\n"
					      "Number of blocks type     Unmovable\n"
					      "Node 1, zone   Normal            7\n");

	assert_renders(pagetypeinfo_render, &view,
		       HEAD "Number of blocks type     Unmovable\n"
			    "Node 1, zone   Normal            0 \n");
	view.host = NULL;
	assert_renders(pagetypeinfo_render, &view, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_movable),
		cmocka_unit_test(what_is_not_understood_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
