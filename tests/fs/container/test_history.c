/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/history.h"

#include "fs/container/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND 1000000

static void keep_tasks(History *history, uint64_t now_us, bool own_pids, struct view_tasks *tasks)
{
	history_keep_tasks(history, &(struct tasks_counted){ .now_us = now_us, .own_pids = own_pids }, tasks);
}

static void counts_are_remembered_shortly(void **state)
{
	g_autoptr(History) history = history_new(0);
	struct view_tasks tasks = { .running = 1, .total = 7, .last_pid = 20 };

	assert_false(history_recall_tasks(history, 0, &tasks));
	keep_tasks(history, 10 * SECOND, true, &tasks);
	tasks = (struct view_tasks){ 0 };
	assert_true(history_recall_tasks(history, 10 * SECOND + SECOND / 10, &tasks));
	assert_int_equal(tasks.running, 1);
	assert_int_equal(tasks.total, 7);
	assert_int_equal(tasks.last_pid, 20);
	assert_int_equal(tasks.forks, 20);
	assert_false(history_recall_tasks(history, 10 * SECOND + SECOND / 10 + 1, &tasks));
}

static void many_threads_are_left_to_the_sampler(void **state)
{
	g_autoptr(History) history = history_new(0);
	struct view_tasks tasks = { .total = 1001 };

	assert_false(history_many_tasks(history));
	keep_tasks(history, SECOND, false, &tasks);
	assert_true(history_many_tasks(history));
	assert_true(history_recall_tasks(history, 30 * SECOND, &tasks));
	assert_false(history_recall_tasks(history, 62 * SECOND, &tasks));
	tasks.total = 1000;
	keep_tasks(history, SECOND, false, &tasks);
	assert_false(history_many_tasks(history));
	assert_false(history_recall_tasks(history, 2 * SECOND, &tasks));
}

/* Few threads in many directories. */
static void slow_counts_are_left_to_the_sampler(void **state)
{
	g_autoptr(History) history = history_new(0);
	struct tasks_counted counted = { .now_us = SECOND, .took_us = 10001 };
	struct view_tasks tasks = { .total = 3 };

	history_keep_tasks(history, &counted, &tasks);
	assert_true(history_many_tasks(history));
	assert_true(history_recall_tasks(history, 30 * SECOND, &tasks));
	assert_false(history_recall_tasks(history, 62 * SECOND, &tasks));
	counted.took_us = 10000;
	history_keep_tasks(history, &counted, &tasks);
	assert_false(history_many_tasks(history));
	assert_false(history_recall_tasks(history, 30 * SECOND, &tasks));
}

static uint64_t forks_after(History *history, bool own_pids, uint64_t last_pid, uint64_t total)
{
	struct view_tasks tasks = { .last_pid = last_pid, .total = total };

	keep_tasks(history, 0, own_pids, &tasks);
	return tasks.forks;
}

static void forks_never_go_back(void **state)
{
	g_autoptr(History) own = history_new(0);
	g_autoptr(History) shared = history_new(0);

	assert_int_equal(forks_after(own, true, 30, 5), 30);
	assert_int_equal(forks_after(own, true, 12, 50), 30); /* ids wrapped around */
	assert_int_equal(forks_after(own, true, 31, 5), 31);
	assert_int_equal(forks_after(shared, false, 4000, 5), 5);
	assert_int_equal(forks_after(shared, false, 5000, 3), 5);
	assert_int_equal(forks_after(shared, false, 5000, 8), 8);
}

static void an_unknown_last_pid_is_the_last_known(void **state)
{
	g_autoptr(History) history = history_new(0);
	struct view_tasks tasks = { .last_pid = 30, .total = 2 };

	keep_tasks(history, 0, true, &tasks);
	tasks = (struct view_tasks){ .total = 3 };
	keep_tasks(history, 0, true, &tasks);
	assert_int_equal(tasks.last_pid, 30);
	assert_int_equal(tasks.total, 3);
}

/* Passes that come early or late by a second are one period each; a pass that was left out counts twice. */
static void load_follows_the_clock(void **state)
{
	static const uint64_t passes[] = { 2, 6, 9, 16, 20, 30 };
	static const unsigned periods[] = { 0, 1, 1, 1, 1, 2 };
	g_autoptr(History) history = history_new(0);
	struct view_load expected = { 0 };

	history_begin_load(history, 1000 * (uint64_t)SECOND);
	for (unsigned i = 0; i < G_N_ELEMENTS(passes); i++) {
		struct view_load load;

		history_sample_load(history, (1000 + passes[i]) * (uint64_t)SECOND, 2);
		load_decay(&expected, 2, periods[i]);
		load = history_load(history);
		assert_memory_equal(&load, &expected, sizeof(load));
	}
}

static void load_begins_once(void **state)
{
	g_autoptr(History) history = history_new(0);

	history_begin_load(history, 1000 * (uint64_t)SECOND);
	history_begin_load(history, 2000 * (uint64_t)SECOND);
	history_sample_load(history, 1005 * (uint64_t)SECOND, 1);
	assert_int_equal(history_load(history).avg[0], 164);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_remembered_shortly),
		cmocka_unit_test(many_threads_are_left_to_the_sampler),
		cmocka_unit_test(slow_counts_are_left_to_the_sampler),
		cmocka_unit_test(forks_never_go_back),
		cmocka_unit_test(an_unknown_last_pid_is_the_last_known),
		cmocka_unit_test(load_follows_the_clock),
		cmocka_unit_test(load_begins_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
