/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/stat, as the kernel's fs/proc/stat.c prints it; the columns are
 * described in Documentation/filesystems/proc.rst. Interrupts and context
 * switches are not counted for a cgroup: one total of 0 each.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

/* user nice system idle iowait irq softirq steal guest guest_nice */
static void append_ticks(GString *text, const struct view_ticks *ticks)
{
	const uint64_t columns[] = {
		ticks->user, ticks->nice, ticks->system, ticks->idle, 0, 0, 0, ticks->steal, 0, 0
	};

	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
		g_string_append_c(text, ' ');
		text_append_number(text, columns[i], 0);
	}
	g_string_append_c(text, '\n');
}

static void append_cpus(GString *text, const struct view *view)
{
	static const struct view_ticks none;
	unsigned i = 0;

	/* The total's name is followed by two blanks: parsers tell it from cpu0 by that. */
	g_string_append(text, "cpu ");
	append_ticks(text, &view->times.total);
	cg_cpumask_foreach (cpu, &view->cpus.visible) {
		g_string_append(text, "cpu");
		text_append_number(text, view->cpus.renumber ? i : cpu, 0);
		append_ticks(text, view->times.each ? &view->times.each[i] : &none);
		i++;
	}
}

static void append_figure(GString *text, const char *name, uint64_t value)
{
	g_string_append(text, name);
	g_string_append_c(text, ' ');
	text_append_number(text, value, 0);
	g_string_append_c(text, '\n');
}

void stat_render(const struct view *view, GString *text)
{
	append_cpus(text, view);
	append_figure(text, "intr", 0);
	append_figure(text, "ctxt", 0);
	append_figure(text, "btime", view->clock.btime_s);
	append_figure(text, "processes", view->tasks.forks);
	append_figure(text, "procs_running", view->tasks.running);
	append_figure(text, "procs_blocked", view->tasks.blocked);
	/* The total and the ten kinds of include/linux/interrupt.h. */
	g_string_append(text, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
}
