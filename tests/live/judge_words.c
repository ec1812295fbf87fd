/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum judge_verdict judge_say(const struct court *court, enum judge_verdict verdict, const char *format, ...)
{
	va_list args;
	int used = snprintf(court->why, court->size, "%s: ", court->it->path);

	va_start(args, format);
	vsnprintf(court->why + used, (size_t)used < court->size ? court->size - (size_t)used : 0, format, args);
	va_end(args);
	return verdict;
}

bool judge_take(const char **cursor, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*cursor, word, length) != 0)
		return false;
	*cursor += length;
	return true;
}

bool judge_take_number(const char **cursor, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)**cursor))
		return false;
	*number = strtoull(*cursor, &end, 10);
	*cursor = end;
	return true;
}

bool judge_take_hundredths(const char **cursor, uint64_t *number)
{
	uint64_t whole, part;
	const char *point;

	if (!judge_take_number(cursor, &whole) || !judge_take(cursor, "."))
		return false;
	point = *cursor;
	if (!judge_take_number(cursor, &part) || *cursor - point != 2)
		return false;
	*number = whole * 100 + part;
	return true;
}

void judge_skip_blanks(const char **cursor)
{
	*cursor += strspn(*cursor, " \t");
}

void judge_next_line(const char **cursor)
{
	*cursor = strchr(*cursor, '\n') + 1;
}

enum judge_verdict judge_same(const struct court *court, const char *what, uint64_t amount, uint64_t given)
{
	uint64_t wanted = given ? given : court->memory->seen ? court->memory->amount : amount;

	court->memory->amount = wanted;
	return amount == wanted ? JUDGE_FINE : WRONG(court, "%s is %" PRIu64 ", not %" PRIu64, what, amount, wanted);
}

enum judge_verdict judge_grown(const struct court *court, const char *what, uint64_t *before, uint64_t now)
{
	uint64_t was = *before;

	*before = now;
	return now >= was ? JUDGE_FINE : BACK(court, "%s was %" PRIu64 " and is %" PRIu64, what, was, now);
}
