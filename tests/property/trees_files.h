/* SPDX-License-Identifier: Apache-2.0
 *
 * How one level of a tree is spelled.
 */
#pragma once

#include "tests/property/trees.h"

#define TREE_BIT(c) (1U << (c))

struct tree_hierarchy {
	const char *name;
	int version;
	unsigned controllers; /* a bit each */
};

/* All files of the level; what it does not have is removed. */
void tree_put_level(struct random_case *random, int fd, const struct tree_hierarchy *hierarchy,
		    const struct tree_level *level);
void tree_put_cpus(int fd, const struct tree_hierarchy *hierarchy, const struct tree_level *level);

void tree_put(int dirfd, const char *name, const char *text);
G_GNUC_PRINTF(4, 5) void tree_put_if(bool there, int dirfd, const char *name, const char *format, ...);
char *tree_cpu_list(uint32_t set);
