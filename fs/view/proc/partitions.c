/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/partitions: the host's lines of the disks that the container has used, as show_partition() of the kernel's
 * block/genhd.c prints them: "   8        0  488386584 sda". The size of a disk is the same for everyone.
 */
#include "fs/view/disks.h"
#include "fs/view/render.h"

static bool is_used(const struct view *view, struct text_line line)
{
	uint64_t major, minor;

	return disks_take_column(&line, &major) && disks_take_column(&line, &minor) && major <= UINT32_MAX &&
	       minor <= UINT32_MAX && disks_find(view, (unsigned)major, (unsigned)minor);
}

/* The kernel prints the heading with the first disk: without any the file is empty. */
void partitions_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct text_line line;
	bool headed = false;

	while (text_next_line(&cursor, &line)) {
		if (!is_used(view, line))
			continue;
		if (!headed)
			g_string_append(text, "major minor  #blocks  name\n\n");
		headed = true;
		text_append_line(text, &line);
	}
}
