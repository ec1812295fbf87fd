/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/answer.h"
#include "fs/serve/workers_private.h"

#include <errno.h>

/*
 * So many are read before one is served. More would let a crowd of new requests hold up those that are read; fewer
 * would let them wait in the kernel's queue, which is one for all.
 */
#define BATCH 64

void drain_look(Workers *workers, uint32_t slot)
{
	const struct journal_slot *kept = journal_slot(workers->journal, slot);
	struct request *request = &workers->requests[slot];

	*request = (struct request){ .key = request_key(&workers->serve->seen, kept) };
	request->kind = request_kind(kept, request->key);
}

/*
 * The kernel queues it only once the request itself has been read (queue_interrupt() of fs/fuse/dev.c): one
 * that is unknown has been answered. It is remembered in the journal, too: the kernel does not say it again.
 */
static void interrupt(Workers *workers, uint64_t unique)
{
	int64_t now_us = g_get_monotonic_time();

	pthread_mutex_lock(&workers->lock);
	for (uint32_t i = 0; i < workers->top; i++) {
		if (workers->unique[i] != unique)
			continue;
		if (workers->requests[i].interrupted_us == 0)
			workers->n_interrupted++;
		workers->requests[i].interrupted_us = now_us;
		atomic_fetch_or(&journal_slot(workers->journal, i)->flags, JOURNAL_INTERRUPTED);
		break;
	}
	pthread_mutex_unlock(&workers->lock);
}

void drain_immediate(Workers *workers, uint32_t slot)
{
	struct journal_slot *kept = journal_slot(workers->journal, slot);
	const void *in = kept->request + sizeof kept->header;

	switch (kept->header.opcode) {
	case FUSE_INTERRUPT:
		interrupt(workers, ((const struct fuse_interrupt_in *)in)->unique);
		break;
	case FUSE_RELEASE:
		texts_drop(workers->serve->texts, ((const struct fuse_release_in *)in)->fh);
		break;
	default:
		break;
	}
	if (!request_is_mute(kept))
		answer_error(workers->device, kept->header.unique, 0);
	journal_clear(kept);
}

static bool take_spare(Workers *workers)
{
	if (workers->spare != NO_SLOT)
		return true;
	pthread_mutex_lock(&workers->lock);
	if (workers->n_free > 0) {
		workers->spare = workers->free[--workers->n_free];
		workers->top = MAX(workers->top, workers->spare + 1);
	}
	pthread_mutex_unlock(&workers->lock);
	return workers->spare != NO_SLOT;
}

static void admit(Workers *workers, uint32_t slot)
{
	pthread_mutex_lock(&workers->lock);
	drain_look(workers, slot);
	workers->unique[slot] = journal_slot(workers->journal, slot)->header.unique;
	lanes_enqueue(workers, slot);
	pthread_mutex_unlock(&workers->lock);
}

/*
 * The kernel is asked once for what no journal has (workers.c), and then sends again all that is not yet answered, also what was
 * read before and is waiting or under way. For who only reads that is as good as another request. But a change must not be carried out by
 * somebody after somebody else has answered it: it is still that one, by another number.
 */
static bool is_under_way(Workers *workers, const struct journal_slot *kept)
{
	uint64_t unique = kept->header.unique;
	bool found = false;

	if (!(unique & JOURNAL_RESENT) || !journal_is_change(kept))
		return false;
	pthread_mutex_lock(&workers->lock);
	for (uint32_t i = 0; i < workers->top && !found; i++) {
		found = (workers->unique[i] | JOURNAL_RESENT) == unique;
		if (found)
			workers->unique[i] = unique;
	}
	pthread_mutex_unlock(&workers->lock);
	return found;
}

static void take_in(Workers *workers, uint32_t slot)
{
	struct journal_slot *kept = journal_slot(workers->journal, slot);

	journal_close_text(kept);
	if (request_is_immediate(kept)) {
		drain_immediate(workers, slot); /* the slot stays the spare one */
		return;
	}
	if (is_under_way(workers, kept)) {
		journal_clear(kept);
		return;
	}
	workers->spare = NO_SLOT;
	admit(workers, slot);
}

/* fuse_dev_do_read() of fs/fuse/dev.c: ENOENT for a request that was aborted meanwhile, ENODEV after the unmount. */
static enum drain what_failed(int code)
{
	if (code == EAGAIN)
		return DRAIN_EMPTY;
	if (code == EINTR || code == ENOENT)
		return DRAIN_MORE;
	if (code != ENODEV)
		g_warning("reading requests: %s", g_strerror(code));
	return DRAIN_ENDED;
}

enum drain drain_device(Workers *workers)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct iovec buffers[2];
		ssize_t got;

		if (!take_spare(workers))
			return DRAIN_FULL;
		journal_receive_into(workers->journal, workers->spare, buffers);
		got = readv(workers->device, buffers, G_N_ELEMENTS(buffers));
		if (got <= 0)
			return got < 0 ? what_failed(errno) : DRAIN_ENDED;
		workers->n_read++;
		take_in(workers, workers->spare);
	}
	return DRAIN_MORE;
}
