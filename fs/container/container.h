/* SPDX-License-Identifier: Apache-2.0
 *
 * One container, and what is remembered of it: which cgroup it is, its
 * options, when it started, and the history behind counters that must never
 * go back. Made by the registry alone; reference counted; safe for concurrent
 * use; no lock is held over I/O.
 */
#pragma once

#include "cgroup/group.h"
#include "fs/container/io_counts.h"
#include "fs/view/cpus.h"
#include "fs/view/shape.h"
#include "fs/view/view.h"

#include <glib.h>
#include <sys/types.h>

typedef struct Container Container;

/* Per container, by annotation; else the daemon's defaults. */
struct container_options {
	enum view_cpu_count cpu_count;
	bool renumber_cpus;
	enum view_shape cgroup_shape;
};

Container *container_ref(Container *container);
void container_unref(Container *container);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Container, container_unref)

/*
 * A number never given to another container; at least 1. A registered one's is part of inode numbers and at most
 * CONTAINER_MAX_SLOT. The others, which are in no inode, have those above it, up to CONTAINER_MAX_NUMBER, so that each fits into half a
 * file handle; after four thousand million of them they begin anew, without those in use.
 */
#define CONTAINER_MAX_SLOT   ((UINT64_C(1) << 28) - 1)
#define CONTAINER_MAX_NUMBER ((UINT64_C(1) << 32) - 1)
uint64_t container_slot(const Container *container);

/*
 * Drawn at random when the container is made, never 0: the generation of its inodes. A FUSE file handle is
 * (nodeid, generation); node ids are arithmetic, so this is what nobody can guess who was not given the
 * handle (open_by_handle_at(2)).
 */
uint32_t container_generation(const Container *container);

/* Such a number, for what is no container's. */
uint32_t container_random(void);

/* NULL for one that was found by its cgroup and never registered. */
const char *container_id(const Container *container);

/* Whose it is: a uid of the daemon's user namespace, 0 for root's and for one that was never registered (see id.h). */
uid_t container_owner(const Container *container);

/* Its cgroup for people: the path in the first hierarchy in which it is not the root, else "/"; borrowed. */
const char *container_cgroup(const Container *container);

/* Init's host pid at registration; 0 where none is known. */
pid_t container_init(const Container *container);

struct container_options container_options(const Container *container);

/* Its cgroup with a reference of its own; NULL with ESRCH once it is gone. */
CgGroup *container_group(Container *container, GError **error);

/*
 * When it started: its init, else the oldest of its processes at first sight;
 * microseconds of CLOCK_BOOTTIME. The machine's start for the root cgroup.
 */
uint64_t container_start_us(const Container *container);

/* Its time namespace's shift of CLOCK_BOOTTIME; *ret_us is written and true returned only if it has one of its own. */
bool container_boot_offset_us(const Container *container, int64_t *ret_us);

/*
 * Brings the CPU times up to `now_us` with what the cgroup has used by now and
 * reads them out: ret_each gets cpus->n elements. throttled_us is of the level that sets the quota,
 * `quota_level`; with CG_LEVEL_NONE it is the container's own. See cpu_times.h.
 */
void container_cpu_times(Container *container, const struct view_cpus *cpus, const struct cg_cputime *used,
			 uint64_t throttled_us, int quota_level, uint64_t now_us, struct view_ticks *ret_total,
			 struct view_ticks *ret_each);

/* What the cgroup says of disks becomes what is shown of them: see io_counts.h. */
void container_hold_io(Container *container, const struct io_moment *moment, struct cg_io *io);

/* The same of what /proc/vmstat counts: see event_counts.h. */
void container_hold_events(Container *container, const struct io_moment *moment, struct view_events *events);

/* Its threads, counted now or not longer than a tenth of a second ago (see tasks.h). */
bool container_tasks(Container *container, struct view_tasks *ret_tasks, GError **error);

/* The sampled load averages (see sampler.h). Asking begins the sampling of a container that is not registered. */
struct view_load container_load(Container *container);
