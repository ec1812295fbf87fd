/* SPDX-License-Identifier: Apache-2.0
 *
 * The vocabulary: what a cgroup says, in neutral words and units.
 *
 * Nothing outside cgroup/ knows which version of cgroups a figure comes from.
 * Units are bytes and microseconds. Absence is data: a limit that is not set
 * is CG_UNLIMITED, a controller that is not there gives the same. Everything
 * here is a transparent value: copy it, compare it, build it in a test.
 *
 * The files behind these figures are described in the kernel's
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* No limit: v2's "max", v1's values near 2^63, a missing file or controller. */
#define CG_UNLIMITED UINT64_MAX

/* Frees an owned value at the end of its scope: cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 }; */
#define cg_cleanup(clear) __attribute__((cleanup(clear)))

/* A figure that does not come from any level of the cgroup's ancestry. */
#define CG_LEVEL_NONE (-1)

/* Saturating subtraction: a number that would be negative is 0. */
static inline uint64_t cg_minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * The smallest of a figure over a cgroup and its ancestors. `level` counts the
 * steps from the cgroup towards the root: 0 is the cgroup itself, 1 its parent.
 * CG_LEVEL_NONE when no level sets it (value is then CG_UNLIMITED).
 */
struct cg_limit {
	uint64_t value;
	int level;
};

/* The controllers this project reads; a hybrid host mixes versions per controller. */
enum cg_controller {
	CG_CPU,
	CG_CPUACCT,
	CG_CPUSET,
	CG_MEMORY,
	CG_IO, /* v1: blkio */
	CG_PIDS,
	CG_HUGETLB,
	CG_CORE, /* processes and pressure: the v2 hierarchy where mounted, else v1's name=systemd */
	CG_CONTROLLERS
};

/*
 * Where one container is: its path in each controller's hierarchy, beginning
 * with "/", "/" for the hierarchy's root; NULL where the controller is absent.
 * Strings are owned; cg_paths_clear() frees them and leaves an empty value.
 */
struct cg_paths {
	char *of[CG_CONTROLLERS];
};

/* memory.stat, in bytes (v1: the hierarchical total_* values). A key this kernel lacks is 0. */
struct cg_memory_stat {
	uint64_t anon, file, swapcached;
	uint64_t active_anon, inactive_anon, active_file, inactive_file, unevictable;
	uint64_t file_dirty, file_writeback, file_mapped, shmem;
	uint64_t slab_reclaimable, slab_unreclaimable;
	uint64_t kernel_stack, pagetables, sec_pagetables, percpu;
	uint64_t anon_thp, shmem_thp, file_thp;
	uint64_t zswap, zswapped;
};

struct cg_memory {
	struct cg_limit limit;         /* memory.max */
	struct cg_limit high;          /* memory.high: not a limit; kept to explain slowness */
	struct cg_limit headroom;      /* smallest (limit - usage) over the levels that have a limit */
	struct cg_limit slack;         /* smallest (limit - usage + reclaimable) over those levels */
	uint64_t usage;                /* the container's own */
	bool has_swap;                 /* swap is accounted for this container */
	struct cg_limit swap_limit;    /* swap alone; v1: memsw - mem */
	struct cg_limit swap_headroom; /* smallest (swap_limit - swap_usage) */
	uint64_t swap_usage;
	struct cg_memory_stat stat;
};

/*
 * What happened to a cgroup's pages since it was made, nested cgroups included: the counters of memory.stat, by the names that they
 * have in /proc/vmstat too. One that this kernel or this version lacks is 0; v1 has faults and refaults alone.
 * Their order is part of records (fs/container/event_counts.c): a new one goes to the end.
 */
/* clang-format off */
#define CG_MEMORY_EVENTS(EVENT) \
	EVENT(workingset_refault) EVENT(workingset_refault_anon) EVENT(workingset_refault_file)                                     \
	EVENT(workingset_activate) EVENT(workingset_activate_anon) EVENT(workingset_activate_file)                                  \
	EVENT(workingset_restore) EVENT(workingset_restore_anon) EVENT(workingset_restore_file)                                     \
	EVENT(workingset_nodereclaim) EVENT(pgpromote_success) EVENT(pswpin) EVENT(pswpout)                                         \
	EVENT(pgdemote_kswapd) EVENT(pgdemote_direct) EVENT(pgdemote_khugepaged) EVENT(pgdemote_proactive)                          \
	EVENT(pgscan_kswapd) EVENT(pgscan_direct) EVENT(pgscan_khugepaged) EVENT(pgscan_proactive)                                  \
	EVENT(pgsteal_kswapd) EVENT(pgsteal_direct) EVENT(pgsteal_khugepaged) EVENT(pgsteal_proactive)                              \
	EVENT(pgfault) EVENT(pgmajfault) EVENT(pgrefill) EVENT(pgactivate) EVENT(pgdeactivate) EVENT(pglazyfree) EVENT(pglazyfreed) \
	EVENT(swpin_zero) EVENT(swpout_zero) EVENT(zswpin) EVENT(zswpout) EVENT(zswpwb)                                             \
	EVENT(thp_fault_alloc) EVENT(thp_collapse_alloc) EVENT(thp_swpout) EVENT(thp_swpout_fallback)                               \
	EVENT(numa_pages_migrated) EVENT(numa_pte_updates) EVENT(numa_hint_faults)
/* clang-format on */

struct cg_memory_events {
#define CG_EVENT_MEMBER(name) uint64_t name;
	CG_MEMORY_EVENTS(CG_EVENT_MEMBER)
#undef CG_EVENT_MEMBER
	uint64_t oom_kill; /* processes that were killed; v1 (4.13): of the cgroup alone */
};

/* As many memory nodes as any kernel can have (CONFIG_NODES_SHIFT is at most 10). */
#define CG_MAX_NODES 1024

/*
 * What of a cgroup's memory lies in one memory node; what is not counted by node is 0 in all of them. v2 counts most of memory.stat.
 * v1 only counts what is on the lists of the reclaim: anon (shared memory is among it there), file, unevictable.
 */
struct cg_numa_node {
	uint64_t usage; /* what is charged there */
	struct cg_memory_stat stat;
};

/* By the node's number; a node from n on has nothing of it. Owned array. */
struct cg_numa {
	unsigned n;
	struct cg_numa_node *node;
};

/* Huge pages of one size. */
struct cg_hugetlb {
	struct cg_limit limit;
	uint64_t usage;
};

/* A CPU bandwidth limit: quota_us of CPU time each period_us of wall time. */
struct cg_quota {
	uint64_t quota_us;  /* CG_UNLIMITED: none */
	uint64_t period_us; /* never 0 */
	int level;
};

struct cg_cpu {
	struct cg_quota quota; /* the smallest quota/period over all levels */
	uint64_t shares;       /* v1's scale, 1024 = one default share; v2's weight is converted as OCI runtimes do */
};

#define CG_MAX_CPUS 8192

/* A set of CPUs or of memory nodes. */
struct cg_cpumask {
	uint64_t word[CG_MAX_CPUS / 64];
};

/* CPU time used since the cgroup was made. */
struct cg_cputime {
	uint64_t usage_us, user_us, system_us; /* user + system = usage */
	/* Per CPU, by physical number, where the kernel counts so (v1); NULL on v2. Owned. */
	unsigned n_percpu;
	uint64_t *percpu_us;
};

struct cg_pids {
	struct cg_limit limit;
	uint64_t current; /* threads */
	bool has_current;
};

/* io.stat, one device. */
struct cg_io_device {
	unsigned major, minor;
	uint64_t rbytes, wbytes, rios, wios, dbytes, dios;
};

/* Owned array. */
struct cg_io {
	unsigned n;
	struct cg_io_device *device;
};

/* One line of a pressure file: averages in hundredths of a percent. */
struct cg_pressure_line {
	bool present;
	uint64_t avg10, avg60, avg300, total_us;
};

struct cg_pressure {
	struct cg_pressure_line some, full;
};

enum cg_pressure_kind { CG_PRESSURE_CPU, CG_PRESSURE_IO, CG_PRESSURE_MEMORY, CG_PRESSURE_IRQ, CG_PRESSURE_KINDS };
