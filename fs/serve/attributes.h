/* SPDX-License-Identifier: Apache-2.0
 *
 * What stat(2) says of a node.
 */
#pragma once

#include "fs/serve/ops.h"

#include <sys/stat.h>

/* Nothing about a node ever changes but who may see it. */
#define ATTRIBUTES_FOR_LONG 86400.0

/* As the row says. */
void attributes_of_row(const struct serve *serve, const struct node *node, struct stat *ret_attributes);

/*
 * The same, but where the cgroup tree can be written to mode and owner are the kernel's own, by which it asks who may
 * (default_permissions, Documentation/filesystems/fuse.rst). Returns for how many seconds they hold. `container` is the one that the
 * node is of; NULL: as the row says.
 */
double attributes_of(const struct serve *serve, Container *container, const struct node *node,
		     struct stat *ret_attributes);

/*
 * The other half of a file handle (name_to_handle_at(2)). Inode numbers can be guessed, and who may open by
 * handle could open any inode that the kernel has in its cache; the generation, drawn by chance, cannot. False for a container that is
 * forgotten.
 */
bool attributes_generation(struct serve *serve, const struct node *node, uint64_t *ret_generation);
