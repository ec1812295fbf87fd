/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/cpu_times.h"

#include "cgroup/cpulist.h"
#include "fs/container/cpu_times_private.h"
#include "fs/view/cpus.h"

/*
 * Clocks and counters are read one after the other, so a busy CPU can seem to have used a little more than the
 * elapsed time: milliseconds. A second for each CPU holds that with room to spare. More would be wrong: where a
 * policy shows fewer CPUs than are used, the carry never shrinks and would keep an idle container busy for ever.
 */
#define BUSY_CARRY_US 1000000

/* One period: kernel/sched/fair.c adds a throttled stretch when it ends, and the default period is 100 ms. */
#define STEAL_CARRY_US 100000

/* Two readers that race are never this far apart; a total that falls by more was reset (v1's cpuacct.usage can be). */
#define RESET_US 1000000

enum part { PART_BUSY, PART_STEAL, PARTS };

/* A CPU's part in one interval. */
struct slot {
	unsigned cpu; /* physical */
	struct line *line;
	uint64_t own_us;  /* used by this very CPU, where that is known */
	uint64_t room_us; /* not given away yet */
	uint64_t part_us[PARTS];
};

struct interval {
	uint64_t elapsed_us;
	unsigned n;
	struct slot *slots;
	uint64_t user_us, system_us, throttled_us; /* to be placed */
};

__extension__ typedef unsigned __int128 wide;

static uint64_t scale(uint64_t value, uint64_t by, uint64_t of)
{
	return of ? (uint64_t)((wide)value * by / of) : 0;
}

struct cpu_times *cpu_times_new(uint64_t start_us)
{
	struct cpu_times *times = g_new0(struct cpu_times, 1);

	times->last_us = start_us;
	return times;
}

void cpu_times_free(struct cpu_times *times)
{
	if (!times)
		return;
	g_free(times->lines);
	g_free(times->percpu_us);
	g_free(times);
}

static void need_lines(struct cpu_times *times, unsigned n)
{
	if (n <= times->n_lines)
		return;
	times->lines = g_renew(struct line, times->lines, n);
	for (; times->n_lines < n; times->n_lines++)
		times->lines[times->n_lines] = (struct line){ 0 };
}

static void need_used(struct cpu_times *times, unsigned n)
{
	if (n <= times->n_used)
		return;
	times->percpu_us = g_renew(uint64_t, times->percpu_us, n);
	for (; times->n_used < n; times->n_used++)
		times->percpu_us[times->n_used] = 0;
}

static void set_visible(struct cpu_times *times, const struct view_cpus *cpus)
{
	unsigned last = 0;

	cg_cpumask_foreach (cpu, &cpus->visible)
		last = view_cpus_shown(cpus, cpu);
	times->cpus = *cpus;
	need_lines(times, last + 1);
}

/* What a running total has grown by. */
static uint64_t grown(uint64_t *total, uint64_t now)
{
	uint64_t by = cg_minus(now, *total);

	if (*total > RESET_US && now < *total - RESET_US)
		*total = now;
	*total += by;
	return by;
}

/* Another level's total begins where it is; the first one has grown since the container's start, as all totals. */
static uint64_t take_throttled(struct cpu_times *times, const struct cpu_sample *sample)
{
	if (times->begun && sample->throttled_level != times->throttled_level)
		times->throttled_us = sample->throttled_us;
	times->throttled_level = sample->throttled_level;
	return grown(&times->throttled_us, sample->throttled_us);
}

/*
 * What is to be placed: the growth and what was carried over. The sum is the measure: user and system are
 * sampled by the kernel and scaled to it, so that each alone may step back when the other one leaps.
 */
static void take_totals(struct cpu_times *times, const struct cpu_sample *sample, struct interval *interval)
{
	uint64_t used = grown(&times->used_us, sample->user_us + sample->system_us);
	uint64_t before = times->user_us;
	uint64_t user = grown(&times->user_us, sample->user_us);

	user = MIN(user, used);
	times->user_us = MIN(times->user_us, before + user);
	interval->user_us = times->carry_user_us + user;
	interval->system_us = times->carry_system_us + used - user;
	interval->throttled_us = times->carry_steal_us + take_throttled(times, sample);
}

/* Each CPU's own use; hidden CPUs' totals move on too, as they may become visible. */
static void take_percpu(struct cpu_times *times, const struct cpu_sample *sample, struct interval *interval)
{
	unsigned n = MIN(sample->n_percpu, CG_MAX_CPUS);
	struct slot *slot = interval->slots;
	const struct slot *end = slot + interval->n;

	need_used(times, n);
	for (unsigned cpu = 0; cpu < n; cpu++) {
		uint64_t used = grown(&times->percpu_us[cpu], sample->percpu_us[cpu]);

		if (slot < end && slot->cpu == cpu)
			slot++->own_us = used;
	}
}

static unsigned open_slots(const struct interval *interval)
{
	unsigned open = 0;

	for (unsigned i = 0; i < interval->n; i++)
		open += interval->slots[i].room_us > 0;
	return open;
}

static void give(struct slot *slot, enum part part, uint64_t us)
{
	slot->part_us[part] += us;
	slot->room_us -= us;
}

/*
 * Gives each CPU an equal part as far as it has room; returns what found none. Where there is less than a
 * microsecond for each, the CPUs take turns, or frequent readers would see the first CPU alone busy.
 */
static uint64_t spread(struct cpu_times *times, struct interval *interval, enum part part, uint64_t us)
{
	unsigned open;

	while (us > 0 && (open = open_slots(interval)) > 0) {
		uint64_t share = MAX(us / open, 1);

		for (unsigned i = 0; i < interval->n && us > 0; i++) {
			struct slot *slot = &interval->slots[times->turn];
			uint64_t us_here = MIN(MIN(share, slot->room_us), us);

			give(slot, part, us_here);
			us -= us_here;
			times->turn = (times->turn + 1) % interval->n;
		}
	}
	return us;
}

/* Each CPU its own use, as far as the total goes (the two are not read at one moment); the rest to all. */
static uint64_t place_busy(struct cpu_times *times, struct interval *interval)
{
	uint64_t us = interval->user_us + interval->system_us;
	uint64_t known = 0;
	uint64_t limit = us;

	for (unsigned i = 0; i < interval->n; i++)
		known += interval->slots[i].own_us;
	for (unsigned i = 0; i < interval->n; i++) {
		struct slot *slot = &interval->slots[i];
		uint64_t own = known > limit ? scale(slot->own_us, limit, known) : slot->own_us;

		own = MIN(own, slot->room_us);
		give(slot, PART_BUSY, own);
		us -= own;
	}
	return spread(times, interval, PART_BUSY, us);
}

/* What found no room; none of it comes from before the start, so the first interval carries nothing. */
static void carry(struct cpu_times *times, const struct interval *interval, uint64_t busy, uint64_t user,
		  uint64_t steal)
{
	uint64_t kept = times->begun ? MIN(busy, (uint64_t)interval->n * BUSY_CARRY_US) : 0;

	times->carry_user_us = scale(user, kept, busy);
	times->carry_system_us = kept - times->carry_user_us;
	times->carry_steal_us = times->begun ? MIN(steal, (uint64_t)interval->n * STEAL_CARRY_US) : 0;
}

/* Shows the ticks that are due: each goes to the column that is owed most, so the sum is exact and no column falls. */
static void show_ticks(struct line *line)
{
	uint64_t due = line->visible_us / TICK_US - line->shown;

	while (due > 0) {
		enum column most = USER;
		uint64_t ticks;

		for (enum column c = USER; c < COLUMNS; c++)
			if (line->owed_us[c] > line->owed_us[most])
				most = c;
		ticks = CLAMP(line->owed_us[most] / TICK_US, 1, (int64_t)due);
		line->owed_us[most] -= (int64_t)ticks * TICK_US;
		line->ticks[most] += ticks;
		line->shown += ticks;
		due -= ticks;
	}
}

/* Credits one CPU; its user time is the growth of the running share, so that all CPUs together get exactly `user`. */
static void credit(struct line *line, const struct slot *slot, uint64_t elapsed_us, uint64_t user_us)
{
	line->visible_us += elapsed_us;
	line->owed_us[USER] += user_us;
	line->owed_us[SYSTEM] += slot->part_us[PART_BUSY] - user_us;
	line->owed_us[STEAL] += slot->part_us[PART_STEAL];
	line->owed_us[IDLE] += slot->room_us;
	show_ticks(line);
}

static void credit_all(struct cpu_times *times, const struct interval *interval, uint64_t user_us, uint64_t busy_us)
{
	uint64_t busy = 0;
	uint64_t user = 0;

	for (unsigned i = 0; i < interval->n; i++) {
		const struct slot *slot = &interval->slots[i];
		uint64_t upto;

		busy += slot->part_us[PART_BUSY];
		upto = scale(user_us, busy, busy_us);
		credit(slot->line, slot, interval->elapsed_us, upto - user);
		user = upto;
	}
}

static void place(struct cpu_times *times, struct interval *interval)
{
	uint64_t busy = interval->user_us + interval->system_us;
	uint64_t busy_left = place_busy(times, interval);
	uint64_t steal_left = spread(times, interval, PART_STEAL, interval->throttled_us);
	uint64_t user = scale(interval->user_us, busy - busy_left, busy);

	credit_all(times, interval, user, busy - busy_left);
	carry(times, interval, busy_left, interval->user_us - user, steal_left);
}

static void advance(struct cpu_times *times, const struct cpu_sample *sample)
{
	struct interval interval = { .elapsed_us = sample->now_us - times->last_us };
	g_autofree struct slot *slots = g_new0(struct slot, times->cpus.n);

	cg_cpumask_foreach (cpu, &times->cpus.visible)
		slots[interval.n++] = (struct slot){ .cpu = cpu,
						     .line = &times->lines[view_cpus_shown(&times->cpus, cpu)],
						     .room_us = interval.elapsed_us };
	interval.slots = slots;
	times->turn %= MAX(interval.n, 1);
	take_totals(times, sample, &interval);
	take_percpu(times, sample, &interval);
	place(times, &interval);
	times->last_us = sample->now_us;
	times->begun = true;
}

void cpu_times_advance(struct cpu_times *times, const struct view_cpus *cpus, const struct cpu_sample *sample)
{
	if (sample->now_us < times->last_us)
		return;
	if (!times->begun)
		set_visible(times, cpus);
	if (sample->now_us > times->last_us)
		advance(times, sample);
	set_visible(times, cpus);
}

static void add_line(struct view_ticks *to, const struct line *line)
{
	to->user += line->ticks[USER];
	to->system += line->ticks[SYSTEM];
	to->steal += line->ticks[STEAL];
	to->idle += line->ticks[IDLE];
}

void cpu_times_read(const struct cpu_times *times, const struct view_cpus *cpus, struct view_ticks *ret_total,
		    struct view_ticks *ret_each)
{
	unsigned i = 0;

	*ret_total = (struct view_ticks){ 0 };
	for (unsigned line = 0; line < times->n_lines; line++)
		add_line(ret_total, &times->lines[line]);
	cg_cpumask_foreach (cpu, &cpus->visible) {
		unsigned line = view_cpus_shown(cpus, cpu);

		ret_each[i] = (struct view_ticks){ 0 };
		if (line < times->n_lines)
			add_line(&ret_each[i], &times->lines[line]);
		i++;
	}
}
