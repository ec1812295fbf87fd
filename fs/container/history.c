/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/history.h"

#include "fs/container/load.h"

#include <pthread.h>
#include <stdatomic.h>

/* A count is good for this long: a monitor that reads stat and loadavg together pays once. */
#define TASKS_FRESH_US 100000

/* Above either a request uses the sampler's count; but not for ever, should that stand still. */
#define TASKS_MANY     1000
#define TASKS_SLOW_US  10000
#define TASKS_STALE_US 60000000

struct History {
	atomic_uint refs;
	pthread_mutex_t lock; /* of all below */
	struct cpu_times *times;
	bool counted;
	bool many; /* for a request to count */
	uint64_t counted_us;
	struct view_tasks tasks; /* as completed by history_keep_tasks() */
	bool load_begun;
	uint64_t load_us; /* how far the averages have come; up to half a period ahead of the clock */
	struct view_load load;
};

History *history_new(uint64_t start_us)
{
	History *history = g_new0(History, 1);

	atomic_init(&history->refs, 1);
	pthread_mutex_init(&history->lock, NULL);
	history->times = cpu_times_new(start_us);
	return history;
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
	pthread_mutex_destroy(&history->lock);
	g_free(history);
}

void history_cpu_times(History *history, const struct view_cpus *cpus, const struct cpu_sample *sample,
		       struct view_ticks *ret_total, struct view_ticks *ret_each)
{
	pthread_mutex_lock(&history->lock);
	cpu_times_advance(history->times, cpus, sample);
	cpu_times_read(history->times, cpus, ret_total, ret_each);
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
	pthread_mutex_unlock(&history->lock);
}

void history_begin_load(History *history, uint64_t now_us)
{
	pthread_mutex_lock(&history->lock);
	if (!history->load_begun)
		history->load_us = now_us;
	history->load_begun = true;
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
