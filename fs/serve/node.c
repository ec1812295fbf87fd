/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/node.h"

/* From the lowest bit up; all 64. */
#define ROW_BITS     10
#define SLOT_BITS    28
#define FIRST_BITS   14
#define SECOND_BITS  12
#define SLOT_SHIFT   ROW_BITS
#define FIRST_SHIFT  (SLOT_SHIFT + SLOT_BITS)
#define SECOND_SHIFT (FIRST_SHIFT + FIRST_BITS)

G_STATIC_ASSERT(ROW_IDS <= 1 << ROW_BITS);
G_STATIC_ASSERT(CONTAINER_MAX_SLOT < UINT64_C(1) << SLOT_BITS);
G_STATIC_ASSERT(CG_MAX_CPUS <= 1 << FIRST_BITS);
G_STATIC_ASSERT(GATHER_MOST_FIRST < 1 << FIRST_BITS);
G_STATIC_ASSERT(GATHER_MOST_SECOND < 1 << SECOND_BITS);
G_STATIC_ASSERT(SECOND_SHIFT + SECOND_BITS <= 64);

static uint64_t bits(uint64_t inode, unsigned shift, unsigned width)
{
	return inode >> shift & ((UINT64_C(1) << width) - 1);
}

uint64_t node_to_inode(const struct node *node)
{
	g_assert(node->slot <= CONTAINER_MAX_SLOT);
	g_assert(node->index.first <= GATHER_MOST_FIRST && node->index.second <= GATHER_MOST_SECOND);
	return (uint64_t)node->row->id | node->slot << SLOT_SHIFT | (uint64_t)node->index.first << FIRST_SHIFT |
	       (uint64_t)node->index.second << SECOND_SHIFT;
}

bool node_from_inode(uint64_t inode, struct node *ret_node)
{
	const struct row *row = rows_by_id((unsigned)bits(inode, 0, ROW_BITS));

	if (!row)
		return false;
	*ret_node = (struct node){
		.row = row,
		.slot = bits(inode, SLOT_SHIFT, SLOT_BITS),
		.index = { .first = (unsigned)bits(inode, FIRST_SHIFT, FIRST_BITS),
			   .second = (unsigned)bits(inode, SECOND_SHIFT, SECOND_BITS) },
	};
	return true;
}
