/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of counters: which of their numbers never go back, and what adds up.
 */
#include "judge_private.h"

#include <string.h>

/* Of 14, 18 and 20 columns of /proc/diskstats those behind the name: 11, 15 or 17 (Documentation/admin-guide/iostats.rst). */
#define DISK_COLUMNS 17

/* Requests under way: the one column that is no counter. */
#define DISK_EXCEPT (UINT64_C(1) << 8)

static bool disk_columns(const char **cursor, uint64_t columns[DISK_COLUMNS], unsigned *n)
{
	return judge_take_columns(cursor, columns, DISK_COLUMNS, n) && (*n == 11 || *n == 15 || *n == DISK_COLUMNS);
}

/* What was read has been read by requests; so it is with writes and discards. */
static enum judge_verdict judge_disk(const struct court *court, const char *name, size_t length,
				     const uint64_t columns[DISK_COLUMNS], unsigned n)
{
	static const unsigned requests[] = { 0, 4, 11 };

	for (unsigned i = 0; i < 3; i++) {
		if (requests[i] + 2 < n && columns[requests[i]] == 0 && columns[requests[i] + 2] > 0)
			return WRONG(court, "%.*s has sectors without a request", (int)length, name);
	}
	return judge_columns_counted(court, name, length, columns, n, DISK_EXCEPT);
}

enum judge_verdict judge_diskstats(const struct court *court)
{
	enum judge_verdict verdict = JUDGE_FINE;
	const char *cursor = court->it->text;

	while (verdict == JUDGE_FINE && *cursor) {
		uint64_t major, minor, columns[DISK_COLUMNS];
		const char *line = cursor, *name;
		size_t length;
		unsigned n;

		judge_skip_blanks(&cursor);
		if (!judge_take_number(&cursor, &major))
			return NO_LINE(court, line);
		judge_skip_blanks(&cursor);
		if (!judge_take_number(&cursor, &minor) || !judge_take(&cursor, " "))
			return NO_LINE(court, line);
		name = cursor;
		length = strcspn(name, " \n");
		cursor += length;
		if (length == 0 || !disk_columns(&cursor, columns, &n))
			return NO_LINE(court, line);
		verdict = judge_disk(court, name, length, columns, n);
	}
	return verdict;
}

enum judge_verdict judge_disk_stat(const struct court *court)
{
	const char *cursor = court->it->text;
	uint64_t columns[DISK_COLUMNS];
	unsigned n;

	if (!disk_columns(&cursor, columns, &n) || *cursor)
		return BAD_TEXT(court);
	return judge_disk(court, "disk", strlen("disk"), columns, n);
}

/* ---- names and numbers ---- */

/* "name number\n"; lines of another kind are wrong. */
struct named {
	const char *name;
	size_t length;
	uint64_t number;
};

static bool take_named(const char **cursor, struct named *named)
{
	named->name = *cursor;
	named->length = strcspn(*cursor, " \n");
	*cursor += named->length;
	return named->length > 0 && judge_take(cursor, " ") && judge_take_number(cursor, &named->number) &&
	       judge_take(cursor, "\n");
}

static enum judge_verdict judge_named(const struct court *court, bool (*is_counter)(const struct named *named))
{
	enum judge_verdict verdict = court->it->length ? JUDGE_FINE : WRONG(court, "is empty");
	const char *cursor = court->it->text;

	while (verdict == JUDGE_FINE && *cursor) {
		const char *line = cursor;
		struct named named;

		if (!take_named(&cursor, &named))
			return NO_LINE(court, line);
		if (is_counter(&named))
			verdict = judge_counted(court, named.name, named.length, 0, named.number);
	}
	return verdict;
}

static bool begins(const struct named *named, const char *with)
{
	return named->length >= strlen(with) && strncmp(named->name, with, strlen(with)) == 0;
}

/* The number of that name; false where the file has none. */
static bool number_of(const struct court *court, const char *name, uint64_t *number)
{
	for (const char *cursor = court->it->text; *cursor;) {
		struct named named;

		if (!take_named(&cursor, &named))
			return false;
		*number = named.number;
		if (named.length == strlen(name) && begins(&named, name))
			return true;
	}
	return false;
}

/* A sum of which each part is in the file; up to `slack` more or less. */
struct sum {
	const char *whole, *parts[2];
	uint64_t slack;
};

static enum judge_verdict judge_sum(const struct court *court, const struct sum *sum)
{
	uint64_t whole, part, all = 0;

	if (!number_of(court, sum->whole, &whole))
		return JUDGE_FINE;
	for (unsigned i = 0; i < 2 && sum->parts[i]; i++) {
		if (!number_of(court, sum->parts[i], &part))
			return JUDGE_FINE;
		all += part;
	}
	if (whole > all + sum->slack || all > whole + sum->slack)
		return WRONG(court, "%s is %" PRIu64 ", and its parts are %" PRIu64, sum->whole, whole, all);
	return JUDGE_FINE;
}

static enum judge_verdict judge_sums(const struct court *court, const struct sum *sums, size_t n)
{
	enum judge_verdict verdict = JUDGE_FINE;

	for (size_t i = 0; verdict == JUDGE_FINE && i < n; i++)
		verdict = judge_sum(court, &sums[i]);
	return verdict;
}

/* ---- /proc/vmstat ---- */

/* What is there is named nr_…, and so is how many nodes of the cache's shadows there are. All else has happened. */
static bool is_event(const struct named *named)
{
	return !begins(named, "nr_") && !begins(named, "workingset_nodes");
}

enum judge_verdict judge_vmstat(const struct court *court)
{
	static const struct sum sums[] = {
		{ "nr_zone_inactive_anon", { "nr_inactive_anon" }, 0 },
		{ "nr_zone_active_anon", { "nr_active_anon" }, 0 },
		{ "nr_zone_inactive_file", { "nr_inactive_file" }, 0 },
		{ "nr_zone_active_file", { "nr_active_file" }, 0 },
		{ "nr_zone_unevictable", { "nr_unevictable" }, 0 },
		{ "nr_zone_write_pending", { "nr_dirty", "nr_writeback" }, 0 },
	};
	enum judge_verdict verdict = judge_named(court, is_event);
	uint64_t unused = 0;

	if (verdict == JUDGE_FINE && !number_of(court, "nr_free_pages", &unused))
		return WRONG(court, "has no nr_free_pages");
	if (verdict == JUDGE_FINE && court->given->memory_kb && unused * judge_page_kb() > court->given->memory_kb)
		return WRONG(court, "more is free than there is");
	return verdict == JUDGE_FINE ? judge_sums(court, sums, sizeof(sums) / sizeof(sums[0])) : verdict;
}

/* ---- pressure ---- */

struct pressure {
	uint64_t average[3], total;
};

static bool take_pressure(const char **cursor, struct pressure *pressure)
{
	static const char *const names[] = { " avg10=", " avg60=", " avg300=" };

	for (unsigned i = 0; i < 3; i++) {
		if (!judge_take(cursor, names[i]) || !judge_take_hundredths(cursor, &pressure->average[i]))
			return false;
	}
	return judge_take(cursor, " total=") && judge_take_number(cursor, &pressure->total) && judge_take(cursor, "\n");
}

/* Who has all threads waiting has some waiting; but the kernel reads the two totals one after the other (psi_show()). */
enum judge_verdict judge_pressure(const struct court *court)
{
	static const char *const names[] = { "some", "full" };
	struct pressure lines[2] = { 0 };
	const char *cursor = court->it->text;
	bool seen[2] = { false };

	while (*cursor) {
		unsigned which = judge_take(&cursor, names[0]) ? 0 : 1;
		struct pressure *line = &lines[which];

		if ((which == 1 && !judge_take(&cursor, names[1])) || seen[which] || !take_pressure(&cursor, line))
			return NO_LINE(court, cursor);
		seen[which] = true;
		for (unsigned i = 0; i < 3; i++) {
			if (line->average[i] > 10000)
				return WRONG(court, "more than all of the time is lost");
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		enum judge_verdict verdict = judge_counted(court, names[i], 4, 0, lines[i].total);

		if (verdict != JUDGE_FINE)
			return verdict;
	}
	return JUDGE_FINE;
}

/* ---- the cgroup tree ---- */

/* Of a cgroup, and of v1's total_ of those within. */
static bool is_memory_event(const struct named *named)
{
	return begins(named, "pg") || begins(named, "total_pg");
}

enum judge_verdict judge_memory_stat(const struct court *court)
{
	return judge_named(court, is_memory_event);
}

static bool is_any(const struct named *named)
{
	return named->length > 0;
}

/* The kernel cuts off each of the three by itself. */
enum judge_verdict judge_cpu_stat(const struct court *court)
{
	static const struct sum usage = { "usage_usec", { "user_usec", "system_usec" }, 2 };
	enum judge_verdict verdict = judge_named(court, is_any);

	return verdict == JUDGE_FINE ? judge_sum(court, &usage) : verdict;
}

enum judge_verdict judge_counters(const struct court *court)
{
	return judge_named(court, is_any);
}

/* A line of numbers without a name: one a CPU, or one alone. */
enum judge_verdict judge_usage(const struct court *court)
{
	const char *cursor = court->it->text;
	uint64_t columns[JUDGE_CPUS];
	unsigned n;

	if (!judge_take_columns(&cursor, columns, JUDGE_CPUS, &n) || n == 0 || *cursor)
		return BAD_TEXT(court);
	return judge_columns_counted(court, "", 0, columns, n, 0);
}

/* "8:0 rbytes=4096 wbytes=0 …"; other keys are of policies, and no counters. A device may have no key at all. */
static enum judge_verdict judge_device(const struct court *court, const char **cursor)
{
	static const char *const keys[] = { "rbytes=", "wbytes=", "rios=", "wios=", "dbytes=", "dios=" };
	const char *line = *cursor;
	size_t length = strspn(line, "0123456789:");
	enum judge_verdict verdict = JUDGE_FINE;
	uint64_t number;

	*cursor += length;
	while (verdict == JUDGE_FINE && length > 0 && judge_take(cursor, " ")) {
		for (unsigned i = 0; verdict == JUDGE_FINE && i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (!judge_take(cursor, keys[i]))
				continue;
			if (!judge_take_number(cursor, &number))
				return NO_LINE(court, line);
			verdict = judge_counted(court, line, length, i, number);
		}
		*cursor += strcspn(*cursor, " \n");
	}
	return verdict != JUDGE_FINE || (length > 0 && judge_take(cursor, "\n")) ? verdict : NO_LINE(court, line);
}

enum judge_verdict judge_io_stat(const struct court *court)
{
	enum judge_verdict verdict = JUDGE_FINE;
	const char *cursor = court->it->text;

	while (verdict == JUDGE_FINE && *cursor)
		verdict = judge_device(court, &cursor);
	return verdict;
}
