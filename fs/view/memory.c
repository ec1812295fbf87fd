/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/memory.h"

uint64_t memory_total(const struct view *view)
{
	return MIN(view->memory.limit.value, view->host_memory);
}

uint64_t memory_free(const struct view *view)
{
	const struct cg_memory *memory = &view->memory;
	/* Of the host only the total counts: what others use there is not shown to a container. */
	uint64_t host_leaves = cg_minus(view->host_memory, memory->usage);

	return MIN(MIN(memory->headroom.value, host_leaves), memory_total(view));
}

uint64_t memory_available(const struct view *view)
{
	const struct cg_memory_stat *stat = &view->memory.stat;
	uint64_t available = memory_free(view);

	available = memory_plus(available, stat->active_file);
	available = memory_plus(available, stat->inactive_file);
	available = memory_plus(available, stat->slab_reclaimable);
	return MIN(MIN(available, memory_total(view)), view->memory.slack.value);
}

uint64_t memory_swap_total(const struct view *view)
{
	return view->memory.has_swap ? MIN(view->memory.swap_limit.value, view->host_swap) : 0;
}

uint64_t memory_swap_free(const struct view *view)
{
	uint64_t unused = cg_minus(memory_swap_total(view), view->memory.swap_usage);

	return MIN(unused, view->memory.swap_headroom.value);
}

#define USUAL_BLOCK (UINT64_C(128) << 20)
#define MOST_BLOCKS 256

uint64_t memory_block_size(const struct view *view)
{
	uint64_t total = memory_total(view), size = USUAL_BLOCK;

	while (total / size > MOST_BLOCKS)
		size *= 2;
	while (total % size && size > 1 && total / (size / 2) <= MOST_BLOCKS)
		size /= 2;
	return size;
}

unsigned memory_blocks(const struct view *view)
{
	return (unsigned)(memory_total(view) / memory_block_size(view));
}
