/* SPDX-License-Identifier: Apache-2.0
 *
 * The zones of memory nodes, as /proc/buddyinfo, pagetypeinfo and zoneinfo name them. Which zones a node has is the
 * host's. A container's memory does not lie in zones: all that it has in a node (nodes.h) is shown in one of them, the node's
 * last one that is populated, because the kernel allocates from there first, and the others are empty. Pure.
 */
#pragma once

#include "fs/view/nodes.h"
#include "fs/view/text.h"

/* A line that begins with "Node 0, zone   Normal". */
struct zone_line {
	unsigned node;         /* its number */
	struct text_line name; /* "Normal" */
	size_t length;         /* of all that, from the line's start */
	struct text_line rest; /* what comes after it */
};

bool zone_line_parse(const struct text_line *line, struct zone_line *ret);

struct zones {
	struct text_line
		home[CG_MAX_NODES]; /* by node: the name of the zone that has the memory; borrowed from the text */
};

/*
 * Of a host's text. Where a line may follow that says how many pages a zone has ("present"), a zone without any is not populated;
 * NULL: all that are named are.
 */
void zones_find(struct zones *ret, const char *host, const char *present);

/* The node's memory lies in that zone. */
bool zones_is_home(const struct zones *zones, const struct zone_line *line);

/* Where in view->nodes.each[] the node is; false where it is not visible. */
bool zones_node(const struct view *view, unsigned node, unsigned *ret_i);

/* The node's free pages, in blocks of 2^order pages, as few as these orders can say. */
void zones_blocks(const struct view *view, unsigned i, unsigned orders, uint64_t *ret_blocks);

/* "Node 0, zone   Normal " and the counts, each as wide as that and with a blank behind it. */
void zones_append_counts(GString *text, const struct text_line *line, size_t head, const uint64_t *counts, unsigned n,
			 size_t width);

/* How many words there are. */
unsigned zones_count_words(struct text_line at);
