/* SPDX-License-Identifier: Apache-2.0
 *
 * A container's cgroup tree, /sys/fs/cgroup: which entries its directories have, and the texts of its files. Which rows of
 * fs/view/rows_cgroup.inc there are depends on the shape that the container has, on the controllers that the host mounts and on what
 * files its kernel has. A cgroup within the container is an instance of the row of the tree that it is in.
 */
#pragma once

#include "cgroup/nested.h"
#include "fs/container/gather.h"

/* A cgroup's number (cgroup/nested.h) as the instance of a row, and back; 0 is the container's own. */
struct gather_index cgroup_tree_index(uint32_t number);
uint32_t cgroup_tree_number(struct gather_index index);

struct cgroup_entry {
	const struct row *row;
	struct gather_index index;
	const char *name; /* borrowed for the call */
	uint64_t order;   /* they come in this order, each has its own, in any version; at least 1, below 2^63 */
};

/* Until it returns false. */
typedef bool (*cgroup_visit)(const struct cgroup_entry *entry, void *data);

/*
 * The entries of a directory of the tree (row_in_tree()); with `only` the one of that name, if there is one. False with
 * CG_ERROR: ENOENT where the directory itself is not there (any more), ESRCH where the container is gone. A name in the
 * container's path from the host's root is found (ROW_CGROUP_PATH) where nothing else has it and the container has no
 * cgroup namespace of its own.
 */
bool cgroup_tree_list(Registry *registry, Container *container, const struct row *directory, struct gather_index index,
		      const char *only, cgroup_visit visit, void *data, GError **error);

/*
 * The text of a file of the tree at this moment, newly allocated; NULL with CG_ERROR. `reader` is the host's id of a thread of
 * whoever reads, 0 where it has none: lists of processes are in the numbers of its pid namespace.
 */
GString *cgroup_tree_text(Registry *registry, Container *container, const struct row *row, struct gather_index index,
			  pid_t reader, GError **error);

/* The shape that the container sees, v1 or v2. */
enum view_shape cgroup_tree_shape(Registry *registry, const Container *container);
