/* SPDX-License-Identifier: Apache-2.0
 *
 * Inode numbers are arithmetic: row, container slot and instance packed into
 * 64 bits, so that a daemon that starts after a crash understands every
 * number that the kernel still holds. Slot 0 is "whoever asks"; another slot is
 * the pinned tree of that container.
 */
#pragma once

#include "fs/container/gather.h"

#include <stdbool.h>
#include <stdint.h>

struct node {
	const struct row *row;
	uint64_t slot;
	struct gather_index index;
};

/* The row's id is in the lowest bits, so the root of the mount is inode 1, as FUSE wants it. */
uint64_t node_to_inode(const struct node *node);

/* False for a number that no row of this version has. */
bool node_from_inode(uint64_t inode, struct node *ret_node);
