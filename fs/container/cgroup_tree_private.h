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

/* Calls for each of the names in a row's `other`, in order, until it returns false. */
typedef bool (*tree_each_other)(const char *name, unsigned place, void *data);
bool tree_others(const struct row *row, tree_each_other each, void *data);
