/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/history.h"

#include "cgroup/error.h"
#include "fs/container/load.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* A count is good for this long: a monitor that reads stat and loadavg together pays once. */
#define TASKS_FRESH_US 100000

/* Above either a request uses the sampler's count; but not for ever, should that stand still. */
#define TASKS_MANY     1000
#define TASKS_SLOW_US  10000
#define TASKS_STALE_US 60000000

struct History {
	atomic_uint refs;
	pthread_mutex_t lock; /* of all below; writing to the store is no I/O */
	Store *store;         /* NULL: not kept */
	store_place place;
	uint64_t number;
	unsigned keepers;
	struct cpu_times *times;
	struct io_counts *io;
	struct event_counts *events;
	bool counted;
	bool many; /* for a request to count */
	uint64_t counted_us;
	struct view_tasks tasks; /* as completed by history_keep_tasks() */
	bool load_begun;
	uint64_t load_us; /* how far the averages have come; up to half a period ahead of the clock */
	struct view_load load;
};

static History *make(struct cpu_times *times, struct io_counts *io, struct event_counts *events)
{
	History *history = g_new0(History, 1);

	atomic_init(&history->refs, 1);
	pthread_mutex_init(&history->lock, NULL);
	history->times = times;
	history->io = io;
	history->events = events;
	return history;
}

History *history_new(uint64_t start_us)
{
	return make(cpu_times_new(start_us), io_counts_new(), event_counts_new());
}

History *history_ref(History *history)
{
	atomic_fetch_add(&history->refs, 1);
	return history;
}

void history_unref(History *history)
{
	if (!history || atomic_fetch_sub(&history->refs, 1) != 1)
		return;
	cpu_times_free(history->times);
	io_counts_free(history->io);
	event_counts_free(history->events);
	pthread_mutex_destroy(&history->lock);
	g_free(history);
}

/* ---- as a record ---- */

#define SAVED_VERSION 1

enum saved_flags { COUNTED = 1 << 0, MANY = 1 << 1, LOAD_BEGUN = 1 << 2 };

/*
 * What comes first; then the block counters and those of events; `size` says where the CPU times begin, which are the
 * rest. A later version adds in front of them, and a reader takes what it knows.
 */
struct saved {
	uint32_t version, size;
	uint64_t flags;
	uint64_t counted_us;
	struct view_tasks tasks;
	uint64_t load_us;
	struct view_load load;
};

G_STATIC_ASSERT(sizeof(struct saved) == 96);

static GByteArray *save_text(const History *history)
{
	struct saved saved = {
		.version = SAVED_VERSION,
		.flags = (history->counted ? COUNTED : 0) | (history->many ? MANY : 0) |
			 (history->load_begun ? LOAD_BEGUN : 0),
		.counted_us = history->counted_us,
		.tasks = history->tasks,
		.load_us = history->load_us,
		.load = history->load,
	};
	GByteArray *bytes = g_byte_array_sized_new((guint)(sizeof(saved) + cpu_times_saved_size(history->times)));

	g_byte_array_append(bytes, (const guint8 *)&saved, sizeof(saved));
	io_counts_save(history->io, bytes);
	event_counts_save(history->events, bytes);
	((struct saved *)(void *)bytes->data)->size = bytes->len;
	cpu_times_save(history->times, bytes);
	return bytes;
}

/* With the lock held, at the end of each change. In a full store the older state stays: better than none. */
static void save(History *history)
{
	g_autoptr(GByteArray) bytes = NULL;
	store_place place;

	if (!history->store)
		return;
	bytes = save_text(history);
	place = store_put(history->store, history->place, STORE_HISTORY, history->number, bytes->data, bytes->len);
	if (place != 0)
		history->place = place;
}

void history_keep_in(History *history, Store *store, store_place place, uint64_t number)
{
	pthread_mutex_lock(&history->lock);
	if (history->keepers++ == 0) {
		history->store = store;
		history->place = place;
		history->number = number;
	}
	if (history->place == 0)
		save(history);
	pthread_mutex_unlock(&history->lock);
}

void history_let_go(History *history)
{
	pthread_mutex_lock(&history->lock);
	if (history->keepers > 0 && --history->keepers == 0) {
		store_drop(history->store, history->place);
		history->store = NULL;
		history->place = 0;
	}
	pthread_mutex_unlock(&history->lock);
}

uint64_t history_number(History *history)
{
	uint64_t number;

	pthread_mutex_lock(&history->lock);
	number = history->number;
	pthread_mutex_unlock(&history->lock);
	return number;
}

void history_become(History *history, History *other)
{
	pthread_mutex_lock(&history->lock);
	cpu_times_free(history->times);
	history->times = g_steal_pointer(&other->times);
	io_counts_free(history->io);
	history->io = g_steal_pointer(&other->io);
	event_counts_free(history->events);
	history->events = g_steal_pointer(&other->events);
	history->counted = other->counted;
	history->many = other->many;
	history->counted_us = other->counted_us;
	history->tasks = other->tasks;
	history->load_begun = other->load_begun;
	history->load_us = other->load_us;
	history->load = other->load;
	pthread_mutex_unlock(&history->lock);
}

static bool read_saved(const void *bytes, size_t length, struct saved *ret_saved, GError **error)
{
	struct saved saved = { 0 };

	if (length < sizeof(saved))
		return cg_fail(error, EINVAL, "too short");
	memcpy(&saved, bytes, sizeof(saved));
	if (saved.version != SAVED_VERSION)
		return cg_fail(error, EINVAL, "of version %u", saved.version);
	if (saved.size < sizeof(saved) || saved.size > length)
		return cg_fail(error, EINVAL, "a head of another size");
	*ret_saved = saved;
	return true;
}

/* They are behind the block counters; a record of before there were any of these has neither. */
static struct event_counts *load_events(const struct io_counts *io, const unsigned char *bytes, size_t length,
					GError **error)
{
	size_t before = MIN(io_counts_saved_size(io), length);

	return event_counts_load(bytes + before, length - before, error);
}

History *history_from_record(const void *bytes, size_t length, GError **error)
{
	struct saved saved = { 0 };
	const unsigned char *at = bytes;
	struct cpu_times *times;
	struct io_counts *io;
	struct event_counts *events;
	History *history;

	if (!read_saved(bytes, length, &saved, error))
		return NULL;
	io = io_counts_load(at + sizeof(saved), saved.size - sizeof(saved), error);
	events = io ? load_events(io, at + sizeof(saved), saved.size - sizeof(saved), error) : NULL;
	times = events ? cpu_times_load(at + saved.size, length - saved.size, error) : NULL;
	if (!times) {
		io_counts_free(io);
		event_counts_free(events);
		return NULL;
	}
	history = make(times, io, events);
	history->counted = saved.flags & COUNTED;
	history->many = saved.flags & MANY;
	history->load_begun = saved.flags & LOAD_BEGUN;
	history->counted_us = saved.counted_us;
	history->tasks = saved.tasks;
	history->load_us = saved.load_us;
	history->load = saved.load;
	return history;
}

/* ---- what is remembered ---- */

void history_cpu_times(History *history, const struct view_cpus *cpus, const struct cpu_sample *sample,
		       struct view_ticks *ret_total, struct view_ticks *ret_each)
{
	pthread_mutex_lock(&history->lock);
	cpu_times_advance(history->times, cpus, sample);
	cpu_times_read(history->times, cpus, ret_total, ret_each);
	save(history);
	pthread_mutex_unlock(&history->lock);
}

void history_hold_io(History *history, const struct io_moment *moment, struct cg_io *io)
{
	pthread_mutex_lock(&history->lock);
	if (io_counts_hold(history->io, moment, io))
		save(history);
	pthread_mutex_unlock(&history->lock);
}

void history_hold_events(History *history, const struct io_moment *moment, struct view_events *events)
{
	pthread_mutex_lock(&history->lock);
	if (event_counts_hold(history->events, moment, events))
		save(history);
	pthread_mutex_unlock(&history->lock);
}

bool history_many_tasks(History *history)
{
	bool many;

	pthread_mutex_lock(&history->lock);
	many = history->many;
	pthread_mutex_unlock(&history->lock);
	return many;
}

bool history_recall_tasks(History *history, uint64_t now_us, struct view_tasks *ret_tasks)
{
	uint64_t age;
	bool good;

	pthread_mutex_lock(&history->lock);
	age = cg_minus(now_us, history->counted_us);
	good = history->counted && age <= (history->many ? TASKS_STALE_US : TASKS_FRESH_US);
	if (good)
		*ret_tasks = history->tasks;
	pthread_mutex_unlock(&history->lock);
	return good;
}

void history_keep_tasks(History *history, const struct tasks_counted *counted, struct view_tasks *tasks)
{
	pthread_mutex_lock(&history->lock);
	if (tasks->last_pid == 0)
		tasks->last_pid = history->tasks.last_pid;
	tasks->forks = MAX(history->tasks.forks, counted->own_pids ? tasks->last_pid : tasks->total);
	history->tasks = *tasks;
	history->many = tasks->total > TASKS_MANY || counted->took_us > TASKS_SLOW_US;
	history->counted_us = counted->now_us;
	history->counted = true;
	save(history);
	pthread_mutex_unlock(&history->lock);
}

void history_begin_load(History *history, uint64_t now_us)
{
	pthread_mutex_lock(&history->lock);
	if (!history->load_begun)
		history->load_us = now_us;
	history->load_begun = true;
	save(history);
	pthread_mutex_unlock(&history->lock);
}

/* Whole periods, to the nearest: a pass that comes a little early or late is still one period. */
void history_sample_load(History *history, uint64_t now_us, uint64_t active)
{
	uint64_t periods;

	history_begin_load(history, now_us);
	pthread_mutex_lock(&history->lock);
	periods = cg_minus(now_us + LOAD_PERIOD_US / 2, history->load_us) / LOAD_PERIOD_US;
	load_decay(&history->load, active, (unsigned)MIN(periods, UINT32_MAX));
	history->load_us += periods * LOAD_PERIOD_US;
	save(history);
	pthread_mutex_unlock(&history->lock);
}

struct view_load history_load(History *history)
{
	struct view_load load;

	pthread_mutex_lock(&history->lock);
	load = history->load;
	pthread_mutex_unlock(&history->lock);
	return load;
}
