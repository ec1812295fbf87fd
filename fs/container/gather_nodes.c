/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/gather_private.h"

#include "cgroup/cpulist.h"
#include "cgroup/error.h"
#include "fs/view/nodes.h"

#include <errno.h>
#include <string.h>

#define NODE_FILE "/sys/devices/system/node/node%u/%s"

/* A memory node beyond those that any kernel can have is none. */
static void cut(struct cg_cpumask *nodes)
{
	memset(&nodes->word[CG_MAX_NODES / 64], 0, sizeof(nodes->word) - CG_MAX_NODES / 8);
}

bool look_nodes(struct look *look, GError **error)
{
	struct cg_cpumask online, mems;

	if (!host_nodes(look->host, &online, error) || !cg_group_mems(look->group, &mems, error))
		return false;
	cut(&online);
	nodes_choose(&look->view.nodes, &online, &mems);
	return true;
}

/* A host whose kernel knows of no nodes has no such file: *ret_text is then NULL. */
static bool read_of_node(const struct look *look, unsigned node, const char *name, char **ret_text, GError **error)
{
	g_autofree char *path = g_strdup_printf(NODE_FILE, node, name);
	g_autoptr(GError) missing = NULL;

	*ret_text = host_read(look->host, path, &missing);
	if (*ret_text || g_error_matches(missing, CG_ERROR, ENOENT))
		return true;
	g_propagate_error(error, g_steal_pointer(&missing));
	return false;
}

/* "Node 0 MemTotal:       10315988 kB", its first line. */
static uint64_t memory_of(const char *meminfo)
{
	const char *label = meminfo ? strstr(meminfo, " MemTotal:") : NULL;

	return label ? g_ascii_strtoull(label + strlen(" MemTotal:"), NULL, 10) * 1024 : 0;
}

static bool look_node(const struct look *look, struct view_node *node, GError **error)
{
	g_autofree char *meminfo = NULL, *cpulist = NULL;

	if (!read_of_node(look, node->number, "meminfo", &meminfo, error) ||
	    !read_of_node(look, node->number, "cpulist", &cpulist, error))
		return false;
	node->host_memory = memory_of(meminfo);
	return !cpulist || cg_cpulist_parse(cpulist, "cpulist", &node->cpus, error);
}

bool look_numa(struct look *look, GError **error)
{
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
	struct view_nodes *nodes = &look->view.nodes;
	unsigned i = 0;

	if (!cg_group_numa(look->group, &numa, error))
		return false;
	g_free(look->nodes);
	nodes->each = look->nodes = g_new0(struct view_node, nodes->n);
	cg_cpumask_foreach (number, &nodes->visible) {
		struct view_node *node = &nodes->each[i++];

		node->number = number;
		if (number < numa.n)
			node->use = numa.node[number];
		if (!look_node(look, node, error))
			return false;
	}
	nodes_settle_cpus(nodes, &look->view.cpus);
	return true;
}
