/* SPDX-License-Identifier: Apache-2.0
 *
 * In which container a thread was when it asked last: by this the requests of the tree by caller are told
 * apart before anybody has looked who asks. A hint for taking turns and for nothing else: a number that is another thread's by now
 * puts a request into the wrong queue, and it is answered right all the same.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#define SEEN_THREADS 4096 /* one entry for each remainder of the thread id */

struct seen {
	_Atomic uint64_t entry[SEEN_THREADS]; /* thread id, container; each of 32 bits */
};

static inline void seen_note(struct seen *seen, pid_t tid, uint64_t container)
{
	uint64_t entry = (uint64_t)(uint32_t)tid << 32 | (uint32_t)container;

	atomic_store_explicit(&seen->entry[(uint32_t)tid % SEEN_THREADS], entry, memory_order_relaxed);
}

/* 0: not seen. */
static inline uint64_t seen_recall(struct seen *seen, pid_t tid)
{
	uint64_t entry = atomic_load_explicit(&seen->entry[(uint32_t)tid % SEEN_THREADS], memory_order_relaxed);

	return entry >> 32 == (uint32_t)tid ? (uint32_t)entry : 0;
}
