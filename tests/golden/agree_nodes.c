/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"

#include <inttypes.h>
#include <string.h>

#define NODES   "/sys/devices/system/node"
#define PAGE_KB 4

/* A number of a vmstat; false where this kernel has no such line. */
static bool vmstat_number(const char *text, const char *name, uint64_t *ret)
{
	g_auto(GStrv) lines = lines_of(text);

	for (char **line = lines; *line; line++) {
		if (g_str_has_prefix(*line, name) && (*line)[strlen(name)] == ' ') {
			*ret = g_ascii_strtoull(*line + strlen(name) + 1, NULL, 10);
			return true;
		}
	}
	return false;
}

/* The container's meminfo in the same words. */
static uint64_t meminfo_sum(const char *text, const char *first, const char *second)
{
	return meminfo_kb(text, first) + (second ? meminfo_kb(text, second) : 0);
}

static const struct {
	const char *vmstat, *meminfo, *added;
	unsigned kb;
} same[] = {
	{ "nr_free_pages", "MemFree", NULL, PAGE_KB },
	{ "nr_inactive_anon", "Inactive(anon)", NULL, PAGE_KB },
	{ "nr_active_anon", "Active(anon)", NULL, PAGE_KB },
	{ "nr_inactive_file", "Inactive(file)", NULL, PAGE_KB },
	{ "nr_active_file", "Active(file)", NULL, PAGE_KB },
	{ "nr_zone_inactive_anon", "Inactive(anon)", NULL, PAGE_KB },
	{ "nr_zone_active_anon", "Active(anon)", NULL, PAGE_KB },
	{ "nr_zone_inactive_file", "Inactive(file)", NULL, PAGE_KB },
	{ "nr_zone_active_file", "Active(file)", NULL, PAGE_KB },
	{ "nr_zone_write_pending", "Dirty", "Writeback", PAGE_KB },
	{ "nr_unevictable", "Unevictable", NULL, PAGE_KB },
	{ "nr_slab_reclaimable", "SReclaimable", NULL, PAGE_KB },
	{ "nr_slab_unreclaimable", "SUnreclaim", NULL, PAGE_KB },
	{ "nr_anon_pages", "AnonPages", NULL, PAGE_KB },
	{ "nr_mapped", "Mapped", NULL, PAGE_KB },
	{ "nr_file_pages", "Cached", "SwapCached", PAGE_KB },
	{ "nr_dirty", "Dirty", NULL, PAGE_KB },
	{ "nr_writeback", "Writeback", NULL, PAGE_KB },
	{ "nr_kernel_stack", "KernelStack", NULL, 1 },
	{ "nr_page_table_pages", "PageTables", NULL, PAGE_KB },
	{ "nr_swapcached", "SwapCached", NULL, PAGE_KB },
	{ "nr_anon_transparent_hugepages", "AnonHugePages", NULL, 2048 },
};

void vmstat_equals_meminfo(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *meminfo = fixture_text(fixture, "/proc/meminfo");
	g_autofree char *vmstat = fixture_text(fixture, "/proc/vmstat");

	for (unsigned i = 0; i < G_N_ELEMENTS(same); i++) {
		uint64_t number, kb;

		if (!vmstat_number(vmstat, same[i].vmstat, &number))
			continue;
		kb = meminfo_sum(meminfo, same[i].meminfo, same[i].added);
		if (number * same[i].kb != kb)
			fail_msg("%s %" PRIu64 " is not %s %" PRIu64 " kB", same[i].vmstat, number, same[i].meminfo,
				 kb);
	}
}

/* The same lines in the same order as the host's, whichever numbers they have. */
static void same_lines(const char *path, const char *ours, const char *hosts)
{
	g_auto(GStrv) our_lines = lines_of(ours);
	g_auto(GStrv) host_lines = lines_of(hosts);

	if (g_strv_length(our_lines) != g_strv_length(host_lines))
		fail_msg("%s has %u lines, the host's %u", path, g_strv_length(our_lines), g_strv_length(host_lines));
	for (unsigned i = 0; our_lines[i]; i++) {
		size_t name = strcspn(host_lines[i], ":0123456789");

		if (strncmp(our_lines[i], host_lines[i], name) != 0 ||
		    g_str_has_suffix(our_lines[i], " kB") != g_str_has_suffix(host_lines[i], " kB"))
			fail_msg("%s: \"%s\" is not as \"%s\"", path, our_lines[i], host_lines[i]);
	}
}

/* ---- the nodes ---- */

struct nodes {
	struct cg_cpumask visible, cpus; /* and the CPUs of all their lists */
	unsigned n_cpus;
	GPtrArray *meminfo, *vmstat; /* their texts */
};

static void nodes_clear(struct nodes *nodes)
{
	g_ptr_array_unref(nodes->meminfo);
	g_ptr_array_unref(nodes->vmstat);
}

static void add_cpulist(struct nodes *nodes, const char *path, const char *text)
{
	struct cg_cpumask cpus;

	assert_true(cg_cpulist_parse(text, path, &cpus, NULL));
	nodes->n_cpus += cg_cpumask_count(&cpus);
	cg_cpumask_foreach (cpu, &cpus)
		cg_cpumask_set(&nodes->cpus, cpu);
}

static void add_file(struct nodes *nodes, const struct instance *instance)
{
	g_autofree char *text = instance_text(instance);
	g_autofree char *host = fixture_read(instance->fixture, instance->path + 1, NULL);

	assert_non_null(host);
	cg_cpumask_set(&nodes->visible, instance->index.first);
	if (g_str_has_suffix(instance->path, "/cpulist"))
		add_cpulist(nodes, instance->path, text);
	if (!g_str_has_suffix(instance->path, "/meminfo") && !g_str_has_suffix(instance->path, "/vmstat"))
		return;
	same_lines(instance->path, text, host);
	g_ptr_array_add(g_str_has_suffix(instance->path, "/vmstat") ? nodes->vmstat : nodes->meminfo,
			g_steal_pointer(&text));
}

static struct nodes nodes_of(struct fixture *fixture)
{
	g_autoptr(GPtrArray) all = fixture_instances(fixture);
	struct nodes nodes = { .meminfo = g_ptr_array_new_with_free_func(g_free),
			       .vmstat = g_ptr_array_new_with_free_func(g_free) };

	for (unsigned i = 0; i < all->len; i++) {
		const struct instance *instance = all->pdata[i];

		if (g_str_has_prefix(instance->path, NODES "/node") && !strstr(instance->path, "/hugepages/"))
			add_file(&nodes, instance);
	}
	assert_int_not_equal(nodes.meminfo->len, 0);
	assert_int_equal(nodes.meminfo->len, nodes.vmstat->len);
	return nodes;
}

static uint64_t sum_of(const GPtrArray *texts, const char *label)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < texts->len; i++) {
		const char *line = strstr(texts->pdata[i], label);

		assert_non_null(line);
		sum += g_ascii_strtoull(line + strlen(label), NULL, 10);
	}
	return sum;
}

/* Each label of the nodes' meminfo is one of meminfo's, but for these. */
static uint64_t whole_kb(const char *meminfo, const char *label)
{
	if (strcmp(label, "MemUsed") == 0)
		return meminfo_kb(meminfo, "MemTotal") - meminfo_kb(meminfo, "MemFree");
	if (strcmp(label, "FilePages") == 0)
		return meminfo_kb(meminfo, "Cached") + meminfo_kb(meminfo, "SwapCached");
	return meminfo_kb(meminfo, label);
}

void nodes_add_up_to_meminfo(void **state)
{
	struct fixture *fixture = *state;
	cg_cleanup(nodes_clear) struct nodes nodes = nodes_of(fixture);
	g_autofree char *meminfo = fixture_text(fixture, "/proc/meminfo");
	g_auto(GStrv) lines = lines_of(nodes.meminfo->pdata[0]);

	for (char **line = lines; *line; line++) {
		const char *start = strchr(*line + strlen("Node "), ' ') + 1;
		g_autofree char *label = g_strndup(start, strcspn(start, ":"));
		g_autofree char *found = g_strconcat(" ", label, ":", NULL);
		uint64_t sum = sum_of(nodes.meminfo, found);

		if (sum != whole_kb(meminfo, label))
			fail_msg("%s: the nodes have %" PRIu64 ", not %" PRIu64, label, sum, whole_kb(meminfo, label));
	}
}

/* What a page is used for, that is: what happened is not known by node. */
void nodes_add_up_to_vmstat(void **state)
{
	struct fixture *fixture = *state;
	cg_cleanup(nodes_clear) struct nodes nodes = nodes_of(fixture);
	g_autofree char *vmstat = fixture_text(fixture, "/proc/vmstat");
	g_autofree char *host = fixture_read(fixture, "proc/vmstat", NULL);
	g_auto(GStrv) lines = lines_of(nodes.vmstat->pdata[0]);

	same_lines("/proc/vmstat", vmstat, host);
	for (char **line = lines; *line; line++) {
		g_autofree char *name = g_strndup(*line, strcspn(*line, " "));
		g_autofree char *inner = g_strconcat("\n", name, " ", NULL);
		uint64_t sum, all = 0;

		if (!g_str_has_prefix(name, "nr_") || line == lines || !vmstat_number(vmstat, name, &all))
			continue;
		sum = sum_of(nodes.vmstat, inner);
		if (sum != all)
			fail_msg("%s: the nodes have %" PRIu64 ", not %" PRIu64, name, sum, all);
	}
}

/* Each visible CPU is in one node's list, and no other is. */
void nodes_share_the_cpus(void **state)
{
	struct fixture *fixture = *state;
	cg_cleanup(nodes_clear) struct nodes nodes = nodes_of(fixture);
	g_autofree char *online = fixture_text(fixture, NODES "/online");
	struct cg_cpumask shown, listed;

	view_cpus_show(&fixture->cpus, &fixture->cpus.visible, &shown);
	assert_true(cg_cpumask_equal(&nodes.cpus, &shown));
	assert_int_equal(nodes.n_cpus, fixture->cpus.n);
	assert_true(cg_cpulist_parse(online, "online", &listed, NULL));
	assert_true(cg_cpumask_equal(&nodes.visible, &listed));
}
