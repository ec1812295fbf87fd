/* SPDX-License-Identifier: Apache-2.0
 *
 * A view: everything that one container may see at one moment, as plain
 * numbers and text. Renderers turn it into a file's text; they do no I/O, read
 * no clock and cannot fail. Whoever fills a view (container/gather.c) does the
 * looking; this room knows only cgroup/cg.h, cgroup/cpulist.h and GString.
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

/* The kernel's USER_HZ: ticks a second in /proc/stat and hundredths in /proc/uptime. */
#define VIEW_HZ 100

/* What a row needs; gather fills only that. */
enum view_needs {
	VIEW_MEMORY = 1 << 0, /* memory, hugetlb */
	VIEW_CPUS = 1 << 1,   /* cpus */
	VIEW_TIMES = 1 << 2,  /* times; implies VIEW_CPUS */
	VIEW_TASKS = 1 << 3,  /* tasks */
	VIEW_LOAD = 1 << 4,   /* load */
	VIEW_CLOCK = 1 << 5,  /* clock; implies VIEW_TIMES, for the idle time */
	VIEW_HOST = 1 << 6,   /* host: the host's own text of the same file; the row exists only where that file does */
	VIEW_EXISTS = 1 << 7, /* nothing: the row exists only where the host has the file, which is not read */
	VIEW_NODES = 1 << 8,  /* nodes: which ones are visible */
	VIEW_NUMA = 1 << 9,   /* nodes.each; implies VIEW_NODES, VIEW_MEMORY and VIEW_CPUS */
	VIEW_IO = 1 << 10,    /* io */
	VIEW_PRESSURE = 1 << 11, /* pressure: what the row's name says of cpu, io, memory, irq */
	VIEW_HUGE = 1 << 12,     /* hugetlb and huge: of the row's page size, else of the usual one; and by node */
	VIEW_EVENTS = 1 << 13,   /* events */
	VIEW_CGROUPS = 1 << 14,  /* cgroups */

	/* Files of the cgroup tree (rows_cgroup.inc): all of them have the first one, the others fill parts of `tree`. */
	VIEW_TREE = 1 << 20,
	VIEW_TREE_CONTROLLERS = 1 << 21,
	VIEW_TREE_PROCESSES = 1 << 22, /* source: the ids, as the file lists them to its reader */
	VIEW_TREE_THREADS = 1 << 23,   /* likewise */
	VIEW_TREE_QUOTA = 1 << 24,
	VIEW_TREE_CPU_TIME = 1 << 25,
	VIEW_TREE_PIDS = 1 << 26,
	VIEW_TREE_DEVICES = 1 << 27, /* io */
	VIEW_TREE_HUGETLB = 1 << 28,
	VIEW_TREE_MEMORY = 1 << 29, /* memory; the host's amounts are not needed */
};

/* Not of a container. */
#define VIEW_OF_HOST ((unsigned)(VIEW_HOST | VIEW_EXISTS))

/*
 * The one CPU view that feeds every file. `visible` holds physical numbers. Where
 * `renumber` is set the container sees them as 0…n-1, in order; the number that
 * it sees is called the shown one.
 */
struct view_cpus {
	struct cg_cpumask visible;
	unsigned n;        /* members of visible, at least 1 */
	unsigned host_ids; /* the kernel's nr_cpu_ids: the width of its maps */
	bool renumber;
};

/* One visible memory node. What is where is divided by nodes.h. */
struct view_node {
	unsigned number;        /* the physical one; nodes are never renumbered */
	uint64_t host_memory;   /* the node's MemTotal on the host, in bytes; 0: not known */
	struct cg_cpumask cpus; /* the visible CPUs that belong to it, by physical number */
	struct cg_numa_node use;
	/* VIEW_HUGE: the container's huge pages there, in bytes, and the host's pool, in huge pages. */
	uint64_t huge_use, host_huge;
};

struct view_nodes {
	struct cg_cpumask online, visible; /* the host's, and of them the container's */
	unsigned n;                        /* members of visible, at least 1 */
	struct view_node *each;            /* VIEW_NUMA: in order, n of them; borrowed */
};

/* What happened since the container was made: counters that only grow. */
struct view_events {
	struct cg_memory_events memory;
	uint64_t read_bytes, written_bytes; /* from and to block devices */
};

/* Huge pages of one size on the host. */
struct view_huge {
	uint64_t page_size, host_pages;
};

/* Columns of one line of /proc/stat, in ticks. iowait, irq, softirq, guest are 0 for a container. */
struct view_ticks {
	uint64_t user, nice, system, idle, steal;
};

struct view_times {
	struct view_ticks total;
	struct view_ticks *each; /* one a visible CPU, in order; cpus.n of them; borrowed */
};

struct view_tasks {
	uint64_t running, blocked, total; /* threads: runnable, uninterruptible, all */
	uint64_t forks;                   /* /proc/stat's processes */
	uint64_t last_pid;                /* as the container's pid namespace numbers it */
};

/* Load averages in the kernel's fixed point: 11 fractional bits (include/linux/sched/loadavg.h). */
#define VIEW_LOAD_BITS 11

struct view_load {
	uint64_t avg[3]; /* over 1, 5 and 15 minutes */
};

struct view_clock {
	uint64_t uptime_cs; /* hundredths of a second */
	uint64_t idle_cs;   /* summed over the CPUs */
	uint64_t btime_s;   /* /proc/stat's btime */
};

/* A disk's name is shorter than this (DISK_NAME_LEN of include/linux/blkdev.h). */
#define VIEW_DISK_NAME 32

/* A whole disk that the container has used, and what it did there. */
struct view_disk {
	char name[VIEW_DISK_NAME]; /* the host's in sysfs: "sda", "cciss!c0d0"; "" where it has none */
	struct cg_io_device io;
};

struct view_io {
	unsigned n;
	const struct view_disk *disk; /* in no order; borrowed */
};

/* How many cgroups there are in the container's own tree, which is one of them; 0 where that is all that is known. */
struct view_cgroups {
	uint64_t unified;            /* in the v2 hierarchy */
	uint64_t of[CG_CONTROLLERS]; /* in that of a v1 controller */
};

/* The files of the cgroup tree that one text is made from, at most. */
#define VIEW_TREE_SOURCES 4

/* What is told in the cgroup tree alone. `time.percpu_us` and `io.device` are borrowed. */
struct view_tree {
	const char *source[VIEW_TREE_SOURCES]; /* the texts of the row's files, in its order; NULL: there is none */
	struct cg_quota quota;
	struct cg_cputime time;
	struct cg_pids pids;
	struct cg_io io;
	struct cg_hugetlb hugetlb; /* of the page size that the file is named by */
	unsigned controllers;      /* those that there are, 1 << enum cg_controller */
};

struct view {
	/* The host's amounts, against which "no limit" is measured; bytes. */
	uint64_t host_memory, host_swap;
	uint64_t page_size; /* the kernel's; 0: 4096 */
	struct cg_memory memory;
	struct cg_hugetlb hugetlb;
	struct view_huge huge; /* the size that hugetlb, or tree.hugetlb, is of */
	struct view_events events;
	struct view_cpus cpus;
	struct view_nodes nodes;
	struct view_times times;
	struct view_tasks tasks;
	struct view_load load;
	struct view_clock clock;
	struct view_io io;
	struct view_cgroups cgroups;
	struct cg_pressure pressure; /* a line that the cgroup does not have is all 0 */
	unsigned cpu;                /* in a row of one CPU: its physical number */
	unsigned block;              /* in a row of one block of memory: its number */
	unsigned node;               /* in a row of one memory node, or of that of one CPU: its number */
	unsigned major, minor;       /* in a row of one disk: its device number */
	const char *host;            /* VIEW_HOST: borrowed, NUL-terminated */
	struct view_tree tree;
};
