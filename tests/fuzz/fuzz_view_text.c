/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

/* What is taken from a line lies within it; a number is what its digits say. */
static void look_at(const struct text_line *line)
{
	const char *end = line->start + line->length;
	struct text_line value = text_value(line), rest = value;
	uint64_t number;

	promise(!memchr(line->start, '\n', line->length));
	promise(value.start >= line->start && value.start + value.length == end);
	promise(!text_has_label(line, "MemTotal:") || !text_has_label(line, "MemFree:"));
	promise(!text_has_label(line, "processor") || memchr(line->start, ':', line->length));
	if (!text_take_number(&rest, &number)) {
		promise(rest.start == value.start && rest.length == value.length);
		return;
	}
	promise(rest.start > value.start && rest.start + rest.length == end);
	promise(number == g_ascii_strtoull(value.start, NULL, 10));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autoptr(GString) again = g_string_new(NULL);
	const char *cursor = text;
	struct text_line line;

	while (text_next_line(&cursor, &line)) {
		look_at(&line);
		text_append_line(again, &line);
	}
	promise(!strncmp(again->str, text, strlen(text)));
	promise(again->len - strlen(text) <= 1);
	return 0;
}
