/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of one container's figures: CPU times, threads, load, disks, events. It
 * is an object of its own because it outlives a Container: one that was found
 * by its cgroup and is registered later keeps its history, so that no counter
 * goes back. Reference counted; safe for concurrent use; does no I/O.
 *
 * Kept in a store, it outlives the worker too: whatever a call below answers is in the store before the call returns.
 */
#pragma once

#include "fs/container/cpu_times.h"
#include "fs/container/event_counts.h"
#include "fs/container/io_counts.h"
#include "fs/store/store.h"
#include "fs/view/view.h"

#include <glib.h>

typedef struct History History;

History *history_new(uint64_t start_us);
History *history_ref(History *history);
void history_unref(History *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_unref)

/*
 * From now on it is kept in the store under this number. Each container that has this history says so once, and lets go
 * when it is forgotten: with the last one the record goes, and nothing is kept any more. `place` is where the record
 * is, 0 if there is none yet.
 */
void history_keep_in(History *history, Store *store, store_place place, uint64_t number);
void history_let_go(History *history);

/* The number under which the first one had it kept; 0 while there is none. */
uint64_t history_number(History *history);

/* From a record. NULL with CG_ERROR, EINVAL and what is wrong. Of a damaged record nothing is taken. */
History *history_from_record(const void *bytes, size_t length, GError **error);

/* Takes over what the other one remembers, which is of no use afterwards. For one that is not kept yet. */
void history_become(History *history, History *other);

void history_cpu_times(History *history, const struct view_cpus *cpus, const struct cpu_sample *sample,
		       struct view_ticks *ret_total, struct view_ticks *ret_each);

void history_hold_io(History *history, const struct io_moment *moment, struct cg_io *io);
void history_hold_events(History *history, const struct io_moment *moment, struct view_events *events);

/*
 * The threads as counted last, if that is still good enough: a tenth of a second
 * old, or counted by the sampler where counting them is nothing to do
 * while somebody waits.
 */
bool history_recall_tasks(History *history, uint64_t now_us, struct view_tasks *ret_tasks);

/*
 * Only the sampler is to count them: at the last count there were very many, or it took longer than 10 ms, as with few
 * threads in very many nested cgroups.
 */
bool history_many_tasks(History *history);

/* How threads were counted. */
struct tasks_counted {
	uint64_t now_us;
	uint64_t took_us; /* of CPU time: a busy machine does not make a count a long one */
	bool own_pids;    /* the container has a pid namespace of its own */
};

/*
 * Remembers a count and completes it: forks, and last_pid where it is 0 (unknown). In a pid namespace of its own ids
 * are given in sequence, so the largest one seen tells how many there were. Else it is the largest number
 * of threads seen.
 */
void history_keep_tasks(History *history, const struct tasks_counted *counted, struct view_tasks *tasks);

/* Load averages; times are CLOCK_MONOTONIC, as the kernel's own load averages stand still in a suspended machine. */
void history_begin_load(History *history, uint64_t now_us); /* at the first call */
void history_sample_load(History *history, uint64_t now_us, uint64_t active);
struct view_load history_load(History *history);
