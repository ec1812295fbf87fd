/* SPDX-License-Identifier: Apache-2.0
 *
 * A container's amounts of memory and swap, in bytes: the figures that
 * meminfo, swaps and sysinfo(2) must agree on. Pure.
 *
 * For any view: free <= total, available <= total, swap_free <= swap_total.
 */
#pragma once

#include "fs/view/view.h"

/* The smaller of the limit and what the host has. */
uint64_t memory_total(const struct view *view);

/* The least that any level leaves, the host being one: there it is the host's total less the container's own usage. */
uint64_t memory_free(const struct view *view);

/* Free and what could be reclaimed, within what the tightest ancestor leaves with its own reclaim. */
uint64_t memory_available(const struct view *view);

/* 0 where swap is not accounted. */
uint64_t memory_swap_total(const struct view *view);
uint64_t memory_swap_free(const struct view *view);

/*
 * Of how many blocks of what size the total is made (/sys/devices/system/memory): of the usual 128 MiB where that divides it, else of a
 * smaller size that does, but of no more than 256 blocks. What is left over then, less than a block, is in none.
 */
uint64_t memory_block_size(const struct view *view);
unsigned memory_blocks(const struct view *view);

/* A sum that does not wrap. */
static inline uint64_t memory_plus(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* Bytes in whole pages; a view of which nobody said how large they are has the usual ones. */
static inline uint64_t memory_pages(const struct view *view, uint64_t bytes)
{
	return bytes / (view->page_size ? view->page_size : 4096);
}

/* Pages in kB. */
static inline uint64_t memory_pages_kb(const struct view *view, uint64_t pages)
{
	return pages * ((view->page_size ? view->page_size : 4096) >> 10);
}

/* Bytes in whole kB, the unit of /proc. */
static inline uint64_t memory_kb(uint64_t bytes)
{
	return bytes >> 10;
}
