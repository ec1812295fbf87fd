/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of one disk in /sys/block, described in Documentation/ABI/stable/sysfs-block.
 */
#include "fs/view/disks.h"
#include "fs/view/render.h"

/*
 * The columns of diskstats, as many as the host's file has: 11, 15 or 17, each eight wide (part_stat_show() of the
 * kernel's block/genhd.c, Documentation/block/stat.rst).
 */
void disk_stat_render(const struct view *view, GString *text)
{
	static const struct view_disk unused;
	const struct view_disk *disk = disks_find(view, view->major, view->minor);
	uint64_t figures[DISKS_COLUMNS];
	const char *cursor = view->host;
	struct text_line line;
	unsigned n;

	if (!text_next_line(&cursor, &line))
		return;
	disks_figures(disk ? disk : &unused, figures);
	n = disks_count_columns(line);
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			g_string_append_c(text, ' ');
		text_append_number(text, i < DISKS_COLUMNS ? figures[i] : 0, 8);
	}
	g_string_append_c(text, '\n');
}

void disk_dev_render(const struct view *view, GString *text)
{
	g_string_append_printf(text, "%u:%u\n", view->major, view->minor);
}

/* From /sys/class/block and /sys/dev/block, where the kernel's links lead to /sys/devices. */
void disk_link_render(const struct view *view, GString *text)
{
	const struct view_disk *disk = disks_find(view, view->major, view->minor);

	if (disk)
		g_string_append_printf(text, "../../block/%s", disk->name);
}
