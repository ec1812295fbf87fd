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
void judge_skip_blanks(const char **cursor);
void judge_next_line(const char **cursor);

/* The amount that was given; where none was, the first is remembered, and the others have to be the same. */
enum judge_verdict judge_same(const struct court *court, const char *what, uint64_t amount, uint64_t given);

/* A counter. */
enum judge_verdict judge_grown(const struct court *court, const char *what, uint64_t *before, uint64_t now);

enum judge_verdict judge_stat(const struct court *court);
