/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/gather_private.h"

#include "cgroup/cpulist.h"
#include "cgroup/error.h"
#include "fs/container/each.h"
#include "fs/view/nodes.h"

#include <errno.h>
#include <string.h>

#define NODE_FILE "/sys/devices/system/node/node%u/%s"
#define POOL_FILE "hugepages/hugepages-%" G_GUINT64_FORMAT "kB/nr_hugepages"

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

/* ---- huge pages ---- */

/* The host's pool of the row's size. */
static bool look_pool(struct look *look, unsigned order, GError **error)
{
	uint64_t size = each_page_size(order);
	g_autofree char *path =
		g_strdup_printf("/sys/kernel/mm/hugepages/hugepages-%" G_GUINT64_FORMAT "kB/nr_hugepages", size >> 10);
	g_autofree char *text = host_read(look->host, path, error);

	if (!text)
		return false;
	look->view.huge = (struct view_huge){ size, g_ascii_strtoull(text, NULL, 10) };
	return cg_group_hugetlb(look->group, size, &look->view.hugetlb, error);
}

/* A node without such a file has no pool. */
static bool look_pools_of_nodes(struct look *look, GError **error)
{
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
	struct view_nodes *nodes = &look->view.nodes;
	g_autofree char *name = g_strdup_printf(POOL_FILE, look->view.huge.page_size >> 10);

	if (!cg_group_hugetlb_numa(look->group, look->view.huge.page_size, &numa, error))
		return false;
	for (unsigned i = 0; i < nodes->n; i++) {
		struct view_node *node = &nodes->each[i];
		g_autofree char *text = NULL;

		if (!read_of_node(look, node->number, name, &text, error))
			return false;
		node->host_huge = text ? g_ascii_strtoull(text, NULL, 10) : 0;
		node->huge_use = node->number < numa.n ? numa.node[node->number].usage : 0;
	}
	return true;
}

/* A row without a size is one of those that also need VIEW_MEMORY, which is of the usual size. */
bool look_huge(struct look *look, GError **error)
{
	unsigned order;

	if (each_number(look->row, look->index, ROW_EACH_HUGE, &order) && !look_pool(look, order, error))
		return false;
	return !look->nodes || look_pools_of_nodes(look, error);
}
