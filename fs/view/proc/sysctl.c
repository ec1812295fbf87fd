/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts of the whole machine that stand among the settings of /proc/sys: open files, inodes, names of files
 * (Documentation/admin-guide/sysctl/fs.rst). The kernel counts them for no cgroup, so they are 0; what is a
 * setting or a limit stays. Tools that show them are sar -v, node_exporter, monit, munin, netdata and Zabbix.
 */
#include "fs/view/render.h"
#include "fs/view/text.h"

/* The third column of both: file-nr's limit, dentry-state's age_limit. */
#define THIRD (1u << 2)

static bool skip_to_number(struct text_line *at)
{
	while (at->length && !g_ascii_isdigit(*at->start)) {
		at->start++;
		at->length--;
	}
	return at->length > 0;
}

/* One line of numbers with tabs between them, as proc_doulongvec_minmax() of kernel/sysctl.c writes it. */
static void append_columns(const struct view *view, unsigned kept, GString *text)
{
	const char *cursor = view->host;
	struct text_line line = { .start = "", .length = 0 };
	uint64_t number;

	text_next_line(&cursor, &line);
	for (unsigned place = 0; skip_to_number(&line) && text_take_number(&line, &number); place++) {
		if (place)
			g_string_append_c(text, '\t');
		text_append_number(text, place < 32 && (kept >> place & 1) ? number : 0, 0);
	}
	g_string_append_c(text, '\n');
}

void sysctl_counts_render(const struct view *view, GString *text)
{
	append_columns(view, 0, text);
}

void sysctl_counts_but_third_render(const struct view *view, GString *text)
{
	append_columns(view, THIRD, text);
}
