/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is served next: fair by cost, whatever the number of requests. Requests
 * of one key (a container) are a flow, served in their order; the flows take
 * turns, each until it has cost a quantum (deficit round robin: Shreedhar and Varghese, 1995). A flow
 * that had nothing waiting goes first (as in FQ-CoDel, RFC 8290, 4.1), so who asks seldom does not
 * wait for who asks always. The cost is told afterwards, when it is known.
 *
 * Pure, without a lock of its own; no memory is allocated after queue_new().
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Queue Queue;

#define QUEUE_NONE UINT32_MAX

/* Items are numbers below `items`; `most_running` bounds a flow's items between pick and done. */
Queue *queue_new(unsigned items, int64_t quantum, unsigned most_running);
void queue_free(Queue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Queue, queue_free)

/* The item must not be in the queue, nor running. */
void queue_push(Queue *queue, uint64_t key, uint32_t item);

/* The next one, which is then running; QUEUE_NONE where none waits or each that waits is of a flow that has enough running. */
uint32_t queue_pick(Queue *queue);

/* A running item has ended and has cost this. */
void queue_done(Queue *queue, uint32_t item, int64_t cost);

/* An item that is in no queue counts as a running one of this flow, beyond its bound if need be, until queue_done(). */
void queue_adopt(Queue *queue, uint64_t key, uint32_t item);

/* Takes out an item that waits. */
void queue_remove(Queue *queue, uint32_t item);

/* So many items of the flow are running that no other would be picked. */
bool queue_is_full(const Queue *queue, uint64_t key);

/* How many items wait. */
unsigned queue_length(const Queue *queue);
