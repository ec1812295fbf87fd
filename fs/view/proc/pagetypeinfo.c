/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/pagetypeinfo: what /proc/buddyinfo has, by what the kernel can do with it
 * (pagetypeinfo_show() of the kernel's mm/vmstat.c). A part for each node: a head, the free blocks of each zone and type, and the
 * number of page blocks of each zone by type. A container's memory is all movable.
 */
#include "fs/view/render.h"
#include "fs/view/zones.h"

#include <string.h>

#define MOST_COLUMNS 64
#define FREE_COUNT   6  /* digits */
#define BLOCK_COUNT  12 /* digits */

struct walk {
	const struct view *view;
	GString *text;
	struct zones zones;
	bool seen;            /* this part's node is visible */
	unsigned movable;     /* which column of the heading */
	uint64_t block_pages; /* of this part; 0: not known */
};

static bool begins(const struct text_line *line, const char *words)
{
	return line->length >= strlen(words) && memcmp(line->start, words, strlen(words)) == 0;
}

/* What begins a part does not say whose it is: the next zone does. */
static bool next_is_seen(const struct view *view, const char *cursor)
{
	struct zone_line zone;
	struct text_line line;
	unsigned i;

	while (text_next_line(&cursor, &line)) {
		if (zone_line_parse(&line, &zone))
			return zones_node(view, zone.node, &i);
	}
	return false;
}

static bool is_heading(const struct text_line *line)
{
	static const char *const beginnings[] = { "Page block order:", "Pages per block:",
						  "Free pages count per migrate type", "Number of blocks type" };

	for (size_t i = 0; i < line->length; i++) {
		if (!g_ascii_isprint(line->start[i]))
			return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		if (begins(line, beginnings[i]))
			return true;
	}
	return line->length == 0;
}

/* The column of "Movable" among the types in the heading of the blocks' numbers. */
static unsigned find_movable(const struct text_line *heading)
{
	size_t before = strlen("Number of blocks type");
	g_autofree char *types = g_strndup(heading->start + before, heading->length - before);
	const char *at = strstr(types, " Movable");

	return at ? zones_count_words((struct text_line){ types, (size_t)(at - types) }) : MOST_COLUMNS;
}

static void enter_heading(struct walk *walk, const struct text_line *line, const char *cursor)
{
	struct text_line value = text_value(line);

	if (begins(line, "Page block order:"))
		walk->seen = next_is_seen(walk->view, cursor);
	if (begins(line, "Pages per block:") && !text_take_number(&value, &walk->block_pages))
		walk->block_pages = 0;
	if (begins(line, "Number of blocks type"))
		walk->movable = find_movable(line);
	if (walk->seen)
		text_append_line(walk->text, line);
}

/* ", type      Movable      1      0 …": the head ends behind the type's name. */
static bool parse_type(const struct zone_line *zone, struct text_line *ret_type, struct text_line *ret_counts)
{
	const char *end = zone->rest.start + zone->rest.length;
	const char *at = zone->rest.start + strlen(", type ");

	if (!begins(&zone->rest, ", type "))
		return false;
	while (at < end && *at == ' ')
		at++;
	ret_type->start = at;
	while (at < end && g_ascii_isalnum(*at))
		at++;
	ret_type->length = (size_t)(at - ret_type->start);
	*ret_counts = (struct text_line){ at, (size_t)(end - at) };
	return ret_type->length > 0;
}

static void append_free(const struct walk *walk, const struct text_line *line, const struct zone_line *zone, unsigned i)
{
	uint64_t blocks[MOST_COLUMNS] = { 0 };
	struct text_line type, counts;
	unsigned orders;

	if (!parse_type(zone, &type, &counts))
		return;
	orders = zones_count_words(counts);
	if (orders > MOST_COLUMNS)
		return;
	if (zones_is_home(&walk->zones, zone) && type.length == strlen("Movable") && begins(&type, "Movable"))
		zones_blocks(walk->view, i, orders, blocks);
	zones_append_counts(walk->text, line, (size_t)(counts.start - line->start), blocks, orders, FREE_COUNT);
}

static void append_blocks(const struct walk *walk, const struct text_line *line, const struct zone_line *zone,
			  unsigned i)
{
	unsigned types = zones_count_words(zone->rest);
	uint64_t blocks[MOST_COLUMNS] = { 0 };

	if (types > MOST_COLUMNS)
		return;
	if (zones_is_home(&walk->zones, zone) && walk->movable < types && walk->block_pages) {
		uint64_t pages = nodes_memory(walk->view, i).total;

		blocks[walk->movable] = pages / walk->block_pages + (pages % walk->block_pages != 0);
	}
	zones_append_counts(walk->text, line, zone->length, blocks, types, BLOCK_COUNT);
}

static void enter_zone(const struct walk *walk, const struct text_line *line, const struct zone_line *zone)
{
	unsigned i;

	if (!walk->seen || !zones_node(walk->view, zone->node, &i))
		return;
	if (zone->rest.length && *zone->rest.start == ',')
		append_free(walk, line, zone, i);
	else
		append_blocks(walk, line, zone, i);
}

void pagetypeinfo_render(const struct view *view, GString *text)
{
	struct walk walk = { .view = view, .text = text, .movable = MOST_COLUMNS };
	const char *cursor = view->host;
	struct zone_line zone;
	struct text_line line;

	zones_find(&walk.zones, view->host, NULL);
	while (text_next_line(&cursor, &line)) {
		if (zone_line_parse(&line, &zone))
			enter_zone(&walk, &line, &zone);
		else if (is_heading(&line))
			enter_heading(&walk, &line, cursor);
	}
}
