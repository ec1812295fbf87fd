/* SPDX-License-Identifier: Apache-2.0
 *
 * Random hosts with random cgroups, as numbers and as files: what a tree
 * says is known here without any of the code that reads it.
 */
#pragma once

#include "cgroup/hierarchies.h"
#include "fs/container/host.h"
#include "tests/property/view_random.h"

#define TREE_DEPTH 5
#define TREE_CPUS  24

/* Bytes and microseconds; CG_UNLIMITED where a limit is not set. */
struct tree_level {
	bool memory, swap, cpu, cpuacct, cpuset, hugetlb; /* whose files are there */
	bool old_cpuset;                                  /* without the effective set */
	uint64_t limit, usage;
	uint64_t swap_limit, swap_usage; /* v1: of memory and swap together */
	uint64_t huge_limit, huge_usage;
	uint64_t quota_us, period_us, throttled_us;
	uint64_t used_us[TREE_CPUS];
	uint32_t cpus; /* a bit each; none: as its parent */
};

struct random_tree {
	unsigned layout;
	uint64_t host_memory, host_swap;
	uint32_t online;
	bool renumber;
	unsigned depth[CG_CONTROLLERS];          /* of the container; 0 where the layout has no such controller */
	struct tree_level level[TREE_DEPTH + 1]; /* level[0], the root, is not used */
};

/* What SEMANTICS says that the container sees; bytes. */
struct tree_figures {
	uint64_t total, unused, swap_total, swap_unused;
	uint32_t cpus;
	uint64_t used_us, throttled_us;
	uint64_t each_us[TREE_CPUS]; /* v2 does not tell */
};

void tree_random(struct random_case *random, struct random_tree *ret_tree);

/* Other quotas and cpusets. */
void tree_random_limits(struct random_case *random, struct random_tree *tree);

/* `elapsed_us` later: more CPU time used and throttled. */
void tree_advance(struct random_case *random, struct random_tree *tree, uint64_t elapsed_us);

struct tree_figures tree_expect(const struct random_tree *tree);

/* ---- as files ---- */

/* A host's /proc and /sys and, for each layout, a chain of cgroups, below a scratch directory. */
struct forest;

struct forest *forest_new(void);
void forest_free(struct forest *forest);
unsigned tree_layouts(void);
const char *tree_layout_name(unsigned layout);

/* 0 where the layout has no such controller. */
int tree_version(unsigned layout, enum cg_controller controller);

/* The index of its hierarchy in the layout; only where it has the controller. */
unsigned tree_hierarchy(unsigned layout, enum cg_controller controller);

/* memory.stat gets numbers that fit to nothing. */
void forest_write(struct forest *forest, struct random_case *random, const struct random_tree *tree);

/* Only what tree_random_limits() and tree_advance() change. */
void forest_write_cpus(struct forest *forest, const struct random_tree *tree);

/* It began 500 s after the host, and has one process. */
#define TREE_START_US 500000000
#define TREE_NOW_US   1000000000

Host *forest_host(const struct forest *forest);
const CgHierarchies *forest_hierarchies(const struct forest *forest, const struct random_tree *tree);
struct cg_paths tree_paths(const struct random_tree *tree); /* owned */
