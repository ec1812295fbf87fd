/* SPDX-License-Identifier: Apache-2.0
 *
 * Disks in the host's text and in a view, and the figures of one as the kernel orders them in a line. Pure.
 */
#pragma once

#include "fs/view/text.h"
#include "fs/view/view.h"

/* A line of /proc/diskstats (Documentation/admin-guide/iostats.rst): "   8       0 sda 1 2 3". */
struct disks_line {
	unsigned major, minor;
	struct text_line name;
	struct text_line head;    /* the line up to the end of the name */
	struct text_line columns; /* all that follows: " 1 2 3" */
};

/* False for a line that is none. */
bool disks_parse_line(const struct text_line *line, struct disks_line *ret_disk);

/* Takes the blanks and the number in front of *at; false, with nothing taken, where there is none. */
bool disks_take_column(struct text_line *at, uint64_t *ret_number);

/* How many words there are. */
unsigned disks_count_columns(struct text_line at);

/* The disk that the container has used; NULL where it has not. */
const struct view_disk *disks_find(const struct view *view, unsigned major, unsigned minor);

/*
 * What stands in diskstats behind the name, and in a disk's stat. A cgroup counts operations and bytes; merged
 * requests, times, requests under way and flushes, which it does not count, are 0.
 */
enum { DISKS_COLUMNS = 17 };
void disks_figures(const struct view_disk *disk, uint64_t ret_figures[DISKS_COLUMNS]);
