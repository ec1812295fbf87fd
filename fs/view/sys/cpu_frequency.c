/* SPDX-License-Identifier: Apache-2.0
 *
 * cpuN/cpufreq (Documentation/admin-guide/pm/cpufreq.rst): what a CPU can do, and how the host is told to use it. How
 * fast it is now depends on what the host runs and is not shown: scaling_cur_freq is the highest frequency.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

/* "0 1 2 3": numbers with a blank between them, as cpufreq_show_cpus() of the kernel's drivers/cpufreq/cpufreq.c prints them. */
static void parse_cpus(const char *host, struct cg_cpumask *ret)
{
	g_autofree char *list = g_strdelimit(g_strchomp(g_strdup(host ? host : "")), " ", ',');

	if (!cg_cpulist_parse(list, "host", ret, NULL))
		cg_cpumask_zero(ret);
}

/* The visible ones among those that share the CPU's frequency; it does itself. */
void cpu_frequency_cpus_render(const struct view *view, GString *text)
{
	struct cg_cpumask set, shown;
	const char *blank = "";

	parse_cpus(view->host, &set);
	if (view->cpu < CG_MAX_CPUS)
		cg_cpumask_set(&set, view->cpu);
	view_cpus_show(&view->cpus, &set, &shown);
	cg_cpumask_foreach (cpu, &shown) {
		g_string_append(text, blank);
		text_append_number(text, cpu, 0);
		blank = " ";
	}
	g_string_append_c(text, '\n');
}

/* There is none to set, as with every governor but one. */
void cpu_frequency_setspeed_render(const struct view *view, GString *text)
{
	g_string_append(text, "<unsupported>\n");
}
