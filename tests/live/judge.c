/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_private.h"

#include <stdio.h>
#include <string.h>

/* ---- /proc/meminfo ---- */

struct meminfo {
	uint64_t total, unused, available, swap, swap_unused;
};

/* "Label:    123 kB", or a count without a unit. */
static bool meminfo_line(const char **cursor, struct meminfo *meminfo)
{
	const struct {
		const char *label;
		uint64_t *value;
	} wanted[] = {
		{ "MemTotal:", &meminfo->total },         { "MemFree:", &meminfo->unused },
		{ "MemAvailable:", &meminfo->available }, { "SwapTotal:", &meminfo->swap },
		{ "SwapFree:", &meminfo->swap_unused },
	};
	const char *label = *cursor;
	uint64_t value;

	*cursor += strspn(*cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_()");
	if (*cursor == label || !judge_take(cursor, ":"))
		return false;
	judge_skip_blanks(cursor);
	if (!judge_take_number(cursor, &value))
		return false;
	judge_take(cursor, " kB");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strncmp(label, wanted[i].label, strlen(wanted[i].label)) == 0)
			*wanted[i].value = value;
	}
	return judge_take(cursor, "\n");
}

static enum judge_verdict judge_meminfo(const struct court *court)
{
	struct meminfo meminfo = { 0 };
	const char *cursor = court->it->text;

	if (strncmp(cursor, "MemTotal:", strlen("MemTotal:")) != 0)
		return WRONG(court, "begins with '%.20s'", cursor);
	while (*cursor) {
		const char *line = cursor;

		if (!meminfo_line(&cursor, &meminfo))
			return NO_LINE(court, line);
	}
	if (meminfo.unused > meminfo.total || meminfo.available > meminfo.total || meminfo.swap_unused > meminfo.swap)
		return WRONG(court, "more is free than there is");
	return judge_same(court, "MemTotal", meminfo.total, court->given->memory_kb);
}

/* ---- the small ones of /proc ---- */

static enum judge_verdict judge_uptime(const struct court *court)
{
	const char *cursor = court->it->text;
	uint64_t up, idle;
	enum judge_verdict verdict;

	if (!judge_take_hundredths(&cursor, &up) || !judge_take(&cursor, " ") ||
	    !judge_take_hundredths(&cursor, &idle) || strcmp(cursor, "\n") != 0)
		return BAD_TEXT(court);
	verdict = judge_grown(court, "uptime", &court->memory->uptime_cs[0], up);
	return verdict == JUDGE_FINE ? judge_grown(court, "idle", &court->memory->uptime_cs[1], idle) : verdict;
}

/*
 * What a load average of hundredths has fallen to at most after so many samples of nothing
 * (include/linux/sched/loadavg.h: EXP_1, EXP_5, EXP_15 of 2048), rounding allowed for.
 */
static uint64_t decayed(uint64_t load, unsigned which, uint64_t samples)
{
	static const uint64_t factors[] = { 1884, 2014, 2037 };
	uint64_t fixed = load * 2048;

	for (uint64_t i = 0; i < samples && fixed > 0; i++)
		fixed = fixed * factors[which] / 2048;
	return fixed / 2048 > 2 ? fixed / 2048 - 2 : 0;
}

/* Since they last changed: a daemon whose workers are replaced all the time takes no samples, and then all that it has missed. */
static enum judge_verdict judge_loads(const struct court *court, const uint64_t load[3])
{
	struct judge_memory *memory = court->memory;
	uint64_t samples = (court->it->now_ns - memory->load_ns) / UINT64_C(5000000000) + 2;
	enum judge_verdict verdict = JUDGE_FINE;

	if (memory->seen && memcmp(memory->load, load, sizeof(memory->load)) == 0)
		return JUDGE_FINE;
	for (unsigned i = 0; i < 3; i++) {
		if (memory->seen && verdict == JUDGE_FINE && load[i] < decayed(memory->load[i], i, samples))
			verdict = BACK(court, "load %u was %" PRIu64 " and is %" PRIu64 " hundredths", i,
				       memory->load[i], load[i]);
		memory->load[i] = load[i];
	}
	memory->load_ns = court->it->now_ns;
	return verdict;
}

static enum judge_verdict judge_loadavg(const struct court *court)
{
	const char *cursor = court->it->text;
	uint64_t load[3], running, total, last;

	for (unsigned i = 0; i < 3; i++) {
		if (!judge_take_hundredths(&cursor, &load[i]) || !judge_take(&cursor, " "))
			return BAD_TEXT(court);
	}
	if (!judge_take_number(&cursor, &running) || !judge_take(&cursor, "/") || !judge_take_number(&cursor, &total) ||
	    !judge_take(&cursor, " ") || !judge_take_number(&cursor, &last) || strcmp(cursor, "\n") != 0)
		return BAD_TEXT(court);
	if (running > total || total == 0)
		return WRONG(court, "%" PRIu64 " of %" PRIu64 " threads run", running, total);
	return judge_loads(court, load);
}

/* A head, then lines of five words, the last three of them numbers. */
static enum judge_verdict judge_swaps(const struct court *court)
{
	const char *cursor = court->it->text;

	if (!judge_take(&cursor, "Filename\t"))
		return WRONG(court, "begins with '%.40s'", cursor);
	for (judge_next_line(&cursor); *cursor; judge_next_line(&cursor)) {
		uint64_t size, used;
		int priority;

		if (sscanf(cursor, "%*s %*s %" SCNu64 " %" SCNu64 " %d", &size, &used, &priority) != 3 || used > size)
			return NO_LINE(court, cursor);
	}
	return JUDGE_FINE;
}

/* Blocks of "key<blanks>: value", one a CPU. */
static enum judge_verdict judge_cpuinfo(const struct court *court)
{
	uint64_t n = 0;

	for (const char *cursor = court->it->text; *cursor; judge_next_line(&cursor)) {
		size_t colon = strcspn(cursor, ":\n");

		if (cursor[0] == '\n')
			continue;
		if (colon == 0 || cursor[colon] != ':')
			return NO_LINE(court, cursor);
		n += strncmp(cursor, "processor", strlen("processor")) == 0;
	}
	return judge_same(court, "number of CPUs", n, court->given->cpus);
}

/* ---- /sys/devices/system/cpu ---- */

uint64_t judge_cpulist(const char *text)
{
	const char *cursor = text;
	uint64_t n = 0;

	do {
		uint64_t first, last;

		if (!judge_take_number(&cursor, &first))
			return 0;
		last = first;
		if ((judge_take(&cursor, "-") && !judge_take_number(&cursor, &last)) || last < first)
			return 0;
		n += last - first + 1;
	} while (judge_take(&cursor, ","));
	return strcmp(cursor, "\n") == 0 ? n : 0;
}

static enum judge_verdict judge_cpus(const struct court *court)
{
	uint64_t n = judge_cpulist(court->it->text);

	return n ? judge_same(court, "number of CPUs", n, court->given->cpus) : BAD_TEXT(court);
}

/* ---- all of them ---- */

/* A path that has `within` in it, if that is given, and ends so. */
static const struct {
	const char *within, *end;
	enum judge_verdict (*judge)(const struct court *court);
} kinds[] = {
	{ NULL, "/proc/meminfo", judge_meminfo },
	{ NULL, "/proc/stat", judge_stat },
	{ NULL, "/proc/uptime", judge_uptime },
	{ NULL, "/proc/loadavg", judge_loadavg },
	{ NULL, "/proc/swaps", judge_swaps },
	{ NULL, "/proc/cpuinfo", judge_cpuinfo },
	{ NULL, "/proc/diskstats", judge_diskstats },
	{ NULL, "/proc/partitions", judge_partitions },
	{ NULL, "/proc/vmstat", judge_vmstat },
	{ NULL, "/proc/interrupts", judge_interrupts },
	{ NULL, "/proc/softirqs", judge_interrupts },
	{ NULL, "/proc/schedstat", judge_schedstat },
	{ NULL, "/proc/cgroups", judge_cgroups },
	{ NULL, "/proc/slabinfo", judge_slabinfo },
	{ NULL, "/proc/zoneinfo", judge_zoneinfo },
	{ NULL, "/proc/buddyinfo", judge_buddyinfo },
	{ "/proc/pressure/", "", judge_pressure },
	{ "/cgroup/", ".pressure", judge_pressure },
	{ NULL, "/cpu/online", judge_cpus },
	{ NULL, "/cpu/possible", judge_cpus },
	{ NULL, "/cpu/present", judge_cpus },
	{ "/system/node/node", "/meminfo", judge_node_meminfo },
	{ "/block/", "/stat", judge_disk_stat },
	{ "/cgroup", "/cpu.stat", judge_cpu_stat },
	{ "/cgroup", "/memory.stat", judge_memory_stat },
	{ "/cgroup", "/memory.events", judge_counters },
	{ "/cgroup", "/cpuacct.usage", judge_usage },
	{ "/cgroup", "/cpuacct.usage_percpu", judge_usage },
	{ "/cgroup", "/cpuacct.stat", judge_counters },
	{ "/cgroup", "/io.stat", judge_io_stat },
};

static bool ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), wanted = strlen(end);

	return length >= wanted && strcmp(path + length - wanted, end) == 0;
}

/* Who has used no disk sees none; and of a cgroup much may not be set. */
static bool may_be_empty(const char *path)
{
	return ends_with(path, "/proc/diskstats") || ends_with(path, "/proc/partitions") ||
	       strstr(path, "/sys/fs/cgroup/");
}

/* What every file of /proc and /sys is: lines of text. */
static enum judge_verdict judge_lines(const struct court *court)
{
	const struct judge_case *it = court->it;

	if (it->length == 0)
		return may_be_empty(it->path) ? JUDGE_FINE : WRONG(court, "is empty");
	if (it->text[it->length - 1] != '\n')
		return WRONG(court, "ends within a line: '%.40s'", it->text + (it->length > 40 ? it->length - 40 : 0));
	for (size_t i = 0; i < it->length; i++) {
		unsigned char c = (unsigned char)it->text[i];

		if (c != '\n' && c != '\t' && (c < ' ' || c == 0x7f))
			return WRONG(court, "has a byte %u at %zu", c, i);
	}
	return JUDGE_FINE;
}

enum judge_verdict judge(const struct judge_case *it, const struct judge_given *given, struct judge_memory *memory,
			 char *why, size_t size)
{
	const struct court court = { it, given, memory, why, size };
	enum judge_verdict verdict = judge_lines(&court);

	memory->texts++;
	for (size_t i = 0; verdict == JUDGE_FINE && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (ends_with(it->path, kinds[i].end) && (!kinds[i].within || strstr(it->path, kinds[i].within)))
			verdict = kinds[i].judge(&court);
	}
	memory->seen = true;
	return verdict;
}
