/* SPDX-License-Identifier: Apache-2.0
 *
 * A container's own cgroup tree: the files of one cgroup by their names, and the cgroups within it.
 *
 * A cgroup within is known by a number, the low bits of its directory's inode number in one hierarchy (the kernel gives those
 * in sequence and to no other cgroup as long as it runs: kernfs_new_node() of fs/kernfs/dir.c), which is found again by a walk
 * beneath the container's own directory: from its descriptor, never by a path from the root, through names that the kernel
 * has just listed, none of them a link, "." or "..", none on another file system. So no number and no renaming leads out of the container.
 * The walk is bounded like that of cg_group_processes(): cgroups beyond are not found.
 */
#pragma once

#include "cgroup/group.h"

/* 0 is the container's own cgroup; whose low bits are 0, once in 67 million, cannot be named. */
#define CG_NESTED_BITS 26
#define CG_NESTED_MOST ((UINT32_C(1) << CG_NESTED_BITS) - 1)

/*
 * The group has a directory of its own in the controller's hierarchy. One that sits in the root of this hierarchy, but not of every
 * other one, has none: what is there is the host's. None of the functions below then finds anything.
 */
bool cg_group_has(const CgGroup *group, enum cg_controller controller);

/*
 * It has one, and the controller counts in it: on v2 its parent has handed it down (cgroup.controllers, cgroup-v2.rst). False where that
 * cannot be read.
 */
bool cg_group_enabled(CgGroup *group, enum cg_controller controller);

/* There is a file of this name, a single component, in its own directory. */
bool cg_group_has_file(const CgGroup *group, enum cg_controller controller, const char *name);

/*
 * Appends the whole of a file of its own directory as the kernel writes it. *ret_present is false where there is none, which is
 * no error. ESRCH where the cgroup is gone; else the kernel's errno, with a sentence that names the file.
 */
bool cg_group_file(CgGroup *group, enum cg_controller controller, const char *name, GString *text, bool *ret_present,
		   GError **error);

/* The ids of the processes or threads in this very cgroup of the hierarchy, as cg_group_processes() gives those of all. */
bool cg_group_own_ids(CgGroup *group, enum cg_controller controller, bool threads, GArray *ids, GError **error);

/* The same of this cgroup and of those within, bounded as those of cg_group_processes() are. */
bool cg_group_ids_within(CgGroup *group, enum cg_controller controller, bool threads, GArray *ids, GError **error);

struct cg_nested {
	uint32_t number;
	char *name; /* owned */
};

/* The cgroups right below, by number; struct cg_nested, owned by the array. */
GArray *cg_group_children(CgGroup *group, enum cg_controller controller, GError **error);

/*
 * How many cgroups the container's own tree has in the controller's hierarchy, its own one included: 1 where it has none of its own
 * there. On v1, where the kernel does not count them, no more than the walk above finds.
 */
bool cg_group_count(CgGroup *group, enum cg_controller controller, uint64_t *ret_count, GError **error);

/* The number of the one of that name; 0 where there is none. */
uint32_t cg_group_child(const CgGroup *group, enum cg_controller controller, const char *name);

/*
 * Where the cgroup of that number is, as a path below the container's own directory; newly allocated, "" for number 0, NULL
 * where there is none. It may be another place by the next moment: whoever goes there looks at the number again.
 */
char *cg_group_nested_path(CgGroup *group, enum cg_controller controller, uint32_t number);

/*
 * The cgroup of that number, anywhere below, as a group of its own: its path below the container is the same in every hierarchy, and
 * a controller in whose hierarchy there is no such path is absent from it. The levels above it are the container's and the container's
 * ancestors. NULL with ENOENT where there is none.
 */
CgGroup *cg_group_nested(CgGroup *group, enum cg_controller controller, uint32_t number, GError **error);
