/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/loadavg: the container's averages, runnable and all threads, and last
 * pid, as the kernel's fs/proc/loadavg.c prints them.
 */
#include "fs/view/render.h"

#define FIXED_1 (UINT64_C(1) << VIEW_LOAD_BITS)

/* LOAD_INT and LOAD_FRAC of include/linux/sched/loadavg.h; FIXED_1/200 rounds to the nearest hundredth. */
static void append_average(GString *text, uint64_t average)
{
	uint64_t rounded = average + FIXED_1 / 200;

	g_string_append_printf(text, "%" G_GUINT64_FORMAT ".%02u ", rounded >> VIEW_LOAD_BITS,
			       (unsigned)((rounded & (FIXED_1 - 1)) * 100 >> VIEW_LOAD_BITS));
}

void loadavg_render(const struct view *view, GString *text)
{
	const struct view_tasks *tasks = &view->tasks;

	for (size_t i = 0; i < G_N_ELEMENTS(view->load.avg); i++)
		append_average(text, view->load.avg[i]);
	g_string_append_printf(text, "%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
			       tasks->running, tasks->total, tasks->last_pid);
}
