/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside cgroup/ only: what CgHierarchies holds.
 */
#pragma once

#include "cgroup/hierarchies.h"

#include <stddef.h>

/* One mounted hierarchy. */
struct hierarchy {
	int fd;       /* its root, O_PATH */
	int version;  /* 1 or 2 */
	bool kernel;  /* a real cgroup file system, not a captured tree */
	char *where;  /* for messages: the mount point, or the captured directory's name */
	char *prefix; /* the cgroup that is mounted there, as /proc/PID/cgroup names it; "/" but in a container */
};

struct CgHierarchies {
	unsigned n;
	struct hierarchy *hierarchy;
	int of[CG_CONTROLLERS]; /* index of the hierarchy; -1: not mounted */
};

/* An empty one, to be filled. */
CgHierarchies *hierarchies_new(void);

/* Adds a hierarchy, whose descriptor and strings it owns from now on; its index. */
int hierarchies_add(CgHierarchies *hierarchies, const struct hierarchy *hierarchy);

/* A list of controllers ("cpu,cpuacct", a v1 mount's options) has one that no hierarchy carries yet; this one does. */
bool hierarchies_want(const CgHierarchies *hierarchies, const char *list);
void hierarchies_claim(CgHierarchies *hierarchies, const char *list, int index);

/* The v2 hierarchy carries what its cgroup.controllers lists and v1 does not have, and always core. */
void hierarchies_claim_v2(CgHierarchies *hierarchies, int index);

/* NULL where the controller is not mounted. */
const struct hierarchy *hierarchy_of(const CgHierarchies *hierarchies, enum cg_controller controller);

/* The controller that a kernel of either version calls so ("io" and "blkio"); CG_CONTROLLERS for another name. */
enum cg_controller hierarchy_controller(const char *name, size_t length);

/*
 * Takes the hierarchy's own prefix from a path of /proc/PID/cgroup or of
 * mountinfo's root; NULL (with CG_ERROR EINVAL) for one that is not below it,
 * or that leads out by "..". Newly allocated.
 */
char *hierarchy_strip(const struct hierarchy *hierarchy, const char *path, const char *file, GError **error);
