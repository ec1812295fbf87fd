/* SPDX-License-Identifier: Apache-2.0
 *
 * Which memory nodes a container sees, and how its memory is divided over them. Pure.
 *
 * A cgroup's limit is not one of a node, so the division is a convention. Whatever is divided, the parts add up to exactly
 * the whole, and a part is at most one unit away from its share:
 *
 *  - what is used is divided as memory.numa_stat counts it in the visible nodes, scaled to the container's usage:
 *    that is read at another moment, and counts neither all that is charged nor nodes that are not visible;
 *  - MemTotal is divided as the host's memory is over those nodes. A node that holds more than its share
 *    is shown as large as what it holds, and what is free of the others shrinks in proportion. So
 *    total = used + free in each node, none of them is negative, and totals stand still unless a node is full;
 *  - a figure of memory.stat is divided as numa_stat counts it; where it does not, as the kind of memory that it
 *    belongs to; else as what is used; else as the host's memory; else all of it lies in the first node.
 */
#pragma once

#include "fs/view/view.h"

#include <stddef.h>

/* The effective mems (empty: all) within the host's online nodes, at least one, as view_cpus_choose(). Without `each`. */
void nodes_choose(struct view_nodes *ret, const struct cg_cpumask *online, const struct cg_cpumask *mems);

/*
 * Every visible CPU belongs to one visible node: one whose own node is not visible, or that is in no node's `cpus`, to the
 * first one. Before the call `cpus` are the host's. So the nodes' lists together are the visible CPUs.
 */
void nodes_settle_cpus(struct view_nodes *nodes, const struct view_cpus *cpus);

/* Where in each[] the row's own node is; 0 where it is not visible. */
unsigned nodes_own(const struct view *view);

/* By which figure something is divided: one of struct view_node. */
#define NODES_BY(member)      offsetof(struct view_node, member)
#define NODES_BY_STAT(member) NODES_BY(use.stat.member)

/* The part of `amount`, in whichever unit, that belongs to each[i]. */
uint64_t nodes_part(const struct view_nodes *nodes, unsigned i, uint64_t amount, size_t by);

/* total = used + free. */
struct node_share {
	uint64_t total, used, free;
};

/* Of `total` of which `used` are in use, the part of each[i]. */
struct node_share nodes_share(const struct view_nodes *nodes, unsigned i, uint64_t total, uint64_t used, size_t by_size,
			      size_t by_use);

/* MemTotal, MemUsed and MemFree of each[i], in pages. */
struct node_share nodes_memory(const struct view *view, unsigned i);
