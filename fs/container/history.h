/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of one container's figures: CPU times, threads, load. It
 * is an object of its own because it outlives a Container: one that was found
 * by its cgroup and is registered later keeps its history, so that no counter
 * goes back. Reference counted; safe for concurrent use; does no I/O.
 */
#pragma once

#include "fs/container/cpu_times.h"
#include "fs/view/view.h"

#include <glib.h>

typedef struct History History;

History *history_new(uint64_t start_us);
History *history_ref(History *history);
void history_unref(History *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_unref)

void history_cpu_times(History *history, const struct view_cpus *cpus, const struct cpu_sample *sample,
		       struct view_ticks *ret_total, struct view_ticks *ret_each);

/*
 * The threads as counted last, if that is still good enough: a tenth of a second
 * old, or counted by the sampler where there are so many that counting them
 * is nothing to do while somebody waits.
 */
bool history_recall_tasks(History *history, uint64_t now_us, struct view_tasks *ret_tasks);

/* So many that only the sampler counts them. */
bool history_many_tasks(const struct view_tasks *tasks);

/*
 * Remembers a count made at now_us and completes it: forks, and last_pid where it is 0 (unknown). With `own_pids` the
 * container has a pid namespace of its own; ids are given in sequence, so the largest one seen tells
 * how many there were. Else it is the largest number of threads seen.
 */
void history_keep_tasks(History *history, uint64_t now_us, bool own_pids, struct view_tasks *tasks);

/* Load averages; times are CLOCK_MONOTONIC, as the kernel's own load averages stand still in a suspended machine. */
void history_begin_load(History *history, uint64_t now_us); /* at the first call */
void history_sample_load(History *history, uint64_t now_us, uint64_t active);
struct view_load history_load(History *history);
