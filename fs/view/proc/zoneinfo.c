/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/zoneinfo (zoneinfo_show_print() of the kernel's mm/vmstat.c): a block of lines a zone of the visible nodes. A node's
 * figures are those of its vmstat; what the container has in a node lies in the node's last populated zone (zones.h),
 * whose pages are MemTotal and whose free pages are MemFree, over all nodes. Sets of pages are of the visible
 * CPUs. Watermarks, reserves, events and places in memory are the host's own and 0.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/pages.h"
#include "fs/view/render.h"
#include "fs/view/zones.h"

#include <string.h>

struct walk {
	const struct view *view;
	GString *text;
	struct zones zones;
	struct pages_scope scope; /* the zone's node */
	bool seen;                /* the zone's node is visible */
	bool home;                /* the node's memory lies in this zone */
	enum { ZONE, NODE, SETS } part;
	bool cpu_seen; /* of SETS: this CPU is visible */
};

static bool is(const struct text_line *line, const char *words)
{
	return line->length == strlen(words) && memcmp(line->start, words, line->length) == 0;
}

static bool begins(const struct text_line *line, const char *words)
{
	return line->length >= strlen(words) && memcmp(line->start, words, strlen(words)) == 0;
}

/* A line that ends in a number: all before it, and what it is called. */
struct figure {
	struct text_line head, name;
	uint64_t number;
};

static bool is_head(const struct text_line *head)
{
	for (size_t i = 0; i < head->length; i++) {
		char c = head->start[i];

		if (!g_ascii_isalnum(c) && c != ' ' && c != '_' && c != ':')
			return false;
	}
	return head->length > 0 && head->start[head->length - 1] == ' ';
}

static bool parse_figure(const struct text_line *line, struct figure *ret)
{
	struct text_line rest = { .start = line->start + line->length };
	size_t blanks = 0;

	while (rest.start > line->start && g_ascii_isdigit(rest.start[-1]))
		rest = (struct text_line){ rest.start - 1, rest.length + 1 };
	ret->head = (struct text_line){ line->start, line->length - rest.length };
	if (!is_head(&ret->head) || !text_take_number(&rest, &ret->number) || rest.length)
		return false;
	while (blanks < ret->head.length && line->start[blanks] == ' ')
		blanks++;
	ret->name = (struct text_line){ line->start + blanks, ret->head.length - blanks };
	while (ret->name.length && ret->name.start[ret->name.length - 1] == ' ')
		ret->name.length--;
	return ret->name.length > 0;
}

/* What is said of a zone, besides what is said of its node. */
static uint64_t zone_value(const struct walk *walk, const struct figure *figure)
{
	static const struct {
		const char *name;
		uint64_t (*value)(const struct pages_scope *scope);
	} values[] = {
		{ "pages free", pages_free },
		{ "spanned", pages_total },
		{ "present", pages_total },
		{ "managed", pages_total },
	};

	for (size_t i = 0; walk->home && i < G_N_ELEMENTS(values); i++) {
		if (is(&figure->name, values[i].name))
			return values[i].value(&walk->scope);
	}
	return walk->home ? pages_vmstat(&walk->scope, figure->name.start, figure->name.length) : 0;
}

static uint64_t value_of(const struct walk *walk, const struct figure *figure)
{
	switch (walk->part) {
	case ZONE:
		return zone_value(walk, figure);
	case NODE:
		return pages_vmstat(&walk->scope, figure->name.start, figure->name.length);
	case SETS:
		return 0;
	}
	return 0;
}

static void append_figure(const struct walk *walk, const struct text_line *head, uint64_t value)
{
	g_string_append_len(walk->text, head->start, (gssize)head->length);
	text_append_number(walk->text, value, 0);
	g_string_append_c(walk->text, '\n');
}

/* "        protection: (0, 3019, 10059)": how much of the zone is kept for requests that could be served from another one. */
static void append_protection(const struct walk *walk, const struct text_line *line)
{
	const char *bracket = memchr(line->start, '(', line->length);
	unsigned zones =
		zones_count_words((struct text_line){ bracket, (size_t)(line->start + line->length - bracket) });

	g_string_append(walk->text, "        protection: (0");
	while (zones-- > 1)
		g_string_append(walk->text, ", 0");
	g_string_append(walk->text, ")\n");
}

static void enter_cpu(struct walk *walk, const struct figure *figure)
{
	const struct view_cpus *cpus = &walk->view->cpus;

	walk->cpu_seen = figure->number < CG_MAX_CPUS && cg_cpumask_has(&cpus->visible, (unsigned)figure->number);
	if (walk->cpu_seen)
		append_figure(walk, &figure->head, view_cpus_shown(cpus, (unsigned)figure->number));
}

static void enter_figure(struct walk *walk, const struct text_line *line)
{
	struct figure figure;

	if (!parse_figure(line, &figure))
		return;
	/* What is indented less than the sets comes after them. */
	if (walk->part == SETS && !begins(line, "    ") && !begins(line, "  vm stats threshold:"))
		walk->part = ZONE;
	if (walk->part == SETS && is(&figure.name, "cpu:"))
		enter_cpu(walk, &figure);
	else if (walk->part != SETS || walk->cpu_seen)
		append_figure(walk, &figure.head, value_of(walk, &figure));
}

static void enter_line(struct walk *walk, const struct text_line *line)
{
	bool node = is(line, "  per-node stats"), sets = is(line, "  pagesets");

	/* Most lines are, on a host of many CPUs: those of sets of hidden ones. */
	if (walk->part == SETS && !walk->cpu_seen && begins(line, "     "))
		return;
	if (begins(line, "  pages free"))
		walk->part = ZONE;
	if (node || sets) {
		walk->part = node ? NODE : SETS;
		walk->cpu_seen = false;
		text_append_line(walk->text, line);
	} else if (begins(line, "        protection: (")) {
		append_protection(walk, line);
	} else {
		enter_figure(walk, line);
	}
}

static void enter_zone(struct walk *walk, const struct text_line *line, const struct zone_line *zone)
{
	walk->seen = !zone->rest.length && zones_node(walk->view, zone->node, &walk->scope.node);
	walk->home = zones_is_home(&walk->zones, zone);
	walk->part = ZONE;
	if (walk->seen)
		text_append_line(walk->text, line);
}

void zoneinfo_render(const struct view *view, GString *text)
{
	struct walk walk = { .view = view, .text = text, .scope = { .view = view, .one_node = true } };
	const char *cursor = view->host;
	struct zone_line zone;
	struct text_line line;

	zones_find(&walk.zones, view->host, "present ");
	while (text_next_line(&cursor, &line)) {
		if (zone_line_parse(&line, &zone))
			enter_zone(&walk, &line, &zone);
		else if (walk.seen)
			enter_line(&walk, &line);
	}
}
