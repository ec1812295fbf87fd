/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sources of the judge share.
 */
#pragma once

#include "judge.h"

#include <inttypes.h>

/* A case under judgement, and where its sentence goes. */
struct court {
	const struct judge_case *it;
	const struct judge_given *given;
	struct judge_memory *memory;
	char *why;
	size_t size;
};

enum judge_verdict judge_say(const struct court *court, enum judge_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define WRONG(court, ...)    judge_say(court, JUDGE_WRONG, __VA_ARGS__)
#define BACK(court, ...)     judge_say(court, JUDGE_BACK, __VA_ARGS__)
#define NO_LINE(court, line) WRONG(court, "no line of it: '%.60s'", line)
#define BAD_TEXT(court)      WRONG(court, "is '%.60s'", (court)->it->text)

/* Words of a text, at the cursor, which then is behind them; false: it is something else. */
bool judge_take(const char **cursor, const char *word);
bool judge_take_number(const char **cursor, uint64_t *number);     /* digits alone: strtoull(3) would take a sign */
bool judge_take_hundredths(const char **cursor, uint64_t *number); /* "12.34" as 1234 */
bool judge_take_columns(const char **cursor, uint64_t *columns, unsigned most, unsigned *n); /* to the line's end */
void judge_skip_blanks(const char **cursor);
void judge_next_line(const char **cursor);

uint64_t judge_page_kb(void);

/* The amount that was given; where none was, the first is remembered, and the others have to be the same. */
enum judge_verdict judge_same(const struct court *court, const char *what, uint64_t amount, uint64_t given);

/* A counter. */
enum judge_verdict judge_grown(const struct court *court, const char *what, uint64_t *before, uint64_t now);

/*
 * A counter of which a file has many: it is known by its line's name and its column. One that the last text did not have, as
 * of a disk that was away, begins anew.
 */
enum judge_verdict judge_counted(const struct court *court, const char *name, size_t length, unsigned column,
				 uint64_t now);

/* All columns of a line but the one for which `except` has a bit. */
enum judge_verdict judge_columns_counted(const struct court *court, const char *name, size_t length,
					 const uint64_t *columns, unsigned n, uint64_t except);

enum judge_verdict judge_stat(const struct court *court);

/* judge_counts.c */
enum judge_verdict judge_diskstats(const struct court *court);
enum judge_verdict judge_disk_stat(const struct court *court);
enum judge_verdict judge_vmstat(const struct court *court);
enum judge_verdict judge_pressure(const struct court *court);
enum judge_verdict judge_memory_stat(const struct court *court);
enum judge_verdict judge_cpu_stat(const struct court *court);
enum judge_verdict judge_io_stat(const struct court *court);
enum judge_verdict judge_counters(const struct court *court); /* names, and a counter behind each */
enum judge_verdict judge_usage(const struct court *court);    /* counters without names */

/* judge_tables.c */
enum judge_verdict judge_interrupts(const struct court *court);
enum judge_verdict judge_schedstat(const struct court *court);
enum judge_verdict judge_cgroups(const struct court *court);
enum judge_verdict judge_slabinfo(const struct court *court);
enum judge_verdict judge_partitions(const struct court *court);
enum judge_verdict judge_zoneinfo(const struct court *court);
enum judge_verdict judge_buddyinfo(const struct court *court);
enum judge_verdict judge_node_meminfo(const struct court *court);
