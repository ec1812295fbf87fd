/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be said of a request before it is processed: for whom it is, and what
 * the like of it cost of late. Pure.
 */
#pragma once

#include "fs/serve/journal.h"
#include "fs/serve/seen.h"

/*
 * Whose turn it takes: the number of a container, from the file handle, the inode, or what is remembered of the thread. 0 is the
 * queue of all strangers.
 */
uint64_t request_key(struct seen *seen, const struct journal_slot *slot);

/* Requests that should cost alike have the same number: of one kind, about one row, for one key. Below REQUEST_KINDS. */
#define REQUEST_KINDS 4096
unsigned request_kind(const struct journal_slot *slot, uint64_t key);

/* Answered, if at all, while the device is drained: they cost next to nothing and free what others wait for. */
bool request_is_immediate(const struct journal_slot *slot);

/* The kernel expects no answer. */
bool request_is_mute(const struct journal_slot *slot);
