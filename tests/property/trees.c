/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/property/trees.h"

#include <math.h>
#include <string.h>

#define LARGE (UINT64_C(1) << 61) /* no machine has so much, and the sum of a few is still no overflow */

/* Of each kind of limit that is told apart somewhere, as often as of any other. */
static uint64_t random_limit(struct random_case *random, uint64_t host)
{
	switch (random_upto(random, 7)) {
	case 0:
		return 0;
	case 1:
		return random_upto(random, MIB(1));
	case 2:
	case 3:
		return random_upto(random, host);
	case 4:
		return host + random_upto(random, 4 * host);
	case 5:
		return (UINT64_C(1) << 63) - 4096 * (1 + random_upto(random, 1000));
	default:
		return CG_UNLIMITED;
	}
}

/* Also above the limit. */
static uint64_t random_usage(struct random_case *random, uint64_t limit, uint64_t host)
{
	uint64_t near = MIN(limit, host);

	switch (random_upto(random, 4)) {
	case 0:
		return 0;
	case 1:
		return near + random_upto(random, MIB(64));
	case 2:
		return random_wild(random) % LARGE;
	default:
		return random_upto(random, near);
	}
}

/* Some CPUs of a set, at least one of them where it has any. */
static uint32_t random_part(struct random_case *random, uint32_t of)
{
	uint32_t part = of & (uint32_t)random_upto(random, UINT32_MAX);

	return part ? part : of & -of;
}

/* A cpuset without an online CPU is one whose CPUs were all taken offline. */
static uint32_t random_cpuset(struct random_case *random, uint32_t online)
{
	uint32_t all = (1U << TREE_CPUS) - 1;

	if (random_one_in(random, 6))
		return 0;
	if (random_one_in(random, 16))
		return all & ~online;
	return random_part(random, online) | (random_one_in(random, 3) ? random_part(random, all) : 0);
}

static uint64_t random_quota(struct random_case *random, uint64_t period)
{
	if (random_one_in(random, 3))
		return CG_UNLIMITED;
	if (random_one_in(random, 16))
		return 0;
	return random_upto(random, random_one_in(random, 4) ? period : 2 * TREE_CPUS * period);
}

void tree_random_limits(struct random_case *random, struct random_tree *tree)
{
	for (unsigned i = 1; i <= TREE_DEPTH; i++) {
		struct tree_level *level = &tree->level[i];

		level->period_us = 1 + random_upto(random, 1000000);
		level->quota_us = random_quota(random, level->period_us);
		level->cpus = random_cpuset(random, tree->online);
	}
}

void tree_advance(struct random_case *random, struct random_tree *tree, uint64_t elapsed_us)
{
	uint64_t busy = random_upto(random, elapsed_us);

	for (unsigned i = 1; i <= TREE_DEPTH; i++) {
		for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
			tree->level[i].used_us[cpu] += random_upto(random, busy);
		tree->level[i].throttled_us += random_upto(random, elapsed_us);
	}
}

static void random_level(struct random_case *random, const struct random_tree *tree, bool swap,
			 struct tree_level *level)
{
	*level = (struct tree_level){
		.memory = !random_one_in(random, 4),
		.swap = swap,
		.cpu = !random_one_in(random, 4),
		.cpuacct = tree_version(tree->layout, CG_CPUACCT) == 2 || !random_one_in(random, 4),
		.cpuset = !random_one_in(random, 3),
		.hugetlb = random_one_in(random, 2),
		.old_cpuset = random_one_in(random, 4),
		.limit = random_limit(random, tree->host_memory),
		.swap_limit = random_limit(random, tree->host_swap + tree->host_memory / 2),
		.huge_limit = random_limit(random, MIB(256)),
	};
	level->usage = random_usage(random, level->limit, tree->host_memory);
	level->swap_usage = random_usage(random, level->swap_limit, tree->host_swap + tree->host_memory / 2);
	level->huge_usage = random_usage(random, level->huge_limit, MIB(256));
}

/* In v1 a process may be in another place in each hierarchy; a hierarchy has one depth for all its controllers. */
static void random_depths(struct random_case *random, struct random_tree *tree)
{
	unsigned depth[CG_CONTROLLERS];
	bool same = random_one_in(random, 2);

	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		depth[i] = same && i > 0 ? depth[0] : 1 + (unsigned)random_upto(random, TREE_DEPTH - 1);
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		if (tree_version(tree->layout, c) != 0)
			tree->depth[c] = depth[tree_hierarchy(tree->layout, c)];
}

void tree_random(struct random_case *random, struct random_tree *tree)
{
	bool swap = random_one_in(random, 2); /* is accounted for all or none */

	*tree = (struct random_tree){
		.layout = (unsigned)random_upto(random, tree_layouts() - 1),
		.host_memory = KIB(1 + random_upto(random, (UINT64_C(1) << random_upto(random, 32)))),
		.host_swap = random_one_in(random, 4) ? 0 : KIB(random_upto(random, UINT64_C(1) << 24)),
		.renumber = random_one_in(random, 3),
	};
	tree->online = random_part(random, (1U << (1 + random_upto(random, TREE_CPUS - 1))) - 1);
	random_depths(random, tree);
	for (unsigned i = 1; i <= TREE_DEPTH; i++)
		random_level(random, tree, swap, &tree->level[i]);
	tree_random_limits(random, tree);
	tree_advance(random, tree, random_upto(random, TREE_NOW_US));
}

/* ---- what is to be seen of it ---- */

static uint64_t left(uint64_t limit, uint64_t usage)
{
	return limit > usage ? limit - usage : 0;
}

/* v1 has one figure for memory and swap together. */
static uint64_t alone(const struct random_tree *tree, uint64_t both, uint64_t memory)
{
	if (tree_version(tree->layout, CG_MEMORY) == 2)
		return both;
	return both >= UINT64_C(1) << 62 ? CG_UNLIMITED : left(both, memory);
}

/* Each level's limit and what it leaves, from the root's child down to the container; the lowest is its own. */
static void figure_memory(const struct random_tree *tree, struct tree_figures *figures)
{
	uint64_t usage = 0, swap_usage = 0, swap_unused = CG_UNLIMITED;
	bool swap = false;

	figures->total = figures->unused = tree->host_memory;
	figures->swap_total = tree->host_swap;
	for (unsigned i = 1; i <= tree->depth[CG_MEMORY]; i++) {
		const struct tree_level *level = &tree->level[i];
		uint64_t limit = alone(tree, level->swap_limit, level->limit);

		if (!level->memory)
			continue;
		usage = level->usage;
		figures->total = MIN(figures->total, level->limit);
		figures->unused = MIN(figures->unused, left(level->limit, usage));
		swap = level->swap;
		if (!swap)
			continue;
		swap_usage = alone(tree, level->swap_usage, level->usage);
		figures->swap_total = MIN(figures->swap_total, limit);
		swap_unused = MIN(swap_unused, left(limit, swap_usage));
	}
	/* The host is a limit too, and what it leaves is measured by the container's own usage. */
	figures->unused = MIN(figures->unused, left(tree->host_memory, usage));
	figures->swap_total = swap ? figures->swap_total : 0;
	figures->swap_unused = MIN(swap_unused, left(figures->swap_total, swap_usage));
}

static uint32_t first_bits(uint32_t set, uint64_t most)
{
	uint32_t first = 0;

	for (; set && most > 0; most--) {
		first |= set & -set;
		set &= set - 1;
	}
	return first;
}

/* cgroup-v1/cpusets.rst: tasks whose CPUs are all offline run on the others. */
static void figure_cpus(const struct random_tree *tree, struct tree_figures *figures)
{
	uint64_t most = TREE_CPUS;
	unsigned tightest = tree->depth[CG_CPU];
	double rate = HUGE_VAL;
	uint32_t set = 0;

	for (unsigned i = tree->depth[CG_CPU]; i > 0; i--) {
		const struct tree_level *level = &tree->level[i];
		double its = (double)level->quota_us / (double)level->period_us;

		if (!level->cpu || level->quota_us == CG_UNLIMITED)
			continue;
		most = MIN(most, (level->quota_us + level->period_us - 1) / level->period_us);
		if (its < rate) {
			rate = its;
			tightest = i;
		}
	}
	for (unsigned i = 1; i <= tree->depth[CG_CPUSET]; i++)
		if (tree->level[i].cpuset && tree->level[i].cpus)
			set = tree->level[i].cpus;
	set = set & tree->online ? set & tree->online : tree->online;
	figures->cpus = first_bits(set, MAX(most, 1));
	figures->throttled_us = tree->level[tightest].cpu ? tree->level[tightest].throttled_us : 0;
}

static void figure_times(const struct random_tree *tree, struct tree_figures *figures)
{
	for (unsigned i = 1; i <= tree->depth[CG_CPUACCT]; i++) {
		if (!tree->level[i].cpuacct)
			continue;
		figures->used_us = 0;
		memcpy(figures->each_us, tree->level[i].used_us, sizeof(figures->each_us));
		for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
			figures->used_us += figures->each_us[cpu];
	}
}

struct tree_figures tree_expect(const struct random_tree *tree)
{
	struct tree_figures figures = { 0 };

	figure_memory(tree, &figures);
	figure_cpus(tree, &figures);
	figure_times(tree, &figures);
	return figures;
}
