/* SPDX-License-Identifier: Apache-2.0
 *
 * The requests that were read from the kernel and not yet answered, in a memory file (memfd_create(2)) that
 * the keeper holds and every worker maps. The kernel's own copy writes it: a slot is the buffer that
 * the device is read into, so keeping it costs nothing, and there is no moment at which a request
 * has been taken from the kernel and is in no slot. The next worker finds what a dead one owed.
 *
 * A journal belongs to one connection: the kernel's numbers of requests mean another one's elsewhere.
 */
#pragma once

#include <glib.h>
#include <linux/fuse.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/*
 * More than can wait at a time on any machine that we know of: a synchronous request is a thread that sleeps. Beyond it they
 * wait in the kernel.
 */
#define JOURNAL_SLOTS 4096

/* What of a request a slot holds. Nothing that we answer by its content is longer: see journal_close_text(). */
#define JOURNAL_REQUEST 480

/* What is longer goes on in the landing area, of which nobody reads; the kernel wants room for 8 KiB (FUSE_MIN_READ_BUFFER). */
#define JOURNAL_LANDING ((size_t)32 << 10)

/* In the number of a request that the kernel has sent again (include/uapi/linux/fuse.h, FUSE_UNIQUE_RESEND): it is still the same. */
#define JOURNAL_RESENT (UINT64_C(1) << 63)

enum journal_flag {
	JOURNAL_STARTED = 1,     /* its processing began */
	JOURNAL_HUNG = 2,        /* it took longer than any may */
	JOURNAL_INTERRUPTED = 4, /* the kernel said that its caller has a signal */
	JOURNAL_ANSWERED = 8,    /* its caller waits no more, but a thread is still at it */
	JOURNAL_DONE = 16, /* a change that is carried out: its answer is kept in place of the request (change.h) */
};

struct journal_slot {
	_Atomic uint32_t flags;
	uint16_t faults; /* workers that crashed over it, or may have */
	uint16_t kills;  /* workers that were killed while they had it */
	uint16_t hangs;  /* workers that it hung */
	uint16_t unused_half;
	uint32_t unused[5];
	union {
		struct fuse_in_header header; /* unique 0: the slot is free */
		uint64_t aligned;
		unsigned char request[JOURNAL_REQUEST];
	};
};

typedef struct Journal Journal;

/* An empty one for the keeper: closed on exec, of a size that nobody can change. -1 with errno. */
int journal_make(void);

/*
 * Maps the file, all of it in memory and locked there where that is allowed: the kernel answers EIO to a request that
 * it could not copy because its reader was killed in the page fault. Changes nothing, so it is safe beside
 * the worker that serves. The descriptor stays the caller's. NULL with CG_ERROR: EINVAL for
 * a file that is none of ours or of another version: log it, and journal_format() it once nobody else uses it.
 */
Journal *journal_open(int fd, GError **error);
void journal_close(Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_close)

/* Makes it empty, whatever it was. -errno. */
int journal_format(int fd);

struct journal_slot *journal_slot(Journal *journal, unsigned index);

/*
 * Where the device is read into: the slot's request, then the landing area. The slot's number is 0 before, so that a
 * read that brings nothing leaves it free.
 */
void journal_receive_into(Journal *journal, unsigned index, struct iovec ret_buffers[2]);

/* A request that was longer than its slot is cut, and ends as a text does. */
void journal_close_text(struct journal_slot *slot);

/* The slot is free again: after the answer has gone out. */
void journal_clear(struct journal_slot *slot);

/* The request changes something: WRITE, MKDIR, RMDIR. */
bool journal_is_change(const struct journal_slot *slot);

/* It is carried out, and the slot holds its answer (JOURNAL_DONE). */
bool journal_is_done(const struct journal_slot *slot);

/* A worker before us had begun it, or had read it and no journal tells (the kernel sent it again): it may have been carried out. */
bool journal_was_begun(const struct journal_slot *slot);

/* A number drawn by chance that all workers of the connection know, and nobody else. */
uint64_t journal_key(Journal *journal);

/* ---- the connection's first request ---- */

/* Keeps a copy of INIT for the workers to come. The request is of `length` bytes. */
void journal_keep_init(Journal *journal, const struct fuse_in_header *init, size_t length);

/* NULL where none was kept; valid as long as the journal. *ret_length is at least a header and its struct fuse_init_in. */
const struct fuse_in_header *journal_init(const Journal *journal, size_t *ret_length);

/* A number for a file handle: each is given once in four thousand million, over all workers. Never 0. */
uint32_t journal_next_serial(Journal *journal);

/* ---- taking over ---- */

/* How the worker before us ended. */
enum journal_end {
	JOURNAL_STOPPED, /* it finished what it had begun, or there was none */
	JOURNAL_KILLED,  /* from outside, through no fault of a request */
	JOURNAL_CRASHED, /* by itself, or it hung */
};

enum journal_verdict {
	JOURNAL_REPLAY, /* process it as any other */
	JOURNAL_SUSPECT, /* one of those that may have crashed the worker: process it before others, and alone. (One that hung is
			    known, and the others need not wait for it.) */
	JOURNAL_ANSWER,  /* it is done, whatever it cost: send the answer that it holds */
	JOURNAL_GIVE_UP, /* it crashed or cost too many workers: answer EIO */
};

/* After so many a request is given up. */
#define JOURNAL_MOST_FAULTS 3
#define JOURNAL_MOST_KILLS  50

/*
 * Called for each slot that is in use, once at the start of a worker that has become the only one. Counts what the
 * request has done to workers, clears its flags but JOURNAL_INTERRUPTED and JOURNAL_DONE, and says what to do with it.
 * A slot that holds nonsense is cleared.
 *
 * A request that changes something is replayed once at most, whatever its worker ended of.
 */
typedef void (*journal_visit)(unsigned index, enum journal_verdict verdict, void *data);
void journal_claim(Journal *journal, enum journal_end end, journal_visit visit, void *data);
