/* SPDX-License-Identifier: Apache-2.0
 *
 * The sets in cpuN/topology and cpuN/cache/indexN: which visible CPUs share
 * a core, a die, a package, a cache with this one; and its node. The kernel prints each as a
 * list and as a map (drivers/base/topology.c, drivers/base/cacheinfo.c).
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"

typedef bool parse_fn(const char *text, const char *file, struct cg_cpumask *ret_mask, GError **error);

/* The host's set as the container sees it. A CPU always shares with itself, also where the text cannot be read. */
static void shared_with(const struct view *view, parse_fn *parse, struct cg_cpumask *ret_shown)
{
	struct cg_cpumask set;

	if (!view->host || !parse(view->host, "host", &set, NULL))
		cg_cpumask_zero(&set);
	if (view->cpu < CG_MAX_CPUS)
		cg_cpumask_set(&set, view->cpu);
	view_cpus_show(&view->cpus, &set, ret_shown);
}

/* register_cpu_under_node() of drivers/base/node.c. */
void cpu_node_link_render(const struct view *view, GString *text)
{
	g_string_append_printf(text, "../../node/node%u", view->node);
}

void cpu_siblings_list_render(const struct view *view, GString *text)
{
	struct cg_cpumask shown;

	shared_with(view, cg_cpulist_parse, &shown);
	cg_cpulist_append(text, &shown);
	g_string_append_c(text, '\n');
}

void cpu_siblings_map_render(const struct view *view, GString *text)
{
	struct cg_cpumask shown;

	shared_with(view, cg_cpumap_parse, &shown);
	cg_cpumap_append(text, &shown, CLAMP(view->cpus.host_ids, 1, CG_MAX_CPUS));
	g_string_append_c(text, '\n');
}
