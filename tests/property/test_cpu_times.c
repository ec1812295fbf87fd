/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of fs/container/cpu_times.h, over random histories: visible sets that change, use that fits or not,
 * per-CPU counts or none, throttled time in late lumps and of changing levels. And a second state goes along that is saved and
 * restored at random moments: it must stay the same to the bit. PROCVIRT_SEED repeats a run.
 */
#include "cgroup/cpulist.h"
#include "fs/container/cpu_times.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define RUNS   10000
#define STEPS  40
#define CPUS   24
#define LEVELS 3
#define TICK   10000
#define SECOND 1000000
#define SLACK  TICK /* of one column of one line */

/* What the totals must be, kept without ticks and without single CPUs. */
struct model {
	bool fits;   /* this run never uses more than there is */
	bool percpu; /* v1 */
	bool begun;
	uint64_t now, visible_us[CPUS];
	uint64_t busy_pool, busy, steal_pool, steal;
};

static struct view_cpus all_cpus(void)
{
	struct view_cpus cpus = { .n = CPUS, .host_ids = CPUS };

	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		cg_cpumask_set(&cpus.visible, cpu);
	return cpus;
}

static struct view_cpus random_cpus(GRand *rand)
{
	struct view_cpus cpus = { .host_ids = CPUS };

	for (unsigned n = g_rand_int_range(rand, 1, 8); n > 0; n--)
		cg_cpumask_set(&cpus.visible, g_rand_int_range(rand, 0, CPUS));
	cpus.n = cg_cpumask_count(&cpus.visible);
	return cpus;
}

/* Microseconds to seconds, and sometimes none at all. */
static uint64_t random_interval(GRand *rand)
{
	static const gint32 most[] = { 1, 10, 1000, 30000, SECOND, 20 * SECOND };

	return g_rand_int_range(rand, 0, most[g_rand_int_range(rand, 0, G_N_ELEMENTS(most))] + 1);
}

/* Uses some of n CPUs for that long: at most all of it where the run is one that fits. */
static void random_use(GRand *rand, const struct model *model, const struct view_cpus *cpus, uint64_t elapsed,
		       struct cpu_sample *sample, uint64_t *percpu)
{
	double busy = g_rand_double(rand) * (model->fits ? 1 : 2);
	uint64_t total = 0;

	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		uint64_t used = (uint64_t)((double)elapsed * busy * g_rand_double(rand));

		if (model->fits && !cg_cpumask_has(&cpus->visible, cpu))
			continue;
		percpu[cpu] += used;
		total += used;
	}
	sample->user_us += (uint64_t)((double)total * 0.75);
	sample->system_us += total - (uint64_t)((double)total * 0.75);
}

/* Each level has a total of its own. */
static void random_throttling(GRand *rand, struct cpu_sample *sample, uint64_t *throttled)
{
	for (unsigned level = 0; level < LEVELS; level++)
		if (g_rand_int_range(rand, 0, 3) == 0)
			throttled[level] += g_rand_int_range(rand, 0, 200000);
	if (g_rand_int_range(rand, 0, 8) == 0)
		sample->throttled_level = g_rand_int_range(rand, 0, LEVELS);
	sample->throttled_us = throttled[sample->throttled_level];
}

static uint64_t throttled_since(const struct model *model, const struct cpu_sample *last,
				const struct cpu_sample *sample)
{
	if (model->begun && sample->throttled_level != last->throttled_level)
		return 0;
	return sample->throttled_us - last->throttled_us;
}

static void model_step(struct model *model, const struct view_cpus *cpus, const struct cpu_sample *last,
		       const struct cpu_sample *sample)
{
	uint64_t elapsed = sample->now_us - model->now;
	uint64_t room = elapsed * cpus->n;
	uint64_t busy, steal;

	cg_cpumask_foreach (cpu, &cpus->visible)
		model->visible_us[cpu] += elapsed;
	model->busy_pool += sample->user_us + sample->system_us - last->user_us - last->system_us;
	model->steal_pool += throttled_since(model, last, sample);
	busy = MIN(model->busy_pool, room);
	steal = MIN(model->steal_pool, room - busy);
	model->busy += busy;
	model->steal += steal;
	model->busy_pool = model->begun ? MIN(model->busy_pool - busy, (uint64_t)cpus->n * SECOND) : 0;
	model->steal_pool = model->begun ? MIN(model->steal_pool - steal, (uint64_t)cpus->n * SECOND / 10) : 0;
	model->begun = true;
	model->now = sample->now_us;
}

static void assert_near(uint64_t ticks, uint64_t us, uint64_t slack)
{
	uint64_t shown = ticks * TICK;

	assert_in_range(shown, us > slack ? us - slack : 0, us + slack);
}

static void assert_grows(const struct view_ticks *before, const struct view_ticks *now)
{
	assert_true(now->user >= before->user);
	assert_true(now->system >= before->system);
	assert_true(now->steal >= before->steal);
	assert_true(now->idle >= before->idle);
	assert_int_equal(now->nice, 0);
}

static uint64_t sum(const struct view_ticks *ticks)
{
	return ticks->user + ticks->nice + ticks->system + ticks->idle + ticks->steal;
}

struct reading {
	struct view_ticks total, each[CPUS];
};

static void check_lines(const struct model *model, const struct reading *before, const struct reading *now)
{
	uint64_t all = 0;

	assert_grows(&before->total, &now->total);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		assert_grows(&before->each[cpu], &now->each[cpu]);
		assert_int_equal(sum(&now->each[cpu]), model->visible_us[cpu] / TICK);
		all += sum(&now->each[cpu]);
	}
	assert_int_equal(sum(&now->total), all);
}

static void check_totals(const struct model *model, const struct reading *now, const struct cpu_sample *sample,
			 const uint64_t *percpu)
{
	assert_near(now->total.user + now->total.system, model->busy, CPUS * SLACK);
	assert_near(now->total.steal, model->steal, CPUS * SLACK);
	if (!model->fits)
		return;
	assert_near(now->total.user, sample->user_us, CPUS * SLACK);
	assert_near(now->total.system, sample->system_us, CPUS * SLACK);
	for (unsigned cpu = 0; model->percpu && cpu < CPUS; cpu++)
		assert_near(now->each[cpu].user + now->each[cpu].system, percpu[cpu], 2 * SLACK);
}

static GByteArray *saved(const struct cpu_times *times)
{
	GByteArray *bytes = g_byte_array_new();

	cpu_times_save(times, bytes);
	return bytes;
}

/* Sometimes: gone, and restored from its bytes. */
static void hand_over(GRand *rand, struct cpu_times **times)
{
	g_autoptr(GByteArray) bytes = NULL;
	g_autoptr(GError) error = NULL;

	if (g_rand_int_range(rand, 0, 4) != 0)
		return;
	bytes = saved(*times);
	cpu_times_free(*times);
	*times = cpu_times_load(bytes->data, bytes->len, &error);
	assert_null(error);
}

static void assert_same(const struct cpu_times *left, const struct cpu_times *right)
{
	g_autoptr(GByteArray) left_bytes = saved(left);
	g_autoptr(GByteArray) right_bytes = saved(right);

	assert_int_equal(left_bytes->len, right_bytes->len);
	assert_memory_equal(left_bytes->data, right_bytes->data, left_bytes->len);
}

static void one_run(GRand *rand)
{
	struct model model = { .fits = g_rand_boolean(rand), .percpu = g_rand_boolean(rand) };
	struct view_cpus all = all_cpus();
	struct view_cpus cpus = random_cpus(rand);
	uint64_t percpu[CPUS] = { 0 };
	uint64_t throttled[LEVELS] = { 0, 7 * SECOND, g_rand_int(rand) };
	struct cpu_sample last = { 0 };
	struct cpu_sample sample = { .percpu_us = percpu, .n_percpu = model.percpu ? CPUS : 0 };
	struct cpu_times *times, *restored;
	struct reading before = { 0 };

	model.now = g_rand_int(rand);
	times = cpu_times_new(model.now);
	restored = cpu_times_new(model.now);
	sample.now_us = model.now;
	for (unsigned i = 0; i < STEPS; i++) {
		struct reading now, other;
		uint64_t elapsed = random_interval(rand);
		struct view_cpus next = g_rand_int_range(rand, 0, 4) == 0 ? random_cpus(rand) : cpus;

		sample.now_us += elapsed;
		random_use(rand, &model, &cpus, elapsed, &sample, percpu);
		random_throttling(rand, &sample, throttled);
		hand_over(rand, &restored);
		cpu_times_advance(times, model.begun ? &next : &cpus, &sample);
		cpu_times_advance(restored, model.begun ? &next : &cpus, &sample);
		if (elapsed > 0) {
			model_step(&model, &cpus, &last, &sample);
			last = sample;
		}
		cpu_times_read(times, &all, &now.total, now.each);
		cpu_times_read(restored, &all, &other.total, other.each);
		assert_memory_equal(&now, &other, sizeof(now));
		check_lines(&model, &before, &now);
		check_totals(&model, &now, &sample, percpu);
		before = now;
		cpus = next;
		cpu_times_advance(times, &cpus, &sample); /* the same moment: nothing but the set changes */
		hand_over(rand, &restored);
		cpu_times_advance(restored, &cpus, &sample);
	}
	assert_same(times, restored);
	cpu_times_free(times);
	cpu_times_free(restored);
}

static void random_histories(void **state)
{
	const char *text = g_getenv("PROCVIRT_SEED");
	guint32 seed = text ? (guint32)g_ascii_strtoull(text, NULL, 10) : g_random_int();

	print_message("PROCVIRT_SEED=%u\n", seed);
	for (unsigned i = 0; i < RUNS; i++) {
		GRand *rand = g_rand_new_with_seed(seed + i);

		one_run(rand);
		g_rand_free(rand);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_histories) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
