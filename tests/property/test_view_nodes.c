/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds of the division over memory nodes whatever a cgroup says.
 */
#include "tests/property/view_random.h"

#include "fs/view/memory.h"
#include "fs/view/nodes.h"

#define NODES 8

static void fill(struct random_case *random, struct view *view, struct view_node each[NODES])
{
	view->nodes = (struct view_nodes){ .n = 1 + (unsigned)random_upto(random, NODES - 1), .each = each };
	for (unsigned i = 0; i < view->nodes.n; i++) {
		each[i] = (struct view_node){ .number = i, .host_memory = random_wild(random) };
		each[i].use.usage = random_wild(random);
		each[i].use.stat.anon = random_wild(random);
	}
	view->host_memory = random_wild(random);
	view->memory.usage = random_wild(random);
	view->memory.limit.value = random_wild(random);
	view->memory.headroom.value = random_wild(random);
}

/* The parts of whatever it is are the whole. */
static void check_parts(struct random_case *random, const struct view *view)
{
	uint64_t amount = random_wild(random), left = amount;

	for (unsigned i = 0; i < view->nodes.n; i++) {
		uint64_t part = nodes_part(&view->nodes, i, amount, NODES_BY_STAT(anon));

		check(random, part <= left, "parts");
		left -= part;
	}
	check(random, left == 0, "parts");
}

static void check_memory(struct random_case *random, const struct view *view)
{
	struct node_share sum = { 0 };

	for (unsigned i = 0; i < view->nodes.n; i++) {
		struct node_share share = nodes_memory(view, i);

		check(random, share.total == share.used + share.free, "memory");
		sum.total += share.total;
		sum.free += share.free;
	}
	check(random, sum.total == memory_pages(view, memory_total(view)), "memory");
	check(random, sum.free == memory_pages(view, memory_free(view)), "memory");
}

static void division(struct random_case *random)
{
	struct view_node each[NODES];
	struct view view = { 0 };

	fill(random, &view, each);
	check_parts(random, &view);
	check_memory(random, &view);
}

static void holds_for_wild_figures(void **state)
{
	random_run(division);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(holds_for_wild_figures) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
