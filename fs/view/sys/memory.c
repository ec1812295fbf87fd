/* SPDX-License-Identifier: Apache-2.0
 *
 * /sys/devices/system/memory: the container's memory in blocks, as lsmem(1) adds them up
 * (Documentation/ABI/testing/sysfs-devices-memory, drivers/base/memory.c).
 */
#include "fs/view/memory.h"
#include "fs/view/render.h"

void memory_block_size_render(const struct view *view, GString *text)
{
	g_string_append_printf(text, "%" G_GINT64_MODIFIER "x\n", memory_block_size(view));
}

void memory_block_index_render(const struct view *view, GString *text)
{
	g_string_append_printf(text, "%08x\n", view->block);
}

void memory_block_state_render(const struct view *view, GString *text)
{
	g_string_append(text, "online\n");
}

void memory_block_online_render(const struct view *view, GString *text)
{
	g_string_append(text, "1\n");
}

/* Nobody can take a block away from a container, and there is no telling which zone it is of. */
void memory_block_removable_render(const struct view *view, GString *text)
{
	g_string_append(text, "0\n");
}

void memory_block_zones_render(const struct view *view, GString *text)
{
	g_string_append(text, "none\n");
}
