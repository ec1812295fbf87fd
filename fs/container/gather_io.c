/* SPDX-License-Identifier: Apache-2.0
 *
 * Disks, and pressure.
 */
#include "fs/container/gather_private.h"

#include "fs/view/disks.h"

#include <string.h>

#define DISKSTATS "/proc/diskstats"

/* ---- disks ---- */

static bool is_used(const struct cg_io_device *device)
{
	return device->rbytes || device->wbytes || device->rios || device->wios || device->dbytes || device->dios;
}

static const struct cg_io_device *used_device(const struct cg_io *io, const struct disks_line *line)
{
	for (unsigned i = 0; i < io->n; i++) {
		if (io->device[i].major == line->major && io->device[i].minor == line->minor)
			return is_used(&io->device[i]) ? &io->device[i] : NULL;
	}
	return NULL;
}

/* What the container has used of what the host has, in the host's order. The host's name of a partition is none of these numbers. */
static void name_disks(struct look *look, const struct cg_io *io, const char *diskstats)
{
	GArray *disks = g_array_new(FALSE, FALSE, sizeof(struct view_disk));
	struct text_line line;

	while (text_next_line(&diskstats, &line)) {
		const struct cg_io_device *device;
		struct view_disk disk = { 0 };
		struct disks_line parsed;

		if (!disks_parse_line(&line, &parsed) || parsed.name.length >= sizeof(disk.name))
			continue;
		device = used_device(io, &parsed);
		if (!device)
			continue;
		memcpy(disk.name, parsed.name.start, parsed.name.length);
		disk.io = *device;
		g_array_append_val(disks, disk);
	}
	look->view.io.n = disks->len;
	look->view.io.disk = look->disks = (struct view_disk *)(void *)g_array_free(disks, FALSE);
}

bool look_io(struct look *look, GError **error)
{
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	g_autofree char *own_text = NULL;
	const char *diskstats = look->host_text;
	struct io_moment moment = { .begun_us = host_now_us(look->host) };

	if (!cg_group_io(look->group, &io, error))
		return false;
	moment.ended_us = host_now_us(look->host);
	container_hold_io(look->container, &moment, &io);
	if (!diskstats || strcmp(look->row->path, DISKSTATS) != 0) {
		diskstats = own_text = host_read(look->host, DISKSTATS, error);
		if (!diskstats)
			return false;
	}
	g_clear_pointer(&look->disks, g_free);
	name_disks(look, &io, diskstats);
	return true;
}

/* ---- pressure ---- */

bool look_pressure(struct look *look, GError **error)
{
	static const char *const names[CG_PRESSURE_KINDS] = {
		[CG_PRESSURE_CPU] = "cpu",
		[CG_PRESSURE_IO] = "io",
		[CG_PRESSURE_MEMORY] = "memory",
		[CG_PRESSURE_IRQ] = "irq",
	};
	const char *name = rows_name(look->row);

	for (enum cg_pressure_kind kind = 0; kind < CG_PRESSURE_KINDS; kind++) {
		if (strcmp(names[kind], name) == 0)
			return cg_group_pressure(look->group, kind, &look->view.pressure, error);
	}
	return true;
}
