/* SPDX-License-Identifier: Apache-2.0
 *
 * What must outlive a worker: records in a memory file (memfd_create(2)) that
 * the keeper holds and every worker maps. A record is a kind, a number and
 * some bytes. Each has two copies that are written in turn and carry a checksum,
 * so whoever writes may be killed between any two instructions: the copy from before
 * is still there. One process writes at a time; others may read meanwhile.
 *
 * The file is sparse: records take the pages that they touch, and give them back (st_blocks of fstat(2) says how much it is).
 *
 * What is read is never trusted further than the checksum goes, which a fault of ours may
 * well pass: whoever reads a record checks its contents.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Store Store;

/* The file's length, and the longest record. */
#define STORE_SIZE ((size_t)2 << 30)
#define STORE_MOST (((size_t)32 << 20) - 32)

/* A record's place, for as long as it is not dropped and does not move; never 0. */
typedef uint64_t store_place;

/* Kinds are as good as written on disk: never reused for something else. */
enum store_kind {
	STORE_REGISTRY = 1,  /* one: the last numbers, the generation of the tree by caller */
	STORE_CONTAINER = 2, /* by the container's number: what it was at its birth, and its options */
	STORE_HISTORY = 3,   /* by the container's number: its counters */
	STORE_TEXT = 4,      /* by the file handle: the text that is being read */
	STORE_TURNS = 5,     /* one: the workers that have served (fs/turns.h) */
	STORE_PACE = 6,      /* by the uid: how often it has registered within the last minute (fs/control/pace.h) */
};

/* An empty file for the keeper: closed on exec, of a size that nobody can change. -1 with errno. */
int store_make(void);

/*
 * Maps the file; the descriptor stays the caller's. Only reading is allowed so far, which is safe beside a living
 * writer. An empty file is made ready. NULL with CG_ERROR: EINVAL for a file that is too
 * small or not one of ours, of another version or torn; what the kernel said. Such a file is refused as a whole:
 * log it, and store_format() it once nobody else uses it.
 */
Store *store_open(int fd, GError **error);
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* Throws away all that the file holds. Whoever has it mapped must open it anew. -errno. */
int store_format(int fd);

/*
 * From now on this process is the only writer, and all others that were are dead. Looks through all records once:
 * what is torn, or an older record of the same kind and number (one that was moving), is dropped.
 */
void store_claim(Store *store);

/*
 * Writes a record, a new one where `place` is 0, and returns where it is now: elsewhere if it has outgrown
 * its place. 0 where nothing is free or it is longer than STORE_MOST: the record is then what it was. Only after
 * store_claim(). Safe for concurrent use, but for the same record, whose writer the caller keeps single.
 * Memory only: no I/O.
 */
store_place store_put(Store *store, store_place place, enum store_kind kind, uint64_t number, const void *data,
		      size_t length);

/* Forgets a record; its place may be another's from now on. 0 is none. As store_put() otherwise. */
void store_drop(Store *store, store_place place);

/*
 * Called with a copy of the record's bytes, aligned as by malloc(3), that is whole and belongs to the call. `sequence` grows with
 * each writing, whichever record it is of: one that is known already has not changed.
 */
typedef void (*store_visit)(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
			    void *data);

/*
 * All records of a kind, in no order. Beside a living writer one that is written very often may be left out, and one that is
 * just moving come twice. The visitor may drop the record that it is shown.
 */
void store_each(const Store *store, enum store_kind kind, store_visit visit, void *data);

/*
 * The same, but only those that are wanted: asked before anything is copied or checked, so that going through records that are
 * known already costs next to nothing. Beside a living writer what is asked about may be half written.
 */
typedef bool (*store_wanted)(uint64_t number, uint64_t sequence, void *data);
void store_each_wanted(const Store *store, enum store_kind kind, store_wanted wanted, store_visit visit, void *data);
