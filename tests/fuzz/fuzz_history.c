/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the record of a history: refused, or one that can be gone on from, and whose columns still add up.
 */
#include "fs/container/history.h"

#include <stdlib.h>
#include <string.h>

#define FIXED 96 /* what comes before the CPU times in a record */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum(const struct view_ticks *ticks)
{
	return ticks->user + ticks->nice + ticks->system + ticks->idle + ticks->steal;
}

static void go_on(History *history, uint64_t now_us, uint64_t used_us)
{
	struct view_cpus cpus = { .n = 3, .host_ids = 200, .visible.word = { 5, 0, 1 } };
	struct cpu_sample sample = { .now_us = now_us, .user_us = used_us, .throttled_us = used_us };
	struct view_ticks total, each[3];

	history_cpu_times(history, &cpus, &sample, &total, each);
	if (sum(&total) < sum(&each[0]))
		abort();
}

/* What is shown is at least what the cgroup says, and grows. */
static void hold(History *history, uint64_t now_us, uint64_t rbytes)
{
	struct cg_io_device before = { .major = 8, .rbytes = rbytes }, after = { .major = 8, .rbytes = rbytes / 2 };
	struct cg_io first = { .n = 1, .device = &before }, second = { .n = 1, .device = &after };

	history_hold_io(history, &(struct io_moment){ now_us, now_us + 1 }, &first);
	history_hold_io(history, &(struct io_moment){ now_us + 2, now_us + 3 }, &second);
	if (before.rbytes < rbytes || after.rbytes < before.rbytes)
		abort();
}

static void hold_events(History *history, uint64_t now_us, uint64_t faults)
{
	struct view_events before = { .memory.pgfault = faults }, after = { .memory.pgfault = faults / 2 };

	history_hold_events(history, &(struct io_moment){ now_us, now_us + 1 }, &before);
	history_hold_events(history, &(struct io_moment){ now_us + 2, now_us + 3 }, &after);
	if (before.memory.pgfault < faults || after.memory.pgfault < before.memory.pgfault)
		abort();
}

static void use(History *history)
{
	struct view_tasks tasks = { .total = 3 };

	go_on(history, 0, 0);
	go_on(history, UINT64_C(1) << 45, UINT64_C(1) << 44);
	go_on(history, (UINT64_C(1) << 45) + 1, UINT64_C(1) << 45);
	(void)history_recall_tasks(history, 1, &tasks);
	history_keep_tasks(history, &(struct tasks_counted){ .now_us = 1 }, &tasks);
	history_sample_load(history, UINT64_C(1) << 45, 7);
	(void)history_load(history);
	hold(history, 1, 1000);
	hold(history, 10, UINT64_MAX);
	hold_events(history, 1, 1000);
	hold_events(history, 10, UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree void *bytes = g_memdup2(data, size);
	g_autoptr(History) history = history_from_record(bytes, size, NULL);
	struct cpu_times *times = size > FIXED ? cpu_times_load((char *)bytes + FIXED, size - FIXED, NULL) : NULL;

	if (history)
		use(history);
	if (times)
		cpu_times_free(times);
	return 0;
}
