/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of /sys that say the same to everyone: sizes of caches, ids of cores,
 * what the hardware is vulnerable to. Copied if they look as they should.
 */
#include "fs/view/render.h"
#include "fs/view/text.h"

static struct text_line first_line(const struct view *view)
{
	const char *cursor = view->host;
	struct text_line line = { .start = "", .length = 0 };

	text_next_line(&cursor, &line);
	return line;
}

/* A decimal number, or 0. Ids that the firmware does not give are -1 (include/linux/topology.h). */
void constant_number_render(const struct view *view, GString *text)
{
	struct text_line line = first_line(view);
	bool minus = line.length && line.start[0] == '-';
	uint64_t number = 0;

	line.start += minus;
	line.length -= minus;
	if (!text_take_number(&line, &number) || line.length)
		number = 0;
	if (minus && number)
		g_string_append_c(text, '-');
	text_append_number(text, number, 0);
	g_string_append_c(text, '\n');
}

static void append_if(GString *text, const struct text_line *line, bool (*allowed)(char c))
{
	for (size_t i = 0; i < line->length; i++) {
		if (!allowed(line->start[i])) {
			g_string_append_c(text, '\n');
			return;
		}
	}
	text_append_line(text, line);
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c);
}

static bool is_printable(char c)
{
	return g_ascii_isprint(c);
}

/* One word ("Unified", "48K"), or nothing. */
void constant_word_render(const struct view *view, GString *text)
{
	struct text_line line = first_line(view);

	append_if(text, &line, is_word);
}

/* One line of plain text, or nothing. */
void constant_line_render(const struct view *view, GString *text)
{
	struct text_line line = first_line(view);

	append_if(text, &line, is_printable);
}

/* What no container has any of. */
void constant_zero_render(const struct view *view, GString *text)
{
	g_string_append(text, "0\n");
}
