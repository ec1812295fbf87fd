/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/proc/sample_node.h"

#define SET(cpu, n)                       \
	"    cpu: " cpu "\n"              \
	"              count:    " n "\n" \
	"              high:     " n "\n" \
	"  vm stats threshold: " n "\n"

#define ZONE(name, present, free, figure, sets)                        \
	name "  pages free     " free "\n"                             \
	     "        min      " figure "\n"                           \
	     "        present  " present "\n"                          \
	     "        managed  " present "\n"                          \
	     "        protection: (" figure ", 0)\n"                   \
	     "      nr_free_pages " free "\n"                          \
	     "      nr_zone_active_anon " figure "\n"                  \
	     "      numa_hit     " figure "\n"                         \
	     "  pagesets\n" sets "  node_unreclaimable:  " figure "\n" \
	     "  start_pfn:           " figure "\n"

#define EMPTY(name)                 \
	name "\n"                   \
	     "  pages free     0\n" \
	     "        present  0\n" \
	     "        protection: (0, 0)\n"

#define STATS(active, cache)                \
	"  per-node stats\n"                \
	"      nr_active_anon " active "\n" \
	"      nr_file_pages " cache "\n"   \
	"      workingset_nodes 0\n"

/* clang-format off */
static void the_containers_memory_lies_in_the_last_zone_with_pages(void **state)
{
	struct view_node each;
	struct view view = sample_node(&each,
		ZONE("Node 0, zone   Normal\n", "4444", "333", "777", SET("1", "7"))
		ZONE("Node 1, zone    DMA32\n" STATS("88", "99"), "5555", "222", "777", SET("1", "7"))
		ZONE("Node 1, zone   Normal\n", "6666", "111", "777", SET("0", "7") SET("1", "7") SET("3", "7"))
		EMPTY("Node 1, zone  Movable"));

	view.memory.stat.active_anon = view.memory.stat.anon = 40 * PAGE;
	view.memory.stat.file = 50 * PAGE;
	view.cpus.renumber = true;
	assert_renders(zoneinfo_render, &view,
		"Node 1, zone    DMA32\n" STATS("40", "50")
		"  pages free     0\n"
		"        min      0\n"
		"        present  0\n"
		"        managed  0\n"
		"        protection: (0, 0)\n"
		"      nr_free_pages 0\n"
		"      nr_zone_active_anon 0\n"
		"      numa_hit     0\n"
		"  pagesets\n" SET("0", "0")
		"  node_unreclaimable:  0\n"
		"  start_pfn:           0\n"
		"Node 1, zone   Normal\n"
		"  pages free     1003\n"
		"        min      0\n"
		"        present  2048\n"
		"        managed  2048\n"
		"        protection: (0, 0)\n"
		"      nr_free_pages 1003\n"
		"      nr_zone_active_anon 40\n"
		"      numa_hit     0\n"
		"  pagesets\n" SET("0", "0") SET("1", "0")
		"  node_unreclaimable:  0\n"
		"  start_pfn:           0\n"
		EMPTY("Node 1, zone  Movable"));
}
/* clang-format on */

static void what_is_not_understood_is_left_out(void **state)
{
	struct view_node each;
	struct view view = sample_node(&each, "  pages free     7\n"
					      "Node 1, zone   Normal 7\n"
					      "  pages free     7\n"
					      "Node 1, zone   Normal\n"
					      "  pages free     7 7x\n"
					      "  pages-free     7\n"
					      "7\n"
					      "  \x01 7\n"
					      "        present  7\n");

	assert_renders(zoneinfo_render, &view,
		       "Node 1, zone   Normal\n"
		       "        present  2048\n");
	view.host = NULL;
	assert_renders(zoneinfo_render, &view, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_containers_memory_lies_in_the_last_zone_with_pages),
		cmocka_unit_test(what_is_not_understood_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
