/* SPDX-License-Identifier: Apache-2.0
 *
 * WRITE, MKDIR and RMDIR: the requests that change something, which is the cgroup tree (fs/container/cgroup_write.h). Answered
 * without libfuse, which does not tell whether a request was carried out before.
 */
#pragma once

#include "fs/serve/ops.h"

/* What is to be said of one: `size` bytes behind the header, or an errno. */
struct change_reply {
	int code;
	size_t size;
	union {
		struct fuse_write_out write;
		struct fuse_entry_out entry;
	};
};

/*
 * Carries it out; the slot holds one of the three. Where a worker before us may have carried it out (journal_was_begun()) it is carried
 * out again: to write the same value changes nothing, and a directory that is made or gone is what was asked for. That holds
 * only as long as its caller waits: nobody may carry it out any more once it has been answered.
 */
void change_carry_out(struct serve *serve, const struct journal_slot *slot, struct change_reply *ret_reply);

/*
 * From now on the slot says what came of it (JOURNAL_DONE). Before it is sent: whoever dies after that and before the slot is
 * cleared leaves something to be answered, again perhaps, but not to be carried out. What is kept is in a slot that journal_is_done().
 */
void change_keep(struct journal_slot *slot, const struct change_reply *reply);
const struct change_reply *change_kept(const struct journal_slot *slot);

void change_send(int device, uint64_t unique, const struct change_reply *reply);

/* The file may be opened for writing: the handle to give, false with CG_ERROR. `pid`, `uid`, `gid` are the request's. */
bool change_open(struct serve *serve, Container *container, const struct node *node, const struct fuse_in_header *who,
		 int flags, uint64_t *ret_handle, GError **error);

/* The errno of a refusal. It is somebody's own affair, and none of the log's. */
int change_refusal(const struct node *node, const GError *error);
