/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/pressure: the cgroup's own figures in those lines that the host's file has, as psi_show() of the kernel's
 * kernel/sched/psi.c prints them. Before Linux 5.13 cpu has no "full", and irq never has a "some"
 * (Documentation/accounting/psi.rst).
 *
 * The host's own "full" of cpu is 0, as nothing above a machine keeps it from its CPUs that the machine could know of. A quota does
 * keep a container from them, the kernel counts that for its cgroup, and so it is shown.
 */
#include "fs/view/render.h"
#include "fs/view/text.h"

#include <string.h>

static void append_average(GString *text, const char *name, uint64_t hundredths)
{
	g_string_append_printf(text, " %s=%" G_GUINT64_FORMAT ".%02u", name, hundredths / 100,
			       (unsigned)(hundredths % 100));
}

static void append_line(GString *text, const char *kind, const struct cg_pressure_line *line)
{
	g_string_append(text, kind);
	append_average(text, "avg10", line->avg10);
	append_average(text, "avg60", line->avg60);
	append_average(text, "avg300", line->avg300);
	g_string_append_printf(text, " total=%" G_GUINT64_FORMAT "\n", line->total_us);
}

static bool begins_with(const struct text_line *line, const char *word)
{
	size_t n = strlen(word);

	return line->length > n && memcmp(line->start, word, n) == 0 && line->start[n] == ' ';
}

void pressure_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct text_line line;

	while (text_next_line(&cursor, &line)) {
		if (begins_with(&line, "some"))
			append_line(text, "some", &view->pressure.some);
		else if (begins_with(&line, "full"))
			append_line(text, "full", &view->pressure.full);
	}
}
