/* SPDX-License-Identifier: Apache-2.0
 *
 * Called with the lock held.
 */
#include "fs/serve/workers_private.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <time.h>

/* Above this, waking another thread is worth its cost, which is some ten microseconds, more on virtual machines. */
#define SLOW_NS 150000

/* What one measurement may add to a cost. */
#define MOST_RISE_NS 10000

/* A turn: one or two light requests. */
#define QUANTUM_NS 30000

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void lanes_init(Workers *workers)
{
	workers->light = queue_new(JOURNAL_SLOTS, QUANTUM_NS, THREADS);
	workers->slow = queue_new(JOURNAL_SLOTS, QUANTUM_NS, MOST_SLOW_EACH);
	g_queue_init(&workers->alone);
}

void lanes_clear(Workers *workers)
{
	g_queue_clear(&workers->alone);
	queue_free(workers->slow);
	queue_free(workers->light);
}

void lanes_wake_reader(Workers *workers)
{
	if (!workers->is_waiting)
		return;
	workers->is_waiting = false;
	if (eventfd_write(workers->wake, 1) < 0)
		g_warning("cannot wake the reader: %s", g_strerror(errno));
}

void lanes_wake_one(Workers *workers)
{
	if (workers->idle > 0)
		pthread_cond_signal(&workers->work);
}

void lanes_pass_baton(Workers *workers)
{
	workers->reader = NULL;
	lanes_wake_one(workers);
}

static enum lane lane_of(const Workers *workers, const struct request *request)
{
	bool is_slow = atomic_load_explicit(&workers->cost_ns[request->kind], memory_order_relaxed) > SLOW_NS;

	return is_slow || queue_is_full(workers->slow, request->key) ? LANE_SLOW : LANE_LIGHT;
}

void lanes_enqueue(Workers *workers, uint32_t slot)
{
	struct request *request = &workers->requests[slot];

	request->lane = lane_of(workers, request);
	queue_push(request->lane == LANE_SLOW ? workers->slow : workers->light, request->key, slot);
}

void lanes_free_slot(Workers *workers, uint32_t slot)
{
	struct request *request = &workers->requests[slot];
	bool was_last_owed = request->is_owed && --workers->n_owed == 0;

	if (request->interrupted_us)
		workers->n_interrupted--;
	*request = (struct request){ 0 };
	workers->unique[slot] = 0;
	workers->free[workers->n_free++] = slot;
	if (workers->n_free == 1 || was_last_owed)
		lanes_wake_reader(workers); /* which may wait for just this */
}

/* Suspects go first, and while one of them runs nothing else begins. */
static uint32_t pick_alone(Workers *workers)
{
	return GPOINTER_TO_UINT(g_queue_pop_head(&workers->alone)) - 1;
}

G_STATIC_ASSERT((uint32_t)0 - 1 == NO_SLOT);

/* A light request whose container turned out to have all the slow ones that it may have waits with these. */
static uint32_t pick_light(Workers *workers)
{
	uint32_t slot;

	while ((slot = queue_pick(workers->light)) != NO_SLOT) {
		if (!queue_is_full(workers->slow, workers->requests[slot].key))
			break;
		queue_done(workers->light, slot, 0);
		lanes_enqueue(workers, slot);
	}
	return slot;
}

uint32_t lanes_pick_slow(Workers *workers)
{
	return workers->n_slow < MOST_SLOW && workers->n_alone == 0 ? queue_pick(workers->slow) : NO_SLOT;
}

void lanes_begin(struct thread *thread, uint32_t slot)
{
	Workers *workers = thread->workers;
	struct request *request = &workers->requests[slot];

	request->is_begun = true;
	if (request->lane == LANE_SLOW)
		workers->n_slow++;
	atomic_fetch_or(&journal_slot(workers->journal, slot)->flags, JOURNAL_STARTED);
	thread->slot = slot;
	thread->begun_ns = now_ns();
	thread->age_us = 0;
	thread->is_hung = false;
	workers->n_begun++;
	if (workers->is_dozing)
		pthread_cond_signal(&workers->tick);
	workers->is_dozing = false;
}

/*
 * A moving average that falls faster than it rises: on a busy machine the thread loses its CPU in many requests, and
 * taking these for slow ones would wake threads that make it busier. Two threads that race lose one of their measurements.
 */
static int64_t note_cost(atomic_uint *cost, int64_t took_ns)
{
	int64_t before = atomic_load_explicit(cost, memory_order_relaxed);
	int64_t more = took_ns - before;
	int64_t now = before + (more < 0 ? more / 4 : MIN(more / 8, MOST_RISE_NS));

	atomic_store_explicit(cost, (unsigned)CLAMP(now, 0, G_MAXINT), memory_order_relaxed);
	return now;
}

/* What it costs its container is what such requests cost: not that this one's thread lost its CPU meanwhile. */
void lanes_end(struct thread *thread)
{
	Workers *workers = thread->workers;
	struct request *request = &workers->requests[thread->slot];
	int64_t cost = note_cost(&workers->cost_ns[request->kind], now_ns() - thread->begun_ns);

	switch (request->lane) {
	case LANE_LIGHT:
		queue_done(workers->light, thread->slot, cost);
		break;
	case LANE_SLOW:
		queue_done(workers->slow, thread->slot, cost);
		workers->n_slow -= thread->is_lost ? 0 : 1;
		break;
	case LANE_ALONE:
		workers->n_alone--;
		break;
	case LANE_LOST:
		break;
	}
	workers->n_lost -= thread->is_lost ? 1 : 0;
	thread->is_lost = false;
	lanes_free_slot(workers, thread->slot);
	workers->n_served++;
	thread->slot = NO_SLOT;
}

/*
 * By now it is a slow one: relieve() has seen to that. Key 0 stands for all whose container is not known yet, and these
 * have nothing to do with each other.
 */
void lanes_lose(struct thread *thread)
{
	Workers *workers = thread->workers;
	struct request *request = &workers->requests[thread->slot];

	g_assert(request->lane == LANE_SLOW);
	thread->is_lost = true;
	workers->n_lost++;
	workers->n_slow--;
	if (request->key == 0) {
		queue_done(workers->slow, thread->slot, 0);
		request->lane = LANE_LOST;
	}
	lanes_wake_one(workers); /* for a slow one that could not begin */
}

/* The slow ones are for others while there is light work; else the reader does one itself, and another reads. */
uint32_t lanes_pick(Workers *workers)
{
	uint32_t slot = pick_alone(workers);

	if (slot == NO_SLOT)
		slot = pick_light(workers);
	if (slot != NO_SLOT) {
		if (queue_length(workers->slow) > 0)
			lanes_wake_one(workers);
		return slot;
	}
	slot = lanes_pick_slow(workers);
	if (slot != NO_SLOT)
		lanes_pass_baton(workers);
	return slot;
}
