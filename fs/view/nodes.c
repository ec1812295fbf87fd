/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/nodes.h"

#include "cgroup/convert.h"
#include "cgroup/cpulist.h"
#include "fs/view/memory.h"

#include <string.h>

/* ---- which ---- */

void nodes_choose(struct view_nodes *ret, const struct cg_cpumask *online, const struct cg_cpumask *mems)
{
	struct cg_cpumask within = *online;

	if (!cg_cpumask_empty(mems))
		cg_cpumask_and(&within, mems);
	if (cg_cpumask_empty(&within))
		within = *online;
	if (cg_cpumask_empty(&within))
		cg_cpumask_set(&within, 0);
	*ret = (struct view_nodes){ .online = *online, .visible = within, .n = cg_cpumask_count(&within) };
}

void nodes_settle_cpus(struct view_nodes *nodes, const struct view_cpus *cpus)
{
	cg_cpumask_foreach (cpu, &cpus->visible) {
		unsigned home = 0;

		while (home < nodes->n && !cg_cpumask_has(&nodes->each[home].cpus, cpu))
			home++;
		if (home == nodes->n)
			cg_cpumask_set(&nodes->each[0].cpus, cpu);
	}
	for (unsigned i = 0; i < nodes->n; i++)
		cg_cpumask_and(&nodes->each[i].cpus, &cpus->visible);
}

unsigned nodes_own(const struct view *view)
{
	for (unsigned i = 0; i < view->nodes.n; i++) {
		if (view->nodes.each && view->nodes.each[i].number == view->node)
			return i;
	}
	return 0;
}

/* ---- how much ---- */

/* Small enough that the sum over all nodes does not wrap. */
static uint64_t weight(const struct view_node *node, size_t by)
{
	uint64_t figure;

	memcpy(&figure, (const char *)node + by, sizeof(figure));
	return MIN(figure, UINT64_MAX / CG_MAX_NODES);
}

/* Of the nodes before each[n]. */
static uint64_t weight_before(const struct view_nodes *nodes, unsigned n, size_t by)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += weight(&nodes->each[i], by);
	return sum;
}

/* v1 counts by kind alone; and a kernel may count less by node than it does in all. */
static size_t kind_of(size_t by)
{
	static const struct {
		size_t by, kind;
	} kinds[] = {
		{ NODES_BY_STAT(active_anon), NODES_BY_STAT(anon) },
		{ NODES_BY_STAT(inactive_anon), NODES_BY_STAT(anon) },
		{ NODES_BY_STAT(anon_thp), NODES_BY_STAT(anon) },
		{ NODES_BY_STAT(shmem), NODES_BY_STAT(anon) },
		{ NODES_BY_STAT(swapcached), NODES_BY_STAT(anon) },
		{ NODES_BY_STAT(active_file), NODES_BY_STAT(file) },
		{ NODES_BY_STAT(inactive_file), NODES_BY_STAT(file) },
		{ NODES_BY_STAT(file_mapped), NODES_BY_STAT(file) },
		{ NODES_BY_STAT(file_dirty), NODES_BY_STAT(file) },
		{ NODES_BY_STAT(file_thp), NODES_BY_STAT(file) },
		{ NODES_BY_STAT(file_writeback), NODES_BY_STAT(file) },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (kinds[i].by == by)
			return kinds[i].kind;
	}
	return NODES_BY(use.usage);
}

/* The parts end where the running sums of the weights do, so that what rounding takes from one the next one gets. */
uint64_t nodes_part(const struct view_nodes *nodes, unsigned i, uint64_t amount, size_t by)
{
	const size_t order[] = { by, kind_of(by), NODES_BY(use.usage), NODES_BY(host_memory) };

	for (unsigned k = 0; k < G_N_ELEMENTS(order); k++) {
		uint64_t all = weight_before(nodes, nodes->n, order[k]);
		uint64_t from = weight_before(nodes, i, order[k]);
		uint64_t to = from + weight(&nodes->each[i], order[k]);

		if (all > 0)
			return (uint64_t)((cg_u128)amount * to / all) - (uint64_t)((cg_u128)amount * from / all);
	}
	return i == 0 ? amount : 0;
}

/* ---- totals ---- */

/* What each[i] has left of its share of the size. */
static uint64_t left(const struct view_nodes *nodes, unsigned i, const struct node_share *whole, size_t by_size,
		     size_t by_use)
{
	return cg_minus(nodes_part(nodes, i, whole->total, by_size), nodes_part(nodes, i, whole->used, by_use));
}

/* What is free in all, divided as what the nodes have left. */
struct node_share nodes_share(const struct view_nodes *nodes, unsigned i, uint64_t total, uint64_t used, size_t by_size,
			      size_t by_use)
{
	struct node_share whole = { total, MIN(used, total), cg_minus(total, used) };
	struct node_share share = { .used = nodes_part(nodes, i, whole.used, by_use) };
	cg_u128 all = 0, from = 0, own = left(nodes, i, &whole, by_size, by_use);

	for (unsigned k = 0; k < nodes->n; k++) {
		uint64_t here = left(nodes, k, &whole, by_size, by_use);

		from += k < i ? here : 0;
		all += here;
	}
	/* all >= free, because no node has less left than its size less its use. */
	if (all > 0)
		share.free = (uint64_t)(whole.free * (from + own) / all) - (uint64_t)(whole.free * from / all);
	share.total = share.used + share.free;
	return share;
}

struct node_share nodes_memory(const struct view *view, unsigned i)
{
	uint64_t total = memory_pages(view, memory_total(view));
	uint64_t unused = memory_pages(view, memory_free(view));

	return nodes_share(&view->nodes, i, total, total - unused, NODES_BY(host_memory), NODES_BY(use.usage));
}
