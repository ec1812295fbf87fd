/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/cgroups: the controllers as the host's kernel has them, with the numbers
 * of their hierarchies, which /proc/PID/cgroup names too
 * (proc_cgroupstats_show() of kernel/cgroup/cgroup-v1.c, cgroups(7)). The third
 * column counts the cgroups of a hierarchy, on the host everyone's. The
 * container's is one; what it may have made below that is not counted.
 */
#include "fs/view/render.h"
#include "fs/view/text.h"

#include <string.h>

static bool take_name(struct text_line *at, struct text_line *ret_name)
{
	size_t n = 0;

	while (n < at->length && (g_ascii_isalnum(at->start[n]) || at->start[n] == '_'))
		n++;
	*ret_name = (struct text_line){ at->start, n };
	at->start += n;
	at->length -= n;
	return n > 0;
}

static bool take_column(struct text_line *at, uint64_t *ret_number)
{
	if (!at->length || *at->start != '\t')
		return false;
	at->start++;
	at->length--;
	return text_take_number(at, ret_number);
}

static void append_controller(GString *text, struct text_line line)
{
	uint64_t hierarchy, cgroups, enabled;
	struct text_line name;

	if (!take_name(&line, &name) || !take_column(&line, &hierarchy) || !take_column(&line, &cgroups) ||
	    !take_column(&line, &enabled) || line.length)
		return;
	g_string_append_len(text, name.start, (gssize)name.length);
	g_string_append_printf(text, "\t%" G_GUINT64_FORMAT "\t1\t%d\n", hierarchy, enabled != 0);
}

void cgroups_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct text_line line;

	g_string_append(text, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
	while (text_next_line(&cursor, &line))
		append_controller(text, line);
}
