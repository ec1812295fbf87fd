/* SPDX-License-Identifier: Apache-2.0
 *
 * Of the cgroup tree, for cgroup_tree.c and cgroup_text.c alone.
 */
#pragma once

#include "fs/container/cgroup_tree.h"
#include "fs/container/gather_private.h"

/* One cgroup of a container's tree. `look.group` is that cgroup. */
struct tree_place {
	struct look look;
	enum view_shape shape;
	enum cg_controller hierarchy; /* in which cgroups within are looked for */
	uint32_t number;
};

/* `directory` is the row of the cgroup's directory. False with CG_ERROR: ENOENT where it is not there. */
bool tree_place_open(struct tree_place *place, Registry *registry, Container *container, const struct row *directory,
		     uint32_t number, GError **error);
void tree_place_clear(struct tree_place *place);

/* Where a file's text comes from. */
enum tree_origin {
	TREE_ABSENT,
	TREE_KERNELS, /* the kernel's file of that name */
	TREE_MADE,    /* rendered */
};

enum tree_origin tree_origin_of(const struct tree_place *place, const struct row *row);

/* The controller whose directory has a row's files; CG_CONTROLLERS where there is none. */
enum cg_controller tree_controller_of(const struct tree_place *place, const struct row *row);

/* The row is in the container's tree as the kernel's own would have it: the shape and the controller's version are the host's. */
bool tree_is_native(const struct tree_place *place, const struct row *row);

/* The directory is a cgroup's, and not the one that only holds v1's controllers. */
bool tree_is_cgroup(const struct tree_place *place, const struct row *directory);

/* Calls for each of the names in a row's `other`, in order, until it returns false. */
typedef bool (*tree_each_other)(const char *name, unsigned place, void *data);
bool tree_others(const struct row *row, tree_each_other each, void *data);

/* ---- writing: cgroup_write.c, cgroup_move.c ---- */

/* A process or thread of the container's that is to be moved. */
struct tree_moved {
	pid_t id;    /* the host's */
	int witness; /* its /proc/ID/cgroup, which belongs to this very one */
};

struct cgroup_writer;

/*
 * The one that the writer calls by this number, 0: himself, or his process. It is in the container now, in the controller's
 * hierarchy; `threads`: the number is a thread's, else that of a process. ESRCH, EPERM. tree_moved_clear() is due on success.
 */
bool tree_moved_find(const struct cgroup_writer *writer, CgGroup *container, enum cg_controller controller,
		     bool threads, pid_t number, struct tree_moved *ret_moved, GError **error);

/* It is alive, and in the container. */
bool tree_moved_stands(const struct cgroup_writer *writer, CgGroup *container, enum cg_controller controller,
		       const struct tree_moved *moved, GError **error);
void tree_moved_clear(struct tree_moved *moved);
