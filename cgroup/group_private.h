/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside cgroup/ only: what a CgGroup holds, and the walk over its levels.
 */
#pragma once

#include "cgroup/dir.h"
#include "cgroup/group.h"
#include "cgroup/reader.h"

#include <pthread.h>

struct CgGroup {
	atomic_uint refs;
	atomic_bool gone;
	const CgHierarchies *hierarchies; /* borrowed */
	struct cg_paths paths;
	struct cg_identity identity;
	unsigned n_chains; /* hierarchies that two controllers share are one */
	struct chain chain[CG_CONTROLLERS];
	int chain_of[CG_CONTROLLERS]; /* -1: the controller is absent */
	unsigned n_slots;
	pthread_mutex_t lock; /* of `kept` and `places`, for a moment */
	struct kept *kept;
	GHashTable *places; /* under the lock, too: where cgroups within were found (nested.c); NULL: none yet */
};

/*
 * The hierarchy is not the container's: it sits in the root there, and in a cgroup of its own elsewhere. What is in the
 * root is then the host's and all others'. False for one that is the root everywhere: that is the host itself.
 */
bool group_is_guest(const CgGroup *group, const struct chain *chain);

/* ---- nested.c ---- */

/* The controller's directory, NULL where the group has none of its own (cg_group_has()), and for CG_CONTROLLERS. */
const struct chain *group_chain(const CgGroup *group, enum cg_controller controller);

/* The cgroup's number (nested.h) is this one. */
bool chain_is_numbered(const struct chain *chain, uint32_t number);

/* The number of the directory behind a name, and a cgroup of the same file system; 0 for what is none. */
uint32_t nested_number(int dirfd, const char *name, dev_t device);

/* It can be the name of an entry. */
bool nested_is_name(const char *name);

/* ---- group.c ---- */

/*
 * The cgroup at this path below the group's own in every hierarchy of its own that has it, found from the group's own
 * directories; absent in the others.
 */
CgGroup *group_open_below(const CgGroup *group, const char *path, GError **error);

/*
 * One read: the levels of a controller from the cgroup towards the root, which
 * is left out unless it is the cgroup itself. To be ended by walk_end(), and not to be copied.
 */
struct walk {
	CgGroup *group;
	const struct reader *reader;
	struct climb climb;
	struct dir dir; /* the level that the walk is at */
	bool counts;    /* a limit of this level counts: it is not the root */
};

/* False (with ESRCH) for a group that is known to be gone. No levels where the controller is absent. */
bool walk_begin(struct walk *walk, CgGroup *group, enum cg_controller controller, GError **error);
void walk_end(struct walk *walk);

/* The levels, 0 where the controller is absent; and a move to one of them. */
unsigned walk_levels(const struct walk *walk);
void walk_to(struct walk *walk, unsigned level);

/* Passes `done` on; a failure because the cgroup was removed is remembered. */
bool walk_done(struct walk *walk, bool done);

/* The controller whose hierarchy lists the processes. */
enum cg_controller group_listing(const CgGroup *group);
