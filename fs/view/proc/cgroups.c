/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/cgroups: the controllers as the host's kernel has them, with the numbers
 * of their hierarchies, which /proc/PID/cgroup names too
 * (proc_cgroupstats_show() of kernel/cgroup/cgroup-v1.c, cgroups(7)). The third
 * column counts the cgroups of a hierarchy, on the host everyone's; here those
 * of the container, of which its own is the root. A controller that is not mounted
 * as one of v1 belongs to the hierarchy of v2, whose number is 0.
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

/* By their names in v1, which this file has in v2 too. Of a hierarchy that is not looked at only the container's own cgroup is known. */
static uint64_t count_of(const struct view_cgroups *cgroups, struct text_line name, uint64_t hierarchy)
{
	static const char *const names[CG_CONTROLLERS] = {
		[CG_CPU] = "cpu",  [CG_CPUACCT] = "cpuacct", [CG_CPUSET] = "cpuset",   [CG_MEMORY] = "memory",
		[CG_IO] = "blkio", [CG_PIDS] = "pids",       [CG_HUGETLB] = "hugetlb",
	};

	for (enum cg_controller c = 0; c < CG_CONTROLLERS && hierarchy != 0; c++) {
		if (names[c] && strlen(names[c]) == name.length && memcmp(names[c], name.start, name.length) == 0)
			return MAX(cgroups->of[c], 1);
	}
	return hierarchy == 0 ? MAX(cgroups->unified, 1) : 1;
}

static void append_controller(const struct view_cgroups *container, GString *text, struct text_line line)
{
	uint64_t hierarchy, cgroups, enabled;
	struct text_line name;

	if (!take_name(&line, &name) || !take_column(&line, &hierarchy) || !take_column(&line, &cgroups) ||
	    !take_column(&line, &enabled) || line.length)
		return;
	g_string_append_len(text, name.start, (gssize)name.length);
	g_string_append_printf(text, "\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%d\n", hierarchy,
			       count_of(container, name, hierarchy), enabled != 0);
}

void cgroups_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct text_line line;

	g_string_append(text, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
	while (text_next_line(&cursor, &line))
		append_controller(&view->cgroups, text, line);
}
