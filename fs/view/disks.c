/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/disks.h"

#include <string.h>

#define SECTOR 512 /* of the kernel's counters, whatever the disk's own sectors are */

static void skip_blanks(struct text_line *at)
{
	while (at->length && (*at->start == ' ' || *at->start == '\t')) {
		at->start++;
		at->length--;
	}
}

static struct text_line take_word(struct text_line *at)
{
	struct text_line word = *at;

	while (at->length && *at->start != ' ' && *at->start != '\t') {
		at->start++;
		at->length--;
	}
	word.length -= at->length;
	return word;
}

bool disks_take_column(struct text_line *at, uint64_t *ret_number)
{
	struct text_line rest = *at;
	uint64_t number;

	skip_blanks(&rest);
	if (!text_take_number(&rest, &number) || (rest.length && *rest.start != ' ' && *rest.start != '\t'))
		return false;
	*at = rest;
	*ret_number = number;
	return true;
}

unsigned disks_count_columns(struct text_line at)
{
	unsigned n = 0;

	for (skip_blanks(&at); at.length; skip_blanks(&at)) {
		take_word(&at);
		n++;
	}
	return n;
}

bool disks_parse_line(const struct text_line *line, struct disks_line *ret_disk)
{
	struct text_line at = *line, name;
	uint64_t major, minor;

	if (!disks_take_column(&at, &major) || !disks_take_column(&at, &minor) || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return false;
	skip_blanks(&at);
	name = take_word(&at);
	if (!name.length)
		return false;
	*ret_disk = (struct disks_line){
		.major = (unsigned)major,
		.minor = (unsigned)minor,
		.name = name,
		.head = { line->start, line->length - at.length },
		.columns = at,
	};
	return true;
}

const struct view_disk *disks_find(const struct view *view, unsigned major, unsigned minor)
{
	for (unsigned i = 0; i < view->io.n; i++) {
		const struct cg_io_device *io = &view->io.disk[i].io;

		if (io->major == major && io->minor == minor)
			return &view->io.disk[i];
	}
	return NULL;
}

/*
 * As diskstats_show() of block/genhd.c has them: reads (done, merged, sectors, ms), writes, requests under way, ms in
 * which there were any, their sum, discards, flushes (done, ms).
 */
void disks_figures(const struct view_disk *disk, uint64_t ret_figures[DISKS_COLUMNS])
{
	const struct cg_io_device *io = &disk->io;

	memset(ret_figures, 0, DISKS_COLUMNS * sizeof(*ret_figures));
	ret_figures[0] = io->rios;
	ret_figures[2] = io->rbytes / SECTOR;
	ret_figures[4] = io->wios;
	ret_figures[6] = io->wbytes / SECTOR;
	ret_figures[11] = io->dios;
	ret_figures[13] = io->dbytes / SECTOR;
}
