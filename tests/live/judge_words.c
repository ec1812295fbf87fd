/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

bool judge_take_columns(const char **cursor, uint64_t *columns, unsigned most, unsigned *n)
{
	for (*n = 0; judge_skip_blanks(cursor), !judge_take(cursor, "\n"); (*n)++) {
		if (*n == most || !judge_take_number(cursor, &columns[*n]))
			return false;
	}
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

uint64_t judge_page_kb(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
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

/* FNV-1a. */
static uint64_t key_of(const char *name, size_t length, unsigned column)
{
	uint64_t key = UINT64_C(14695981039346656037) ^ column;

	for (size_t i = 0; i < length; i++)
		key = (key ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
	return key * UINT64_C(1099511628211) ^ column;
}

/* They mostly come in the same order; NULL where there are too many. */
static struct judge_counter *counter_of(struct judge_memory *memory, uint64_t key)
{
	struct judge_counter *counter;

	for (unsigned i = 0; i < memory->n_counters; i++) {
		unsigned at = (memory->next + i) % memory->n_counters;

		if (memory->counter[at].key == key) {
			memory->next = at + 1;
			return &memory->counter[at];
		}
	}
	if (memory->n_counters == JUDGE_COUNTERS)
		return NULL;
	counter = &memory->counter[memory->n_counters++];
	*counter = (struct judge_counter){ .key = key };
	memory->next = memory->n_counters;
	return counter;
}

enum judge_verdict judge_counted(const struct court *court, const char *name, size_t length, unsigned column,
				 uint64_t now)
{
	struct judge_counter *counter = counter_of(court->memory, key_of(name, length, column));
	uint64_t was;

	if (!counter)
		return WRONG(court, "has too many counters");
	was = counter->text + 1 == court->memory->texts ? counter->value : 0;
	*counter = (struct judge_counter){ counter->key, now, court->memory->texts };
	return now >= was ? JUDGE_FINE
			  : BACK(court, "column %u of %.*s was %" PRIu64 " and is %" PRIu64, column + 1, (int)length,
				 name, was, now);
}

enum judge_verdict judge_columns_counted(const struct court *court, const char *name, size_t length,
					 const uint64_t *columns, unsigned n, uint64_t except)
{
	enum judge_verdict verdict = JUDGE_FINE;

	for (unsigned i = 0; verdict == JUDGE_FINE && i < n; i++) {
		if (!(except >> i & 1))
			verdict = judge_counted(court, name, length, i, columns[i]);
	}
	return verdict;
}
