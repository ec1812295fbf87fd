/* SPDX-License-Identifier: Apache-2.0
 *
 * One container's cgroup in every hierarchy, with its ancestors. Reading a
 * figure walks towards the root: the smallest limit wins and the level that it
 * came from is kept; the root is left out, as it has no limits. Usage and
 * statistics are the container's own.
 *
 * Descriptors of the files that were read are kept, because reading a kept one
 * is several times cheaper than open, read and close; those of the lowest
 * levels only, so a deep cgroup costs time, not descriptors. They belong to exactly
 * this cgroup: when it is removed the kernel answers ENODEV, the object is
 * gone for good (ESRCH from then on), and a new cgroup of the same name needs
 * a new object. Safe for concurrent use.
 *
 * "Own" figures of a controller that is not enabled at the container's level
 * are those of the nearest ancestor that has it, but never the root's: a
 * container below the root without a memory controller has usage 0.
 * A container that is the root itself has the root's figures.
 */
#pragma once

#include "cgroup/cg.h"
#include "cgroup/hierarchies.h"

#include <glib.h>
#include <sys/types.h>

typedef struct CgGroup CgGroup;

/* ESRCH where any of the paths does not exist. The hierarchies must outlive the object. */
CgGroup *cg_group_open(const CgHierarchies *hierarchies, const struct cg_paths *paths, GError **error);
CgGroup *cg_group_ref(CgGroup *group);
void cg_group_unref(CgGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CgGroup, cg_group_unref)

const struct cg_paths *cg_group_paths(const CgGroup *group);

/* It sits in the root of every hierarchy: it is the host itself. */
bool cg_group_is_host(const CgGroup *group);

/*
 * Its directory in every hierarchy that is known here belongs to somebody of whom the test says yes. False with EPERM
 * and a sentence that names the first one of which it does not; a hierarchy's root counts like any other directory, so on a host
 * with v1 hierarchies a user hardly ever owns a cgroup.
 */
typedef bool (*cg_owner_test)(uid_t owner, gconstpointer data);
bool cg_group_owned_by(const CgGroup *group, cg_owner_test test, gconstpointer data, GError **error);

/*
 * Which directories these are: their inode numbers, by controller; 0 where there is none. The kernel gives a cgroup's to no other one
 * as long as it runs (kernfs_new_node() of fs/kernfs/dir.c counts generations), so a path that was removed and made anew is told
 * apart. The descriptors that are held are asked, not the paths.
 */
struct cg_identity {
	uint64_t inode[CG_CONTROLLERS];
};
const struct cg_identity *cg_group_identity(const CgGroup *group); /* as when it was opened */

/*
 * The path of the level that set a limit ("/a/b" for level 1 of /a/b/c); newly
 * allocated. NULL for CG_LEVEL_NONE and for an absent controller.
 */
char *cg_group_level_path(const CgGroup *group, enum cg_controller controller, int level);

/*
 * Seen to be gone by an earlier call, or now, where its processes are listed: one look. A hierarchy
 * from which it was removed alone is found out when it is read.
 */
bool cg_group_gone(CgGroup *group);

/* Closes the kept descriptors that are not in use; the next read opens them again. */
void cg_group_trim(CgGroup *group);

/* Each returns false with CG_ERROR set; ret_x is written only on success. */
bool cg_group_memory(CgGroup *group, struct cg_memory *ret_memory, GError **error);
bool cg_group_memory_events(CgGroup *group, struct cg_memory_events *ret_events, GError **error);
/* How the own memory lies in the nodes; no nodes where that is not counted. To be cleared by the caller. */
bool cg_group_numa(CgGroup *group, struct cg_numa *ret_numa, GError **error);
bool cg_group_hugetlb(CgGroup *group, uint64_t page_size, struct cg_hugetlb *ret_hugetlb, GError **error);
/* The usage by node, likewise to be cleared. */
bool cg_group_hugetlb_numa(CgGroup *group, uint64_t page_size, struct cg_numa *ret_numa, GError **error);
/* The smallest quota of CPU time a period over all levels. */
bool cg_group_quota(CgGroup *group, struct cg_quota *ret_quota, GError **error);
bool cg_group_shares(CgGroup *group, uint64_t *ret_shares, GError **error); /* the container's own; 1024 without any */
bool cg_group_cputime(CgGroup *group, struct cg_cputime *ret_time, GError **error);
/* The effective sets of CPUs and memory nodes; empty where there is no cpuset controller: all. */
bool cg_group_cpus(CgGroup *group, struct cg_cpumask *ret_cpus, GError **error);
bool cg_group_mems(CgGroup *group, struct cg_cpumask *ret_mems, GError **error);
/* Time throttled at the level that sets this quota, or at the own one if none does. */
bool cg_group_throttled(CgGroup *group, const struct cg_quota *quota, uint64_t *ret_us, GError **error);
bool cg_group_pids(CgGroup *group, struct cg_pids *ret_pids, GError **error);
bool cg_group_io(CgGroup *group, struct cg_io *ret_io, GError **error);
bool cg_group_pressure(CgGroup *group, enum cg_pressure_kind kind, struct cg_pressure *ret_pressure, GError **error);

void cg_cputime_clear(struct cg_cputime *time);
void cg_numa_clear(struct cg_numa *numa);
void cg_io_clear(struct cg_io *io);

/*
 * The container's processes, or all their threads, nested cgroups included, as
 * host ids appended to `ids` (elements of type pid_t) in no order. Taken from
 * one hierarchy: the first of core, pids, memory, cpu, cpuacct, cpuset, io in
 * which the container is not the root; from core when it is the root in all.
 *
 * No more than 1024 cgroups are looked into, those nearest to the container
 * first, and none nested deeper than 64: what lies beyond is passed over, and the list is then not complete
 * although true is returned. Nesting cgroups cannot make it fail or last.
 */
bool cg_group_processes(CgGroup *group, GArray *ids, GError **error);
bool cg_group_threads(CgGroup *group, GArray *ids, GError **error);
