/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/cpu_times.h"

#include "cgroup/cpulist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND 1000000

/* The counters of a container with CPUs 0…n-1, or those of a list. */
struct fixture {
	struct cpu_times *times;
	struct view_cpus cpus;
	struct cpu_sample sample;
	struct view_ticks total, each[8];
};

static void show(struct fixture *f, const char *list)
{
	assert_true(cg_cpulist_parse(list, "list", &f->cpus.visible, NULL));
	f->cpus.n = cg_cpumask_count(&f->cpus.visible);
}

static void begin(struct fixture *f, const char *list)
{
	*f = (struct fixture){ .times = cpu_times_new(100 * SECOND), .sample.now_us = 100 * SECOND };
	show(f, list);
}

/* After `us`, during which user and system time were used. */
static void pass(struct fixture *f, uint64_t us, uint64_t user, uint64_t system)
{
	f->sample.now_us += us;
	f->sample.user_us += user;
	f->sample.system_us += system;
	cpu_times_advance(f->times, &f->cpus, &f->sample);
	cpu_times_read(f->times, &f->cpus, &f->total, f->each);
}

static void assert_ticks(const struct view_ticks *ticks, uint64_t user, uint64_t system, uint64_t idle, uint64_t steal)
{
	assert_int_equal(ticks->user, user);
	assert_int_equal(ticks->system, system);
	assert_int_equal(ticks->idle, idle);
	assert_int_equal(ticks->steal, steal);
}

static void from_its_start(void **state)
{
	struct fixture f;

	begin(&f, "0");
	pass(&f, 10 * SECOND, 2 * SECOND, SECOND);
	assert_ticks(&f.total, 200, 100, 700, 0);
	assert_ticks(&f.each[0], 200, 100, 700, 0);
	cpu_times_free(f.times);
}

static void evenly_where_cpus_are_not_counted(void **state)
{
	struct fixture f;

	begin(&f, "1,3-4,7");
	pass(&f, 10 * SECOND, 4 * SECOND, 8 * SECOND);
	for (unsigned i = 0; i < 4; i++)
		assert_ticks(&f.each[i], 100, 200, 700, 0);
	assert_ticks(&f.total, 400, 800, 2800, 0);
	cpu_times_free(f.times);
}

/* 100 % load at a quota of half a CPU: throttled time arrives at the end of each period, reads come at any time. */
static void half_a_quota(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	uint64_t now = 0;
	struct fixture f;

	begin(&f, "0");
	while (now < 100 * SECOND) {
		uint64_t next = now + g_rand_int_range(rand, 1, 3 * SECOND);
		uint64_t used = next / 100000 * 50000 + MIN(next % 100000, 50000);

		f.sample.throttled_us = next / 100000 * 50000;
		pass(&f, next - now, used - f.sample.user_us, 0);
		now = next;
	}
	assert_in_range(f.total.user * 10000, now / 2 - 60000, now / 2 + 60000);
	assert_in_range(f.total.steal * 10000, now / 2 - 120000, now / 2 + 60000);
	assert_in_range(f.total.idle, 0, 11);
	cpu_times_free(f.times);
}

static void own_and_hidden_use(void **state)
{
	uint64_t percpu[4] = { SECOND, 2 * SECOND, 0, 3 * SECOND };
	struct fixture f;

	begin(&f, "0-1");
	f.sample.percpu_us = percpu;
	f.sample.n_percpu = 4;
	pass(&f, 10 * SECOND, 6 * SECOND, 0);
	assert_ticks(&f.each[0], 250, 0, 750, 0); /* its own second and half of the hidden three */
	assert_ticks(&f.each[1], 350, 0, 650, 0);
	cpu_times_free(f.times);
}

/* The two files are read one after the other: the total says how much there is. */
static void single_cpus_never_exceed_the_total(void **state)
{
	uint64_t percpu[2] = { 8 * SECOND, 4 * SECOND };
	struct fixture f;

	begin(&f, "0-1");
	f.sample.percpu_us = percpu;
	f.sample.n_percpu = 2;
	pass(&f, 10 * SECOND, 6 * SECOND, 0);
	assert_ticks(&f.each[0], 400, 0, 600, 0);
	assert_ticks(&f.each[1], 200, 0, 800, 0);
	cpu_times_free(f.times);
}

static void full_cpus_give_to_others(void **state)
{
	uint64_t percpu[4] = { 10 * SECOND, 0, 6 * SECOND, 0 };
	struct fixture f;

	begin(&f, "0-1");
	f.sample.percpu_us = percpu;
	f.sample.n_percpu = 4;
	pass(&f, 10 * SECOND, 16 * SECOND, 0);
	assert_ticks(&f.each[0], 1000, 0, 0, 0);
	assert_ticks(&f.each[1], 600, 0, 400, 0);
	cpu_times_free(f.times);
}

/* The tightest quota is now another cgroup's: its past is not the container's; what it adds from now on is. */
static void another_levels_total_is_no_growth(void **state)
{
	struct fixture f;

	begin(&f, "0");
	f.sample.throttled_us = 2 * SECOND;
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 0, 0, 800, 200);
	f.sample.throttled_level = 1;
	f.sample.throttled_us = 500 * SECOND;
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 0, 0, 1800, 200);
	f.sample.throttled_us += SECOND;
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 0, 0, 2700, 300);
	f.sample.throttled_level = 0; /* and back, to a total that is less than a reset below */
	f.sample.throttled_us -= SECOND / 2;
	pass(&f, 10 * SECOND, 0, 0);
	f.sample.throttled_us += SECOND / 2;
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 0, 0, 4650, 350);
	cpu_times_free(f.times);
}

static void a_first_sample_of_any_level_counts(void **state)
{
	struct fixture f;

	begin(&f, "0");
	f.sample.throttled_level = 2;
	f.sample.throttled_us = 3 * SECOND;
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 0, 0, 700, 300);
	cpu_times_free(f.times);
}

/* Of a CPU that was hidden, what it did meanwhile was spread over the others, and is not seen again. */
static void hidden_use_is_counted_once(void **state)
{
	uint64_t percpu[2] = { 0, 2 * SECOND };
	struct fixture f;

	begin(&f, "0");
	f.sample.percpu_us = percpu;
	f.sample.n_percpu = 2;
	pass(&f, 10 * SECOND, 2 * SECOND, 0);
	show(&f, "0-1");
	pass(&f, 0, 0, 0);
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.each[0], 200, 0, 1800, 0);
	assert_ticks(&f.each[1], 0, 0, 1000, 0);
	cpu_times_free(f.times);
}

static void use_from_before_the_start_is_dropped(void **state)
{
	struct fixture f;

	begin(&f, "0");
	f.sample.throttled_us = 50 * SECOND;
	pass(&f, 10 * SECOND, 30 * SECOND, 0);
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 1000, 0, 1000, 0);
	cpu_times_free(f.times);
}

static void what_does_not_fit_is_carried_over(void **state)
{
	struct fixture f;

	begin(&f, "0");
	pass(&f, 10 * SECOND, 0, 0);
	pass(&f, SECOND, SECOND, SECOND / 2);
	assert_int_equal(f.total.user + f.total.system, 100);
	pass(&f, SECOND, 0, 0);
	assert_int_equal(f.total.user + f.total.system, 150);
	assert_in_range(f.total.user, 99, 101);
	cpu_times_free(f.times);
}

static void but_not_without_end(void **state)
{
	struct fixture f;

	begin(&f, "0");
	pass(&f, SECOND, 0, 0);
	for (unsigned i = 0; i < 100; i++)
		pass(&f, SECOND, 4 * SECOND, 0);
	f.sample.throttled_us = 100 * SECOND;
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 10000 + 100, 0, 100, 900); /* one more second of use, then steal */
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 10000 + 100, 0, 100 + 990, 900 + 10);
	cpu_times_free(f.times);
}

static void a_cpu_that_hides_keeps_its_columns(void **state)
{
	struct fixture f;

	begin(&f, "0-1");
	pass(&f, 10 * SECOND, 10 * SECOND, 0);
	show(&f, "0");
	pass(&f, 10 * SECOND, 0, 0); /* still credited to both: they were visible when it began */
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.each[0], 500, 0, 2500, 0);
	assert_ticks(&f.total, 1000, 0, 4000, 0);
	show(&f, "1-2");
	pass(&f, 0, 0, 0);
	assert_ticks(&f.each[0], 500, 0, 1500, 0);
	assert_ticks(&f.each[1], 0, 0, 0, 0);
	pass(&f, SECOND, SECOND, 0);
	assert_ticks(&f.each[0], 550, 0, 1550, 0);
	assert_ticks(&f.each[1], 50, 0, 50, 0);
	assert_ticks(&f.total, 1100, 0, 4100, 0);
	cpu_times_free(f.times);
}

static void older_samples_are_ignored(void **state)
{
	struct fixture f;

	begin(&f, "0");
	pass(&f, 10 * SECOND, 5 * SECOND, 0);
	f.sample.now_us -= SECOND;
	pass(&f, 0, SECOND, 0);
	assert_ticks(&f.total, 500, 0, 500, 0);
	cpu_times_free(f.times);
}

/* Two readers race: the later moment comes with the earlier totals. */
static void totals_that_step_back_are_unchanged(void **state)
{
	struct fixture f;

	begin(&f, "0");
	pass(&f, 10 * SECOND, 5 * SECOND, 0);
	f.sample.user_us -= SECOND / 2;
	pass(&f, SECOND, 0, 0);
	assert_ticks(&f.total, 500, 0, 600, 0);
	pass(&f, SECOND, SECOND, 0); /* half of it is new */
	assert_ticks(&f.total, 550, 0, 650, 0);
	cpu_times_free(f.times);
}

static void totals_that_were_reset_go_on(void **state)
{
	struct fixture f;

	begin(&f, "0");
	pass(&f, 10 * SECOND, 5 * SECOND, 0);
	f.sample.user_us = 0;
	pass(&f, 10 * SECOND, 0, 0);
	pass(&f, 10 * SECOND, 2 * SECOND, SECOND);
	assert_ticks(&f.total, 700, 100, 2200, 0);
	cpu_times_free(f.times);
}

/* v1 scales user and system to the usage, so one can fall while the other one leaps; the sum is what counts. */
static void the_split_may_waver(void **state)
{
	struct fixture f;

	begin(&f, "0");
	pass(&f, 10 * SECOND, 4 * SECOND, 0);
	f.sample.user_us -= SECOND / 2;
	f.sample.system_us += SECOND / 2;
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 400, 0, 1600, 0);
	pass(&f, 10 * SECOND, SECOND, 0);
	assert_ticks(&f.total, 450, 50, 2500, 0);
	f.sample.system_us -= SECOND / 2;
	pass(&f, 10 * SECOND, SECOND, 0); /* the use grew by less than the user time */
	assert_ticks(&f.total, 500, 50, 3450, 0);
	pass(&f, 10 * SECOND, 0, 0);
	assert_ticks(&f.total, 500, 50, 4450, 0);
	cpu_times_free(f.times);
}

/* Very frequent reads: a microsecond for each is less than can be divided, and no CPU may get it all. */
static void small_change_goes_round(void **state)
{
	struct fixture f;

	begin(&f, "0-7");
	for (unsigned i = 0; i < 400000; i++)
		pass(&f, 2, 1, 0);
	for (unsigned i = 0; i < 8; i++)
		assert_in_range(f.each[i].user, 4, 6);
	assert_in_range(f.total.user, 38, 42);
	cpu_times_free(f.times);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_its_start),
		cmocka_unit_test(evenly_where_cpus_are_not_counted),
		cmocka_unit_test(half_a_quota),
		cmocka_unit_test(own_and_hidden_use),
		cmocka_unit_test(single_cpus_never_exceed_the_total),
		cmocka_unit_test(full_cpus_give_to_others),
		cmocka_unit_test(another_levels_total_is_no_growth),
		cmocka_unit_test(a_first_sample_of_any_level_counts),
		cmocka_unit_test(hidden_use_is_counted_once),
		cmocka_unit_test(use_from_before_the_start_is_dropped),
		cmocka_unit_test(what_does_not_fit_is_carried_over),
		cmocka_unit_test(but_not_without_end),
		cmocka_unit_test(a_cpu_that_hides_keeps_its_columns),
		cmocka_unit_test(older_samples_are_ignored),
		cmocka_unit_test(totals_that_step_back_are_unchanged),
		cmocka_unit_test(totals_that_were_reset_go_on),
		cmocka_unit_test(the_split_may_waver),
		cmocka_unit_test(small_change_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
