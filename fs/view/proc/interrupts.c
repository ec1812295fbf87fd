/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/interrupts and /proc/softirqs: a line a kind, a column a CPU; the
 * kernel's are kernel/irq/proc.c, arch_show_interrupts() of arch/ARCH, and
 * fs/proc/softirqs.c. Nobody counts interrupts for a cgroup, so every count is
 * 0. Lines of devices, which have a number for a name, are left out: they name
 * the host's hardware and drivers. What the architecture itself counts (NMI,
 * LOC, ...) is the same in every machine of this kernel and stays.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

#include <string.h>

#define COLUMN 10 /* digits */

static void take_blanks(struct text_line *at)
{
	while (at->length && *at->start == ' ') {
		at->start++;
		at->length--;
	}
}

/* "           CPU0       CPU1       ": how many the host's lines have; online ones, in softirqs possible ones. */
static unsigned count_columns(const struct text_line *heading)
{
	unsigned n = 0;

	for (size_t i = 0; i + strlen("CPU") <= heading->length; i++)
		n += memcmp(heading->start + i, "CPU", strlen("CPU")) == 0;
	return n;
}

/* The indent depends on the number of interrupts that the kernel may have: it is the host's. */
static void append_heading(GString *text, const struct text_line *heading, const struct view_cpus *cpus)
{
	struct text_line rest = *heading;
	unsigned i = 0;

	take_blanks(&rest);
	g_string_append_len(text, heading->start, rest.start - heading->start);
	cg_cpumask_foreach (cpu, &cpus->visible)
		g_string_append_printf(text, "CPU%-8u", cpus->renumber ? i++ : cpu);
	g_string_append_c(text, '\n');
}

struct kind {
	struct text_line label; /* "NMI:", with the blanks before it */
	struct text_line about; /* "   Non-maskable interrupts" */
	unsigned n;             /* counts in between */
};

static bool is_label(const char *start, const char *colon)
{
	if (!g_ascii_isalpha(*start))
		return false;
	while (start < colon && (g_ascii_isalnum(*start) || *start == '_'))
		start++;
	return start == colon;
}

/* False for what is no such line, and for a device's. */
static bool parse_kind(const struct text_line *line, unsigned columns, struct kind *ret)
{
	const char *colon = memchr(line->start, ':', line->length);
	struct text_line rest = *line;
	uint64_t count;

	take_blanks(&rest);
	if (!colon || !is_label(rest.start, colon))
		return false;
	*ret = (struct kind){ .label = { line->start, (size_t)(colon + 1 - line->start) } };
	rest = (struct text_line){ colon + 1, line->length - ret->label.length };
	for (ret->about = rest; ret->n < columns; ret->n++) {
		take_blanks(&rest);
		if (!text_take_number(&rest, &count))
			break;
		ret->about = rest;
	}
	for (size_t i = 0; i < ret->about.length; i++) {
		if (!g_ascii_isprint(ret->about.start[i]))
			return false;
	}
	return ret->n > 0;
}

/* ERR and MIS are counted once for all CPUs. */
static void append_kind(GString *text, const struct kind *kind, unsigned columns, unsigned visible)
{
	unsigned n = kind->n == columns ? visible : 1;

	g_string_append_len(text, kind->label.start, (gssize)kind->label.length);
	for (unsigned i = 0; i < n; i++) {
		g_string_append_c(text, ' ');
		text_append_number(text, 0, COLUMN);
	}
	text_append_line(text, &kind->about);
}

void interrupts_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct text_line line;
	struct kind kind;
	unsigned columns;

	if (!text_next_line(&cursor, &line))
		return;
	columns = count_columns(&line);
	append_heading(text, &line, &view->cpus);
	while (text_next_line(&cursor, &line)) {
		if (parse_kind(&line, columns, &kind))
			append_kind(text, &kind, columns, view->cpus.n);
	}
}
