/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/gather_private.h"

#include "cgroup/error.h"
#include "fs/view/text.h"

#include <errno.h>
#include <string.h>

/* The bytes behind a label of the host's meminfo; 0 where the kernel has no such line. */
static uint64_t meminfo_bytes(const char *meminfo, const char *label)
{
	const char *cursor = meminfo;
	struct text_line line;

	while (text_next_line(&cursor, &line)) {
		if (text_has_label(&line, label))
			return g_ascii_strtoull(line.start + strlen(label), NULL, 10) * 1024;
	}
	return 0;
}

/* The root cgroup is the host itself; on v2 it has no swap files of its own. */
static bool is_memory_root(const CgGroup *group)
{
	return g_strcmp0(cg_group_paths(group)->of[CG_MEMORY], "/") == 0;
}

static void look_host_swap(struct look *look, const char *meminfo)
{
	look->view.memory.has_swap = true;
	look->view.memory.swap_usage = cg_minus(look->view.host_swap, meminfo_bytes(meminfo, "SwapFree:"));
}

/* The host's amounts are those of its own meminfo, which for that row has been read already. */
bool look_memory(struct look *look, GError **error)
{
	g_autofree char *own_text = NULL;
	const char *meminfo = look->host_text;
	uint64_t page_size;

	if (!meminfo || strcmp(look->row->path, "/proc/meminfo") != 0) {
		meminfo = own_text = host_read(look->host, "/proc/meminfo", error);
		if (!meminfo)
			return false;
	}
	look->view.host_memory = meminfo_bytes(meminfo, "MemTotal:");
	look->view.host_swap = meminfo_bytes(meminfo, "SwapTotal:");
	if (look->view.host_memory == 0)
		return cg_fail(error, EINVAL, "/proc/meminfo: no MemTotal");
	page_size = meminfo_bytes(meminfo, "Hugepagesize:");
	look->view.huge = (struct view_huge){ page_size, meminfo_bytes(meminfo, "HugePages_Total:") / 1024 };
	if (!cg_group_memory(look->group, &look->view.memory, error))
		return false;
	if (is_memory_root(look->group) && !look->view.memory.has_swap)
		look_host_swap(look, meminfo);
	return (page_size == 0 || cg_group_hugetlb(look->group, page_size, &look->view.hugetlb, error));
}

/* A device that lies on another one is counted with it, as the kernel counts each bio that is submitted. */
bool look_events(struct look *look, GError **error)
{
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	struct view_events *events = &look->view.events;
	struct io_moment moment = { .begun_us = host_now_us(look->host) };

	if (!cg_group_memory_events(look->group, &events->memory, error) || !cg_group_io(look->group, &io, error))
		return false;
	moment.ended_us = host_now_us(look->host);
	container_hold_io(look->container, &moment, &io);
	events->read_bytes = events->written_bytes = 0;
	for (unsigned i = 0; i < io.n; i++) {
		events->read_bytes += io.device[i].rbytes;
		events->written_bytes += io.device[i].wbytes;
	}
	container_hold_events(look->container, &moment, events);
	return true;
}
