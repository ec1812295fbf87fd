/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/buddyinfo: free blocks by their size, a line a zone of the visible nodes, as
 * frag_show_print() of the kernel's mm/vmstat.c prints them
 * (Documentation/filesystems/proc.rst). A limit has no fragments: what is free is as few blocks as can be, and
 * together they are MemFree.
 */
#include "fs/view/render.h"
#include "fs/view/zones.h"

#define MOST_ORDERS 64
#define COUNT       6 /* digits */

static void append_zone(GString *text, const struct view *view, const struct zones *zones, const struct text_line *line,
			const struct zone_line *zone)
{
	unsigned orders = zones_count_words(zone->rest), i;
	uint64_t blocks[MOST_ORDERS] = { 0 };

	if (orders > MOST_ORDERS || !zones_node(view, zone->node, &i))
		return;
	if (zones_is_home(zones, zone))
		zones_blocks(view, i, orders, blocks);
	zones_append_counts(text, line, zone->length, blocks, orders, COUNT);
}

void buddyinfo_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct zone_line zone;
	struct text_line line;
	struct zones zones;

	zones_find(&zones, view->host, NULL);
	while (text_next_line(&cursor, &line)) {
		if (zone_line_parse(&line, &zone))
			append_zone(text, view, &zones, &line, &zone);
	}
}
