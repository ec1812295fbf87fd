/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.numa_stat: figures by memory node. v2 writes "anon N0=4096 N1=0" in bytes (cgroup-v2.rst), v1
 * "total=3 N0=1 N1=2" in pages, where "hierarchical_" stands before the totals with the descendants
 * (cgroup-v1/memory.rst); the hugetlb controller's numa_stat has v1's lines in bytes.
 */
#pragma once

#include "cgroup/keyed.h"

/*
 * Into the nodes of `numa`, which grows by those that the text names, a line by its key in the table (offsets into
 * struct cg_numa_node); numbers are multiplied by `unit`. Keys match whole, unknown ones are passed over. EINVAL for
 * anything else than such lines, and for a node above CG_MAX_NODES - 1; `numa` is then still owned and valid.
 */
bool numa_parse(const char *text, const char *file, const struct keyed *table, unsigned n, uint64_t unit,
		struct cg_numa *numa, GError **error);
