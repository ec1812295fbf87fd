/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/text.h"

#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

bool text_next_line(const char **cursor, struct text_line *ret_line)
{
	const char *start = *cursor;
	const char *end;

	if (!start || !*start)
		return false;
	end = strchrnul(start, '\n');
	*ret_line = (struct text_line){ .start = start, .length = (size_t)(end - start) };
	*cursor = *end ? end + 1 : end;
	return true;
}

bool text_has_label(const struct text_line *line, const char *label)
{
	size_t n;

	/* Most labels differ in their first letter, and renderers ask for many. */
	if (!line->length || *line->start != *label)
		return false;
	n = strlen(label);
	if (line->length < n || memcmp(line->start, label, n))
		return false;
	if (label[n - 1] == ':')
		return true;
	while (n < line->length && blank(line->start[n]))
		n++;
	return n < line->length && line->start[n] == ':';
}

struct text_line text_value(const struct text_line *line)
{
	const char *end = line->start + line->length;
	const char *at = memchr(line->start, ':', line->length);

	at = at ? at + 1 : end;
	while (at < end && blank(*at))
		at++;
	return (struct text_line){ .start = at, .length = (size_t)(end - at) };
}

bool text_take_number(struct text_line *at, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t n = 0;

	for (; n < at->length && g_ascii_isdigit(at->start[n]); n++) {
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(at->start[n] - '0'), &number))
			return false;
	}
	if (!n)
		return false;
	at->start += n;
	at->length -= n;
	*ret_number = number;
	return true;
}

void text_append_line(GString *out, const struct text_line *line)
{
	g_string_append_len(out, line->start, (gssize)line->length);
	g_string_append_c(out, '\n');
}

void text_append_number(GString *out, uint64_t number, size_t width)
{
	char digits[32]; /* UINT64_MAX has 20 */
	size_t n = 0;

	/* By hand, because a file is up to a thousand numbers and printf costs more than all else in a renderer. */
	do {
		digits[sizeof(digits) - ++n] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (n < MIN(width, sizeof(digits)))
		digits[sizeof(digits) - ++n] = ' ';
	g_string_append_len(out, digits + sizeof(digits) - n, (gssize)n);
}
