/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/zones.h"

#include "cgroup/cpulist.h"

#include <string.h>

static bool take_word(struct text_line *at, const char *word)
{
	size_t length = strlen(word);

	if (at->length < length || memcmp(at->start, word, length) != 0)
		return false;
	*at = (struct text_line){ at->start + length, at->length - length };
	return true;
}

static void take_blanks(struct text_line *at)
{
	size_t n = 0;

	while (n < at->length && at->start[n] == ' ')
		n++;
	*at = (struct text_line){ at->start + n, at->length - n };
}

static struct text_line take_name(struct text_line *at)
{
	struct text_line name = { .start = at->start };

	while (at->length && g_ascii_isalnum(*at->start))
		*at = (struct text_line){ at->start + 1, at->length - 1 };
	name.length = (size_t)(at->start - name.start);
	return name;
}

bool zone_line_parse(const struct text_line *line, struct zone_line *ret)
{
	struct text_line at = *line;
	uint64_t node;

	if (!take_word(&at, "Node "))
		return false;
	take_blanks(&at);
	if (!text_take_number(&at, &node) || node >= CG_MAX_NODES || !take_word(&at, ", zone "))
		return false;
	take_blanks(&at);
	*ret = (struct zone_line){ .node = (unsigned)node, .name = take_name(&at) };
	ret->length = (size_t)(at.start - line->start);
	ret->rest = at;
	return ret->name.length > 0 && g_ascii_isalpha(*ret->name.start);
}

/* "        present  1044480" of a zone that has pages. */
static bool is_populated(struct text_line line, const char *present)
{
	uint64_t pages;

	take_blanks(&line);
	if (!take_word(&line, present))
		return false;
	take_blanks(&line);
	return text_take_number(&line, &pages) && pages > 0;
}

void zones_find(struct zones *ret, const char *host, const char *present)
{
	struct zone_line zone = { 0 };
	struct text_line line;

	*ret = (struct zones){ 0 };
	while (text_next_line(&host, &line)) {
		bool is_zone = zone_line_parse(&line, &zone);

		if (zone.name.length && (present ? is_populated(line, present) : is_zone))
			ret->home[zone.node] = zone.name;
	}
}

bool zones_is_home(const struct zones *zones, const struct zone_line *line)
{
	const struct text_line *home = &zones->home[line->node];

	return home->length == line->name.length && home->length > 0 &&
	       memcmp(home->start, line->name.start, home->length) == 0;
}

bool zones_node(const struct view *view, unsigned node, unsigned *ret_i)
{
	for (unsigned i = 0; view->nodes.each && i < view->nodes.n; i++) {
		if (view->nodes.each[i].number == node) {
			*ret_i = i;
			return true;
		}
	}
	return false;
}

void zones_blocks(const struct view *view, unsigned i, unsigned orders, uint64_t *ret_blocks)
{
	uint64_t pages = nodes_memory(view, i).free;

	for (unsigned order = 0; order < orders; order++) {
		bool largest = order + 1 == orders;

		ret_blocks[order] = order >= 64 ? 0 : largest ? pages >> order : pages >> order & 1;
	}
}

void zones_append_counts(GString *text, const struct text_line *line, size_t head, const uint64_t *counts, unsigned n,
			 size_t width)
{
	g_string_append_len(text, line->start, (gssize)head);
	g_string_append_c(text, ' ');
	for (unsigned i = 0; i < n; i++) {
		text_append_number(text, counts[i], width);
		g_string_append_c(text, ' ');
	}
	g_string_append_c(text, '\n');
}

unsigned zones_count_words(struct text_line at)
{
	unsigned n = 0;

	for (size_t i = 0; i < at.length; i++)
		n += at.start[i] != ' ' && (i == 0 || at.start[i - 1] == ' ');
	return n;
}
