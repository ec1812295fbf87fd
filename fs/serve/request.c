/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/request.h"

#include "fs/serve/node.h"
#include "fs/serve/texts.h"

static const struct fuse_read_in *read_of(const struct journal_slot *slot)
{
	return (const void *)(slot->request + sizeof slot->header);
}

uint64_t request_key(struct seen *seen, const struct journal_slot *slot)
{
	uint64_t container = 0;
	struct node node;

	/* The handle comes first in either. */
	if (slot->header.opcode == FUSE_READ || slot->header.opcode == FUSE_WRITE)
		container = texts_container(read_of(slot)->fh);
	if (!container && node_from_inode(slot->header.nodeid, &node))
		container = node.slot;
	return container ? container : seen_recall(seen, (pid_t)slot->header.pid);
}

unsigned request_kind(const struct journal_slot *slot, uint64_t key)
{
	struct node node = { 0 };
	unsigned row = node_from_inode(slot->header.nodeid, &node) ? node.row->id : 0;
	uint64_t all = key << 16 ^ (uint64_t)row << 6 ^ slot->header.opcode;

	return (unsigned)(all * UINT64_C(0x9E3779B97F4A7C15) >> 32) % REQUEST_KINDS;
}

bool request_is_mute(const struct journal_slot *slot)
{
	switch (slot->header.opcode) {
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return true;
	default:
		return false;
	}
}

bool request_is_immediate(const struct journal_slot *slot)
{
	return request_is_mute(slot) || slot->header.opcode == FUSE_RELEASE || slot->header.opcode == FUSE_RELEASEDIR;
}
