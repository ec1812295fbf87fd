/* SPDX-License-Identifier: Apache-2.0
 *
 * WRITE, MKDIR and RMDIR: the requests that change something, which is the cgroup tree (fs/container/cgroup_write.h). Answered
 * without libfuse, which does not tell whether a request was carried out before.
 */
#pragma once

#include "fs/serve/ops.h"

/*
 * Answers it; the slot holds one of the three. Where a worker before us may have carried it out (journal_was_begun()) it is carried
 * out again: to write the same value changes nothing, and a directory that is made or gone is what was asked for.
 */
void change_answer(struct serve *serve, int device, const struct journal_slot *slot);

/* The file may be opened for writing: the handle to give, false with CG_ERROR. `pid`, `uid`, `gid` are the request's. */
bool change_open(struct serve *serve, Container *container, const struct node *node, const struct fuse_in_header *who,
		 int flags, uint64_t *ret_handle, GError **error);

/* The errno of a refusal. It is somebody's own affair, and none of the log's. */
int change_refusal(const struct node *node, const GError *error);
