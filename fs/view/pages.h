/* SPDX-License-Identifier: Apache-2.0
 *
 * A container's memory in pages, by kind: of the whole container, or of one of its nodes. /proc/vmstat, a node's vmstat and
 * meminfo take their figures from here, so that they agree with /proc/meminfo: a number of pages times the
 * page's size is meminfo's field, and the nodes' figures add up to the container's (nodes.h). Pure.
 */
#pragma once

#include "fs/view/view.h"

#include <stddef.h>

/* What is asked for. */
struct pages_scope {
	const struct view *view;
	bool one_node;
	unsigned node; /* of view->nodes.each, where one_node */
};

/* The node of the view's row; the whole container where the view has no nodes. */
struct pages_scope pages_own_node(const struct view *view);

/* A kind of memory.stat, by the offset of its member of struct cg_memory_stat. */
uint64_t pages_stat(const struct pages_scope *scope, size_t member);

#define PAGES_STAT(scope, member) pages_stat(scope, offsetof(struct cg_memory_stat, member))

/* The same in kB, for kinds that are no whole pages (the kernel's stacks). */
uint64_t pages_stat_kb(const struct pages_scope *scope, size_t member);

/* The same in huge pages of the size that a page table of the lowest level maps, HPAGE_PMD_SIZE. */
uint64_t pages_stat_huge(const struct pages_scope *scope, size_t member);

/* How many pages such a huge page has. */
uint64_t pages_in_huge(const struct view *view);

uint64_t pages_total(const struct pages_scope *scope);
uint64_t pages_free(const struct pages_scope *scope);

/* File pages without the swap cache, at least those of shared memory: meminfo's Cached. */
uint64_t pages_cache(const struct pages_scope *scope);

/* What /proc/vmstat, or the node's, says under a name ("nr_free_pages"); 0 for what nobody counts. In proc/vmstat.c. */
uint64_t pages_vmstat(const struct pages_scope *scope, const char *name, size_t length);

/* Preallocated huge pages that are in use, in pages. */
uint64_t pages_hugetlb(const struct pages_scope *scope);
