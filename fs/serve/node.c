/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/node.h"

/* From the lowest bit up: row 10, slot 28, cpu 14, cache 8. */
#define ROW_BITS    10
#define SLOT_BITS   28
#define CPU_BITS    14
#define CACHE_BITS  8
#define SLOT_SHIFT  ROW_BITS
#define CPU_SHIFT   (SLOT_SHIFT + SLOT_BITS)
#define CACHE_SHIFT (CPU_SHIFT + CPU_BITS)

G_STATIC_ASSERT(ROW_IDS <= 1 << ROW_BITS);
G_STATIC_ASSERT(CONTAINER_MAX_SLOT < UINT64_C(1) << SLOT_BITS);
G_STATIC_ASSERT(CG_MAX_CPUS <= 1 << CPU_BITS);
G_STATIC_ASSERT(CACHE_SHIFT + CACHE_BITS <= 64);

static uint64_t bits(uint64_t inode, unsigned shift, unsigned width)
{
	return inode >> shift & ((UINT64_C(1) << width) - 1);
}

uint64_t node_to_inode(const struct node *node)
{
	g_assert(node->slot <= CONTAINER_MAX_SLOT);
	return (uint64_t)node->row->id | node->slot << SLOT_SHIFT | (uint64_t)node->index.cpu << CPU_SHIFT |
	       (uint64_t)node->index.cache << CACHE_SHIFT;
}

bool node_from_inode(uint64_t inode, struct node *ret_node)
{
	const struct row *row = rows_by_id((unsigned)bits(inode, 0, ROW_BITS));

	if (!row || inode >> (CACHE_SHIFT + CACHE_BITS))
		return false;
	*ret_node = (struct node){
		.row = row,
		.slot = bits(inode, SLOT_SHIFT, SLOT_BITS),
		.index = { .cpu = (unsigned)bits(inode, CPU_SHIFT, CPU_BITS),
			   .cache = (unsigned)bits(inode, CACHE_SHIFT, CACHE_BITS) },
	};
	return true;
}
