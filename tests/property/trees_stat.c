/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/stat and what else is a matter of time.
 */
#include "fs/container/host_private.h"
#include "tests/property/trees_sight.h"

#include <stdio.h>
#include <string.h>

#define TICK_US 10000

static uint64_t sum_of(const struct stat_line *line)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < COLUMNS; i++)
		sum += line->column[i];
	return sum;
}

static uint64_t busy_of(const struct stat_line *line)
{
	return line->column[USER] + line->column[NICE] + line->column[SYSTEM];
}

static void parse_line(const struct sight *sight, const char *line, struct stat_line *ret)
{
	const char *at = line + strcspn(line, " ");
	char *end;

	for (unsigned i = 0; i < COLUMNS; i++, at = end) {
		ret->column[i] = g_ascii_strtoull(at, &end, 10);
		check(sight->random, end > at && ret->column[i] < UINT64_C(1) << 53, line);
	}
	check(sight->random, !*at, line);
}

void stat_parse(const struct sight *sight, struct stat_file *ret)
{
	g_auto(GStrv) lines = NULL;

	*ret = (struct stat_file){ .text = sight_text(sight, "/proc/stat"), .now_us = host_now_us(sight->host) };
	lines = g_strsplit(ret->text, "\n", -1);
	check(sight->random, g_str_has_prefix(lines[0], "cpu  "), ret->text);
	parse_line(sight, lines[0], &ret->total);
	for (char **line = lines + 1; g_str_has_prefix(*line, "cpu"); line++)
		parse_line(sight, *line, &ret->cpu[g_ascii_strtoull(*line + 3, NULL, 10) % TREE_CPUS]);
}

void stat_check_grows(const struct sight *sight, const struct stat_line *before, const struct stat_line *now,
		      const char *text)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		check(sight->random, now->column[i] >= before->column[i], text);
}

void stat_check_total(const struct sight *sight, const struct stat_file *now)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		uint64_t sum = 0;

		for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
			sum += now->cpu[cpu].column[i];
		sight_is(sight, "the total", now->total.column[i], sum, now->text);
	}
}

void stat_check_elapsed(const struct sight *sight, const struct stat_file *now)
{
	uint64_t ticks = (now->now_us - TREE_START_US) / TICK_US;

	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		sight_is(sight, "a line's sum", sum_of(&now->cpu[cpu]), sight_cpus(sight) & 1U << cpu ? ticks : 0,
			 now->text);
}

void stat_check_uptime(const struct sight *sight, const struct stat_file *now)
{
	g_autofree char *uptime = sight_text(sight, "/proc/uptime");
	unsigned long long s[2];
	unsigned cs[2];

	check(sight->random, sscanf(uptime, "%llu.%2u %llu.%2u\n", &s[0], &cs[0], &s[1], &cs[1]) == 4, uptime);
	sight_is(sight, "uptime", s[0] * 100 + cs[0], (now->now_us - TREE_START_US) / TICK_US, uptime);
	sight_is(sight, "idle", s[1] * 100 + cs[1], now->total.column[IDLE], uptime);
}

/* Of two readings, half a tick a column of each line is lost or lent at either. */
static void is_near(const struct sight *sight, const char *what, uint64_t ticks, uint64_t us, const char *text)
{
	uint64_t slack = 2 * (uint64_t)__builtin_popcount(sight_cpus(sight)) + 1;

	if (ticks + slack < us / TICK_US || ticks > us / TICK_US + slack)
		sight_is(sight, what, ticks, us / TICK_US, text);
}

/* v1: a line has its own CPU's use, and perhaps some of the hidden CPUs'. */
static void check_each_use(const struct sight *sight, const struct tree_figures *earlier,
			   const struct stat_file *before, const struct stat_file *now)
{
	const struct tree_figures *figures = &sight->expected;
	uint64_t hidden = figures->used_us - earlier->used_us;
	unsigned line = 0;

	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		if (figures->cpus & 1U << cpu)
			hidden -= figures->each_us[cpu] - earlier->each_us[cpu];
	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++) {
		unsigned number = sight->tree->renumber ? line : cpu;
		uint64_t own = figures->each_us[cpu] - earlier->each_us[cpu];
		uint64_t busy = busy_of(&now->cpu[number]) - busy_of(&before->cpu[number]);

		if (!(figures->cpus & 1U << cpu))
			continue;
		check(sight->random, busy + 3 >= own / TICK_US, now->text);
		check(sight->random, busy <= (own + hidden) / TICK_US + 3, now->text);
		line++;
	}
}

void stat_check_use(const struct sight *sight, const struct tree_figures *earlier, const struct stat_file *before,
		    const struct stat_file *now)
{
	uint64_t room = (now->now_us - before->now_us) * (uint64_t)__builtin_popcount(sight->expected.cpus);
	uint64_t used = MIN(sight->expected.used_us - earlier->used_us, room);
	uint64_t throttled = MIN(sight->expected.throttled_us - earlier->throttled_us, room - used);

	is_near(sight, "busy", busy_of(&now->total) - busy_of(&before->total), used, now->text);
	if (tree_version(sight->tree->layout, CG_CPUACCT) == 1)
		check_each_use(sight, earlier, before, now);
	is_near(sight, "steal", now->total.column[STEAL] - before->total.column[STEAL], throttled, now->text);
}

void stat_check_tasks(const struct sight *sight, const struct stat_file *now)
{
	g_autofree char *loadavg = sight_text(sight, "/proc/loadavg");

	check(sight->random, g_str_has_prefix(loadavg, "0.00 0.00 0.00 1/1 "), loadavg);
	sight_is(sight, "procs_running", sight_field(sight, now->text, "procs_running "), 1, now->text);
	sight_is(sight, "btime", sight_field(sight, now->text, "btime "), 1700000000, now->text);
}
