/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_private.h"

#include <stdio.h>
#include <string.h>

static bool stat_columns(const char **cursor, uint64_t columns[JUDGE_COLUMNS])
{
	for (unsigned i = 0; i < JUDGE_COLUMNS; i++) {
		judge_skip_blanks(cursor);
		if (!judge_take_number(cursor, &columns[i]))
			return false;
	}
	return judge_take(cursor, "\n");
}

static enum judge_verdict columns_grown(const struct court *court, unsigned line, const uint64_t now[JUDGE_COLUMNS])
{
	for (unsigned i = 0; i < JUDGE_COLUMNS; i++) {
		char what[40];
		enum judge_verdict verdict;

		snprintf(what, sizeof(what), "column %u of CPU line %u", i + 1, line);
		verdict = judge_grown(court, what, &court->memory->ticks[line][i], now[i]);
		if (verdict != JUDGE_FINE)
			return verdict;
	}
	return JUDGE_FINE;
}

/* The line of all CPUs is the sum of the others, column by column. */
static enum judge_verdict stat_cpus(const struct court *court, const char **cursor)
{
	uint64_t total[JUDGE_COLUMNS], columns[JUDGE_COLUMNS], cpu, n = 0;
	enum judge_verdict verdict;

	if (!judge_take(cursor, "cpu ") || !stat_columns(cursor, total))
		return WRONG(court, "begins with '%.60s'", court->it->text);
	verdict = columns_grown(court, 0, total);
	while (verdict == JUDGE_FINE && judge_take(cursor, "cpu")) {
		if (!judge_take_number(cursor, &cpu) || !stat_columns(cursor, columns) || ++n > JUDGE_CPUS)
			return WRONG(court, "a bad line of a CPU");
		verdict = columns_grown(court, (unsigned)n, columns);
		for (unsigned i = 0; i < JUDGE_COLUMNS; i++)
			total[i] -= columns[i];
	}
	for (unsigned i = 0; verdict == JUDGE_FINE && i < JUDGE_COLUMNS; i++) {
		if (total[i] != 0)
			return WRONG(court, "column %u of the CPUs is not the sum's by %" PRId64, i + 1,
				     (int64_t)total[i]);
	}
	return verdict != JUDGE_FINE ? verdict : judge_same(court, "number of CPUs", n, court->given->cpus);
}

/* "name number…": the first number. */
static bool named_numbers(const char **cursor, uint64_t *first)
{
	const char *name = *cursor;
	uint64_t more;

	*cursor += strspn(*cursor, "abcdefghijklmnopqrstuvwxyz_");
	if (*cursor == name || !judge_take(cursor, " ") || !judge_take_number(cursor, first))
		return false;
	while (judge_take(cursor, " ")) {
		if (!judge_take_number(cursor, &more))
			return false;
	}
	return judge_take(cursor, "\n");
}

static enum judge_verdict stat_line(const struct court *court, const char **cursor)
{
	struct judge_memory *memory = court->memory;
	const char *name = *cursor;
	uint64_t value;

	if (!named_numbers(cursor, &value))
		return NO_LINE(court, name);
	if (judge_take(&name, "processes "))
		return judge_grown(court, "processes", &memory->processes, value);
	if (!judge_take(&name, "btime "))
		return JUDGE_FINE;
	if (memory->btime && (value > memory->btime + 1 || value + 1 < memory->btime))
		return WRONG(court, "btime was %" PRIu64 " and is %" PRIu64, memory->btime, value);
	memory->btime = value;
	return JUDGE_FINE;
}

enum judge_verdict judge_stat(const struct court *court)
{
	const char *cursor = court->it->text;
	enum judge_verdict verdict = stat_cpus(court, &cursor);

	if (verdict == JUDGE_FINE && !strstr(cursor, "\nbtime "))
		return WRONG(court, "has no btime");
	while (verdict == JUDGE_FINE && *cursor)
		verdict = stat_line(court, &cursor);
	return verdict;
}
