/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/schedstat, as show_schedstat() of the kernel's kernel/sched/stats.c
 * prints it; the columns are described in Documentation/scheduler/sched-stats.rst.
 * Running is the CPU time of /proc/stat, waiting its steal: the time for which
 * a quota kept the container from a CPU that it wanted. Nothing else is counted
 * for a cgroup. Domains are how the kernel balances the host's CPUs and are
 * left out, as in a kernel without them.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

#include <string.h>

#define TICK_NS (UINT64_C(1000000000) / VIEW_HZ)

/*
 * The layout's version, and the kernel's jiffies: its clock, which is everyone's, as btime of /proc/stat and the start
 * times of /proc/PID/stat are.
 */
static void append_head(GString *text, const char *host)
{
	static const char *const names[] = { "version ", "timestamp " };
	struct text_line line;

	while (text_next_line(&host, &line)) {
		for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
			size_t length = strlen(names[i]);
			struct text_line rest = { line.start + length, cg_minus(line.length, length) };
			uint64_t number;

			if (line.length > length && memcmp(line.start, names[i], length) == 0 &&
			    text_take_number(&rest, &number) && !rest.length)
				text_append_line(text, &line);
		}
	}
}

static uint64_t in_ns(uint64_t ticks)
{
	uint64_t ns;

	return __builtin_mul_overflow(ticks, TICK_NS, &ns) ? UINT64_MAX : ns;
}

void schedstat_render(const struct view *view, GString *text)
{
	static const struct view_ticks none;
	unsigned i = 0;

	append_head(text, view->host);
	cg_cpumask_foreach (cpu, &view->cpus.visible) {
		const struct view_ticks *ticks = view->times.each ? &view->times.each[i] : &none;

		/* sched_yield(2), a legacy 0, schedule(), idle, two kinds of wake-ups; running, waiting; timeslices. */
		g_string_append_printf(text, "cpu%u 0 0 0 0 0 0 %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " 0\n",
				       view->cpus.renumber ? i : cpu, in_ns(ticks->user + ticks->nice + ticks->system),
				       in_ns(ticks->steal));
		i++;
	}
}
