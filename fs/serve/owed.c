/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/workers_private.h"

void workers_owe(Workers *workers, unsigned slot, bool is_suspect)
{
	const struct journal_slot *kept = journal_slot(workers->journal, slot);
	struct request *request = &workers->requests[slot];

	pthread_mutex_lock(&workers->lock);
	drain_look(workers, slot);
	request->is_owed = true;
	request->lane = is_suspect ? LANE_ALONE : LANE_LIGHT;
	if (kept->flags & JOURNAL_INTERRUPTED) {
		request->interrupted_us = g_get_monotonic_time();
		workers->n_interrupted++;
	}
	workers->unique[slot] = kept->header.unique;
	workers->top = MAX(workers->top, slot + 1);
	workers->n_owed++;
	pthread_mutex_unlock(&workers->lock);
}

/* What needs no turn, once all is known that an INTERRUPT can mean. */
static void answer_immediate(Workers *workers)
{
	for (uint32_t i = 0; i < workers->top; i++) {
		if (!workers->requests[i].is_owed || !request_is_immediate(journal_slot(workers->journal, i)))
			continue;
		drain_immediate(workers, i);
		pthread_mutex_lock(&workers->lock);
		lanes_free_slot(workers, i);
		pthread_mutex_unlock(&workers->lock);
	}
}

/* With the lock held. */
static void enqueue(Workers *workers, uint32_t slot)
{
	if (workers->requests[slot].lane != LANE_ALONE) {
		lanes_enqueue(workers, slot);
		return;
	}
	g_queue_push_tail(&workers->alone, GUINT_TO_POINTER(slot + 1));
	workers->n_alone++;
}

void owed_settle(Workers *workers)
{
	answer_immediate(workers);
	pthread_mutex_lock(&workers->lock);
	for (uint32_t i = 0; i < workers->top; i++)
		if (workers->requests[i].is_owed)
			enqueue(workers, i);
	workers->n_free = 0;
	for (uint32_t i = JOURNAL_SLOTS; i > 0; i--)
		if (!workers->requests[i - 1].is_owed)
			workers->free[workers->n_free++] = i - 1; /* the lowest is given first */
	pthread_mutex_unlock(&workers->lock);
}
