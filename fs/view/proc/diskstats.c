/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/diskstats: the host's lines of the disks that the container has used, with as many columns as the host's
 * kernel has: 14, from Linux 4.18 on 18, from 5.5 on 20 (Documentation/admin-guide/iostats.rst). A cgroup counts
 * whole disks, so partitions have no line.
 */
#include "fs/view/disks.h"
#include "fs/view/render.h"

static void append_line(GString *text, const struct disks_line *line, const struct view_disk *disk)
{
	uint64_t figures[DISKS_COLUMNS];
	unsigned n = disks_count_columns(line->columns);

	disks_figures(disk, figures);
	g_string_append_len(text, line->head.start, (gssize)line->head.length);
	for (unsigned i = 0; i < n; i++) {
		g_string_append_c(text, ' ');
		text_append_number(text, i < DISKS_COLUMNS ? figures[i] : 0, 0);
	}
	g_string_append_c(text, '\n');
}

void diskstats_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct text_line line;

	while (text_next_line(&cursor, &line)) {
		struct disks_line parsed;
		const struct view_disk *disk;

		if (!disks_parse_line(&line, &parsed))
			continue;
		disk = disks_find(view, parsed.major, parsed.minor);
		if (disk)
			append_line(text, &parsed, disk);
	}
}
