/* SPDX-License-Identifier: Apache-2.0
 *
 * Disks, and pressure.
 */
#include "fs/container/gather_private.h"

#include <string.h>

/* ---- disks ---- */

static bool is_used(const struct cg_io_device *device)
{
	return device->rbytes || device->wbytes || device->rios || device->wios || device->dbytes || device->dios;
}

/* In sysfs the host names it; what is not there has gone. */
static void name_disk(struct view_disk *disk, const Host *host)
{
	g_autofree char *path = host_disk_path(host, disk->io.major, disk->io.minor);
	const char *name = path ? strrchr(path, '/') + 1 : "";

	if (strlen(name) < sizeof(disk->name))
		strcpy(disk->name, name);
}

static void take_disks(struct look *look, const struct cg_io *io)
{
	unsigned n = 0;

	g_free(look->disks);
	look->disks = g_new0(struct view_disk, io->n);
	for (unsigned i = 0; i < io->n; i++) {
		if (!is_used(&io->device[i]))
			continue;
		look->disks[n].io = io->device[i];
		name_disk(&look->disks[n++], look->host);
	}
	look->view.io = (struct view_io){ .n = n, .disk = look->disks };
}

bool look_io(struct look *look, GError **error)
{
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	struct io_moment moment = { .begun_us = host_now_us(look->host) };

	if (!cg_group_io(look->group, &io, error))
		return false;
	moment.ended_us = host_now_us(look->host);
	container_hold_io(look->container, &moment, &io);
	take_disks(look, &io);
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
