/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/uptime: since the container's start, and idle time summed over its
 * CPUs, as the kernel's fs/proc/uptime.c prints them.
 */
#include "fs/view/render.h"

void uptime_render(const struct view *view, GString *text)
{
	const struct view_clock *clock = &view->clock;

	g_string_append_printf(text, "%" G_GUINT64_FORMAT ".%02u %" G_GUINT64_FORMAT ".%02u\n",
			       clock->uptime_cs / VIEW_HZ, (unsigned)(clock->uptime_cs % VIEW_HZ),
			       clock->idle_cs / VIEW_HZ, (unsigned)(clock->idle_cs % VIEW_HZ));
}
