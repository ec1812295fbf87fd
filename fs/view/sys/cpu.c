/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of /sys/devices/system/cpu; the kernel's are in drivers/base/cpu.c
 * and Documentation/admin-guide/cputopology.rst. The CPUs that a container sees
 * are all that there ever were: online, possible and present are one set, and
 * nothing is offline.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"

static void append_list(GString *text, const struct view_cpus *cpus, const struct cg_cpumask *physical)
{
	struct cg_cpumask shown;

	view_cpus_show(cpus, physical, &shown);
	cg_cpulist_append(text, &shown);
	g_string_append_c(text, '\n');
}

void cpu_visible_render(const struct view *view, GString *text)
{
	append_list(text, &view->cpus, &view->cpus.visible);
}

void cpu_offline_render(const struct view *view, GString *text)
{
	g_string_append_c(text, '\n');
}

/* Where nohz_full is not in use the kernel prints "(null)": no list, no CPUs. */
void cpu_among_render(const struct view *view, GString *text)
{
	struct cg_cpumask among;

	if (!view->host || !cg_cpulist_parse(view->host, "host", &among, NULL))
		cg_cpumask_zero(&among);
	append_list(text, &view->cpus, &among);
}

/* Only online CPUs are visible. */
void cpu_is_online_render(const struct view *view, GString *text)
{
	g_string_append(text, "1\n");
}
