/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables with a column or a line a CPU, a zone or a node.
 */
#include "judge_private.h"

#include <string.h>

/* ---- a column or a line a CPU ---- */

/* "           CPU0       CPU1       " */
static bool take_heading(const char **cursor, unsigned *n)
{
	uint64_t cpu;

	for (*n = 0; judge_skip_blanks(cursor), !judge_take(cursor, "\n"); (*n)++) {
		if (!judge_take(cursor, "CPU") || !judge_take_number(cursor, &cpu))
			return false;
	}
	return *n > 0 && *n <= JUDGE_CPUS;
}

/* "  LOC:   12   34   Local timer interrupts"; ERR and MIS have one number for all CPUs. */
static enum judge_verdict judge_kind(const struct court *court, const char **cursor, unsigned cpus)
{
	uint64_t columns[JUDGE_CPUS];
	const char *line = *cursor, *name;
	unsigned n = 0;
	size_t length;

	judge_skip_blanks(cursor);
	name = *cursor;
	length = strcspn(name, ":\n");
	*cursor += length;
	if (length == 0 || !judge_take(cursor, ":"))
		return NO_LINE(court, line);
	for (judge_skip_blanks(cursor); n < cpus && judge_take_number(cursor, &columns[n]); n++)
		judge_skip_blanks(cursor);
	if (n != cpus && n != 1)
		return NO_LINE(court, line);
	judge_next_line(cursor);
	return judge_columns_counted(court, name, length, columns, n, 0);
}

enum judge_verdict judge_interrupts(const struct court *court)
{
	const char *cursor = court->it->text;
	enum judge_verdict verdict = JUDGE_FINE;
	unsigned n;

	if (!take_heading(&cursor, &n))
		return BAD_TEXT(court);
	while (verdict == JUDGE_FINE && *cursor)
		verdict = judge_kind(court, &cursor, n);
	return verdict == JUDGE_FINE ? judge_same(court, "number of CPUs", n, court->given->cpus) : verdict;
}

/* "cpu0 0 0 0 0 0 0 RUNNING WAITING SLICES", all of which only grow. */
#define SCHEDSTAT_COLUMNS 9

enum judge_verdict judge_schedstat(const struct court *court)
{
	const char *cursor = court->it->text;
	enum judge_verdict verdict;
	uint64_t number, cpus = 0;

	if (!judge_take(&cursor, "version ") || !judge_take_number(&cursor, &number) ||
	    !judge_take(&cursor, "\ntimestamp ") || !judge_take_number(&cursor, &number) || !judge_take(&cursor, "\n"))
		return BAD_TEXT(court);
	verdict = judge_counted(court, "timestamp", strlen("timestamp"), 0, number);
	for (; verdict == JUDGE_FINE && *cursor; cpus++) {
		uint64_t columns[SCHEDSTAT_COLUMNS];
		const char *line = cursor;
		size_t length;
		unsigned n;

		if (!judge_take(&cursor, "cpu") || !judge_take_number(&cursor, &number))
			return NO_LINE(court, line);
		length = (size_t)(cursor - line);
		if (!judge_take_columns(&cursor, columns, SCHEDSTAT_COLUMNS, &n) || n != SCHEDSTAT_COLUMNS)
			return NO_LINE(court, line);
		verdict = judge_columns_counted(court, line, length, columns, n, 0);
	}
	return verdict == JUDGE_FINE ? judge_same(court, "number of CPUs", cpus, court->given->cpus) : verdict;
}

/* ---- what a container has of the kernel's own ---- */

/* "memory\t4\t1\t1": nobody is told of others' cgroups, and the containers that are judged have none within. */
enum judge_verdict judge_cgroups(const struct court *court)
{
	const char *cursor = court->it->text;
	uint64_t columns[3];
	unsigned n;

	if (!judge_take(&cursor, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"))
		return BAD_TEXT(court);
	while (*cursor) {
		const char *line = cursor;

		cursor += strcspn(cursor, "\t\n");
		if (cursor == line || !judge_take_columns(&cursor, columns, 3, &n) || n != 3 || columns[1] != 1 ||
		    columns[2] > 1)
			return NO_LINE(court, line);
	}
	return JUDGE_FINE;
}

enum judge_verdict judge_slabinfo(const struct court *court)
{
	const char *cursor = court->it->text;

	if (!judge_take(&cursor, "slabinfo - version: ") || (judge_next_line(&cursor), *cursor != '#'))
		return BAD_TEXT(court);
	judge_next_line(&cursor);
	return *cursor ? WRONG(court, "tells of a cache: '%.40s'", cursor) : JUDGE_FINE;
}

enum judge_verdict judge_partitions(const struct court *court)
{
	const char *cursor = court->it->text;

	if (*cursor && !judge_take(&cursor, "major minor  #blocks  name\n\n"))
		return BAD_TEXT(court);
	while (*cursor) {
		const char *line = cursor;
		uint64_t number;

		for (unsigned i = 0; i < 3; i++) {
			judge_skip_blanks(&cursor);
			if (!judge_take_number(&cursor, &number))
				return NO_LINE(court, line);
		}
		if (!judge_take(&cursor, " ") || *cursor == '\n')
			return NO_LINE(court, line);
		judge_next_line(&cursor);
	}
	return JUDGE_FINE;
}

/* ---- zones, which together are the container's memory ---- */

/* The numbers of all lines that begin so, added up. */
static uint64_t sum_of(const char *text, const char *beginning)
{
	uint64_t sum = 0, number;

	for (; *text; judge_next_line(&text)) {
		const char *cursor = text;

		judge_skip_blanks(&cursor);
		if (!judge_take(&cursor, beginning))
			continue;
		judge_skip_blanks(&cursor);
		sum += judge_take_number(&cursor, &number) ? number : 0;
	}
	return sum;
}

/* Of containers that see all nodes. */
enum judge_verdict judge_zoneinfo(const struct court *court)
{
	uint64_t managed = sum_of(court->it->text, "managed "), unused = sum_of(court->it->text, "pages free ");

	if (strncmp(court->it->text, "Node ", strlen("Node ")) != 0)
		return BAD_TEXT(court);
	if (sum_of(court->it->text, "nr_free_pages ") != unused)
		return WRONG(court, "nr_free_pages are not the pages that are free");
	if (unused > managed || managed != sum_of(court->it->text, "present "))
		return WRONG(court, "more is free or managed than is present");
	return judge_same(court, "memory of all zones", managed * judge_page_kb(), court->given->memory_kb);
}

/* "Node 0, zone   Normal      1      0 …": blocks of 1, 2, 4 … pages. */
enum judge_verdict judge_buddyinfo(const struct court *court)
{
	const char *cursor = court->it->text;
	uint64_t pages = 0;

	while (*cursor) {
		uint64_t node, counts[64];
		const char *line = cursor;
		unsigned n;

		if (!judge_take(&cursor, "Node ") || !judge_take_number(&cursor, &node) ||
		    !judge_take(&cursor, ", zone "))
			return NO_LINE(court, line);
		judge_skip_blanks(&cursor);
		cursor += strcspn(cursor, " \n");
		if (!judge_take_columns(&cursor, counts, 64, &n) || n == 0)
			return NO_LINE(court, line);
		for (unsigned i = 0; i < n; i++)
			pages += counts[i] << i;
	}
	if (court->given->memory_kb && pages * judge_page_kb() > court->given->memory_kb)
		return WRONG(court, "more is free than there is");
	return JUDGE_FINE;
}

/* "Node 0 MemTotal:       65536 kB" */
static uint64_t node_field(const char *text, const char *label)
{
	uint64_t number = 0;

	for (; *text; judge_next_line(&text)) {
		const char *cursor = text;

		if (!judge_take(&cursor, "Node ") || !judge_take_number(&cursor, &number) || !judge_take(&cursor, " "))
			continue;
		if (!judge_take(&cursor, label))
			continue;
		judge_skip_blanks(&cursor);
		return judge_take_number(&cursor, &number) ? number : 0;
	}
	return 0;
}

enum judge_verdict judge_node_meminfo(const struct court *court)
{
	const char *text = court->it->text;
	uint64_t total = node_field(text, "MemTotal:"), unused = node_field(text, "MemFree:");

	if (strncmp(text, "Node ", strlen("Node ")) != 0)
		return BAD_TEXT(court);
	if (unused > total || node_field(text, "MemUsed:") != total - unused)
		return WRONG(court, "used and free are not all there is");
	if (court->given->memory_kb && total > court->given->memory_kb)
		return WRONG(court, "has more than the container");
	return JUDGE_FINE;
}
