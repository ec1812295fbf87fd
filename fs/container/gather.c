/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/gather_private.h"

#include "cgroup/error.h"
#include "cgroup/nested.h"
#include "fs/container/cgroup_tree.h"
#include "fs/container/each.h"
#include "fs/container/fault.h"
#include "fs/view/cpus.h"

#include <errno.h>

void look_clear(struct look *look)
{
	g_free(look->host_text);
	g_free(look->each);
	g_free(look->nodes);
	g_free(look->disks);
	g_clear_pointer(&look->group, cg_group_unref);
}

bool look_begin(struct look *look, Registry *registry, Container *container, GError **error)
{
	*look = (struct look){ .registry = registry, .host = registry_host(registry), .container = container };
	look->view.page_size = host_page_size(look->host);
	if (!container)
		return true;
	look->group = container_group(container, error);
	return look->group != NULL;
}

/* ---- the CPU view ---- */

static bool look_cpus(struct look *look, GError **error)
{
	struct container_options options = container_options(look->container);
	struct cg_cpumask online, cpuset;
	unsigned ids;

	if (!host_cpus(look->host, &online, &ids, error) || !cg_group_cpus(look->group, &cpuset, error) ||
	    !cg_group_quota(look->group, &look->cpu.quota, error))
		return false;
	if (options.cpu_count == VIEW_CPU_SHARES && !cg_group_shares(look->group, &look->cpu.shares, error))
		return false;
	view_cpus_choose(&look->view.cpus, &online, ids, &cpuset, &look->cpu, options.cpu_count, options.renumber_cpus);
	return true;
}

static bool look_times(struct look *look, GError **error)
{
	cg_cleanup(cg_cputime_clear) struct cg_cputime used = { 0 };
	uint64_t throttled_us;

	if (!cg_group_throttled(look->group, &look->cpu.quota, &throttled_us, error) ||
	    !cg_group_cputime(look->group, &used, error))
		return false;
	look->now_us = host_now_us(look->host);
	look->each = g_new0(struct view_ticks, look->view.cpus.n);
	look->view.times.each = look->each;
	container_cpu_times(look->container, &look->view.cpus, &used, throttled_us, look->cpu.quota.level, look->now_us,
			    &look->view.times.total, look->each);
	return true;
}

/* ---- the clock ---- */

/*
 * A container without a time namespace of its own has been up since its init
 * started. In one, the kernel's rule holds: its boot time clock is the host's
 * shifted, and btime shifted the other way (time_namespaces(7)).
 */
static bool look_clock(struct look *look, GError **error)
{
	uint64_t now_us = look->now_us ? look->now_us : host_now_us(look->host);
	uint64_t up_us = cg_minus(now_us, container_start_us(look->container));
	uint64_t btime_s;
	int64_t shift_us;

	if (!host_btime_s(look->host, &btime_s, error))
		return false;
	if (container_boot_offset_us(look->container, &shift_us)) {
		up_us = shift_us < 0 ? cg_minus(now_us, -(uint64_t)shift_us) : now_us + (uint64_t)shift_us;
		btime_s = (uint64_t)((int64_t)btime_s - shift_us / G_USEC_PER_SEC);
	}
	look->view.clock = (struct view_clock){
		.uptime_cs = up_us / (G_USEC_PER_SEC / VIEW_HZ),
		.idle_cs = look->view.times.total.idle,
		.btime_s = btime_s,
	};
	return true;
}

/* ---- the host's own text ---- */

static bool look_host(struct look *look, GError **error)
{
	g_autofree char *path = each_host_path(look->host, look->row, look->index);

	look->host_text = (look->row->layout ? host_read_layout : host_read)(look->host, path, error);
	/* Only a machine without disks has nothing to say of them. */
	if (look->host_text && !*look->host_text && !(look->row->needs & VIEW_IO))
		return cg_fail(error, EIO, "%s: the host's file is empty", path);
	look->view.host = look->host_text;
	return look->host_text != NULL;
}

/* ---- threads ---- */

/*
 * Whoever reads runs: the kernel counts the reader of its own file, while ours
 * sleeps until it is answered.
 */
static bool look_tasks(struct look *look, GError **error)
{
	struct view_tasks *tasks = &look->view.tasks;

	if (!container_tasks(look->container, tasks, error))
		return false;
	tasks->running = MIN(tasks->running + 1, tasks->total);
	return true;
}

static bool look_load(struct look *look, GError **error)
{
	(void)error;
	look->view.load = container_load(look->container);
	return true;
}

/* ---- cgroups ---- */

static bool look_cgroups(struct look *look, GError **error)
{
	const CgHierarchies *hierarchies = registry_hierarchies(look->registry);
	struct view_cgroups *cgroups = &look->view.cgroups;

	/* Whoever has no cgroup is not told of the others, as in the cgroup tree. */
	for (enum cg_controller c = 0; c < CG_CONTROLLERS && !cg_group_is_host(look->group); c++) {
		int version = cg_hierarchies_version(hierarchies, c);

		if (version == 2 && c == CG_CORE && !cg_group_count(look->group, c, &cgroups->unified, error))
			return false;
		if (version == 1 && !cg_group_count(look->group, c, &cgroups->of[c], error))
			return false;
	}
	return true;
}

/* ---- one row ---- */

/* In the order in which they are looked at: what is implied comes before what implies it. */
static const struct {
	unsigned need, implies;
	bool (*look)(struct look *look, GError **error);
} looks[] = {
	{ VIEW_CPUS, 0, look_cpus },
	{ VIEW_HOST, 0, look_host },
	{ VIEW_MEMORY, 0, look_memory },
	{ VIEW_NODES, 0, look_nodes },
	{ VIEW_NUMA, VIEW_NODES | VIEW_MEMORY | VIEW_CPUS, look_numa },
	{ VIEW_HUGE, 0, look_huge },
	{ VIEW_EVENTS, 0, look_events },
	{ VIEW_TIMES, VIEW_CPUS, look_times },
	{ VIEW_CLOCK, VIEW_TIMES, look_clock },
	{ VIEW_TASKS, 0, look_tasks },
	{ VIEW_LOAD, 0, look_load },
	{ VIEW_IO, 0, look_io },
	{ VIEW_PRESSURE, 0, look_pressure },
	{ VIEW_CGROUPS, 0, look_cgroups },
};

unsigned gather_needs(unsigned needs)
{
	for (unsigned i = G_N_ELEMENTS(looks); i-- > 0;)
		needs |= needs & looks[i].need ? looks[i].implies : 0;
	return needs;
}

bool look_at(struct look *look, unsigned needs, GError **error)
{
	needs = gather_needs(needs);
	for (unsigned i = 0; i < G_N_ELEMENTS(looks); i++) {
		if (needs & looks[i].need && !looks[i].look(look, error))
			return false;
	}
	return true;
}

bool gather_is_constant(const struct row *row)
{
	return (row->needs & ~VIEW_OF_HOST) == 0;
}

/* What is the same for everyone was found by whom it is for (entries.h): for that no container is looked at again. */
static bool look_at_row(struct look *look, GError **error)
{
	unsigned needs = look->container ? each_needs(look->row) : 0;

	if (!look_at(look, needs, error))
		return false;
	if (needs && !each_is_seen(&look->view, look->row, look->index))
		return cg_fail(error, ENOENT, "%s: number %u is not the container's", look->row->path,
			       look->index.first);
	return look_at(look, look->row->needs & ~needs, error);
}

GString *gather_text(Registry *registry, Container *container, const struct row *row, struct gather_index index,
		     GError **error)
{
	cg_cleanup(look_clear) struct look look = { 0 };
	GString *text;

	if (row_in_tree(row))
		return cgroup_tree_text(registry, container, row, index, 0, error);
	if (!look_begin(&look, registry, container, error))
		return NULL;
	look.row = row;
	look.index = index;
	look.view.cpu = look.view.block = look.view.node = look.view.minor = index.first;
	look.view.major = index.second;
	(void)each_number(row, index, ROW_EACH_HOME, &look.view.node);
	if (!look_at_row(&look, error))
		return NULL;
	text = g_string_sized_new(2048);
	fault_strike(row->path);
	row->render(&look.view, text);
	return text;
}
