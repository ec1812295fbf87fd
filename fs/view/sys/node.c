/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of /sys/devices/system/node; the kernel's are in drivers/base/node.c and Documentation/ABI/stable/sysfs-devices-node.
 * The nodes that a container sees are all that there ever were: online and possible are one set.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/nodes.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

static void append_list(GString *text, const struct cg_cpumask *mask)
{
	cg_cpulist_append(text, mask);
	g_string_append_c(text, '\n');
}

void node_visible_render(const struct view *view, GString *text)
{
	append_list(text, &view->nodes.visible);
}

/* The visible ones of a host's list. */
void node_among_render(const struct view *view, GString *text)
{
	struct cg_cpumask among;

	if (!view->host || !cg_cpulist_parse(view->host, "host", &among, NULL))
		cg_cpumask_zero(&among);
	cg_cpumask_and(&among, &view->nodes.visible);
	append_list(text, &among);
}

/* Those to which visible CPUs belong. */
void node_has_cpu_render(const struct view *view, GString *text)
{
	struct cg_cpumask with_cpus;

	cg_cpumask_zero(&with_cpus);
	for (unsigned i = 0; view->nodes.each && i < view->nodes.n; i++) {
		if (!cg_cpumask_empty(&view->nodes.each[i].cpus))
			cg_cpumask_set(&with_cpus, view->nodes.each[i].number);
	}
	append_list(text, &with_cpus);
}

/* ---- one node ---- */

static void shown_cpus(const struct view *view, struct cg_cpumask *ret)
{
	cg_cpumask_zero(ret);
	if (view->nodes.each)
		view_cpus_show(&view->cpus, &view->nodes.each[nodes_own(view)].cpus, ret);
}

void node_cpulist_render(const struct view *view, GString *text)
{
	struct cg_cpumask shown;

	shown_cpus(view, &shown);
	append_list(text, &shown);
}

void node_cpumap_render(const struct view *view, GString *text)
{
	struct cg_cpumask shown;

	shown_cpus(view, &shown);
	cg_cpumap_append(text, &shown, CLAMP(view->cpus.host_ids, 1, CG_MAX_CPUS));
	g_string_append_c(text, '\n');
}

/* The host has a number for each of its online nodes, in order (node_read_distance()); those of visible ones remain. */
void node_distance_render(const struct view *view, GString *text)
{
	const char *cursor = view->host;
	struct text_line line = { .start = "", .length = 0 };
	const char *separator = "";

	text_next_line(&cursor, &line);
	cg_cpumask_foreach (node, &view->nodes.online) {
		uint64_t distance;

		if (!text_take_number(&line, &distance))
			break;
		if (line.length) {
			line.start++;
			line.length--;
		}
		if (!cg_cpumask_has(&view->nodes.visible, node))
			continue;
		g_string_append(text, separator);
		text_append_number(text, distance, 0);
		separator = " ";
	}
	g_string_append_c(text, '\n');
}
