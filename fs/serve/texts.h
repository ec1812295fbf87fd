/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts that are being read. A read at offset 0 takes a new moment, as seq_file does; reads
 * further on get slices of the same text, also when they are answered by the next worker: a text is in
 * the store before any of it is answered. Safe for concurrent use.
 *
 * A file handle is the number of a container and a serial number, so nothing is kept of a file that is merely open.
 */
#pragma once

#include "fs/store/store.h"

typedef struct Texts Texts;

/* Enough for a thousand large texts that are read in pieces at the same time, and for some hundreds of one container. */
#define TEXTS_BUDGET      ((size_t)16 << 20)
#define TEXTS_BUDGET_EACH ((size_t)2 << 20)

/*
 * The budgets bound the bytes of all texts and of one container's. A container that has too much loses its own oldest; when all
 * have too much, the one that has the most loses its oldest. Who reads on then gets the rest of a new text: a client that opens
 * files and stops reading cannot fill our memory. `store` may be NULL; it must outlive the object.
 */
Texts *texts_new(Store *store, size_t budget, size_t budget_each);
void texts_free(Texts *texts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Texts, texts_free)

/* Takes over what the worker before us kept; once, after store_claim(). */
void texts_restore(Texts *texts);

#define TEXTS_NO_CONTAINER 0

/* Handles. Number 0 is of files that are the same for everybody, of which no text is kept. */
uint64_t texts_handle(uint64_t container, uint32_t serial);
uint64_t texts_container(uint64_t handle);

/*
 * The text of the moment that is being read, or NULL. For a read at offset 0, `taken_by` is the kernel's number of this request:
 * only a text that this very request took is then given. So a request that two workers answer gets the
 * same text twice, and it does not matter which answer the kernel took. 0: whoever took it.
 */
GBytes *texts_get(Texts *texts, uint64_t handle, uint64_t taken_by);

/*
 * Keeps it in place of the one before. A text that a later request took stays: this request has been answered
 * before, or its answer comes too late. (The kernel numbers its requests upwards: fuse_get_unique() of fs/fuse/dev.c.)
 */
void texts_keep(Texts *texts, uint64_t handle, uint64_t taken_by, GBytes *text);

/* The file is closed. */
void texts_drop(Texts *texts, uint64_t handle);

/* For status and tests: how many, and their bytes. */
void texts_count(Texts *texts, unsigned *ret_texts, size_t *ret_bytes);
