/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/gather.h"

#include "cgroup/cpulist.h"
#include "cgroup/error.h"
#include "fs/container/fault.h"
#include "fs/view/cpus.h"
#include "fs/view/text.h"

#include <errno.h>
#include <string.h>

/* What is looked at for one text: where from, for whom, and what was found. */
struct look {
	Registry *registry;
	const Host *host;
	Container *container;
	CgGroup *group;
	uint64_t now_us;
	struct cg_cpu cpu; /* filled with the CPU view */
	struct view view;
	char *host_text;
	struct view_ticks *each;
};

static void look_clear(struct look *look)
{
	g_free(look->host_text);
	g_free(look->each);
	g_clear_pointer(&look->group, cg_group_unref);
}

static bool look_begin(struct look *look, Registry *registry, Container *container, GError **error)
{
	*look = (struct look){ .registry = registry, .host = registry_host(registry), .container = container };
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

/* ---- memory ---- */

/* The bytes behind a label of the host's meminfo; 0 where the kernel has no such line. */
static uint64_t meminfo_bytes(const char *meminfo, const char *label)
{
	const char *cursor = meminfo;
	struct text_line line;

	while (text_next_line(&cursor, &line)) {
		if (text_has_label(&line, label))
			return g_ascii_strtoull(line.start + strlen(label), NULL, 10) * 1024;
	}
	return 0;
}

/* The root cgroup is the host itself; on v2 it has no swap files of its own. */
static bool is_memory_root(const CgGroup *group)
{
	return g_strcmp0(cg_group_paths(group)->of[CG_MEMORY], "/") == 0;
}

static void look_host_swap(struct look *look, const char *meminfo)
{
	look->view.memory.has_swap = true;
	look->view.memory.swap_usage = cg_minus(look->view.host_swap, meminfo_bytes(meminfo, "SwapFree:"));
}

/* The host's amounts are those of its own meminfo, which for that row has been read already. */
static bool look_memory(struct look *look, const struct row *row, GError **error)
{
	g_autofree char *own_text = NULL;
	const char *meminfo = look->host_text;
	uint64_t page_size;

	if (!meminfo || strcmp(row->path, "/proc/meminfo") != 0) {
		meminfo = own_text = host_read(look->host, "/proc/meminfo", error);
		if (!meminfo)
			return false;
	}
	look->view.host_memory = meminfo_bytes(meminfo, "MemTotal:");
	look->view.host_swap = meminfo_bytes(meminfo, "SwapTotal:");
	if (look->view.host_memory == 0)
		return cg_fail(error, EINVAL, "/proc/meminfo: no MemTotal");
	page_size = meminfo_bytes(meminfo, "Hugepagesize:");
	if (!cg_group_memory(look->group, &look->view.memory, error))
		return false;
	if (is_memory_root(look->group) && !look->view.memory.has_swap)
		look_host_swap(look, meminfo);
	return (page_size == 0 || cg_group_hugetlb(look->group, page_size, &look->view.hugetlb, error));
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

/* The row's path with the physical CPU and the cache put in the places of "%". */
static char *host_path(const struct row *row, unsigned cpu, unsigned cache)
{
	GString *path = g_string_new(NULL);
	unsigned number = cpu;

	for (const char *c = row->path; *c; c++) {
		if (*c != '%') {
			g_string_append_c(path, *c);
			continue;
		}
		g_string_append_printf(path, "%u", number);
		number = cache;
	}
	return g_string_free(path, FALSE);
}

static bool look_host(struct look *look, const struct row *row, struct gather_index index, GError **error)
{
	g_autofree char *path = host_path(row, look->view.cpu, index.cache);

	look->host_text = host_read(look->host, path, error);
	if (look->host_text && !*look->host_text)
		return cg_fail(error, EIO, "%s: the host's file is empty", path);
	look->view.host = look->host_text;
	return look->host_text != NULL;
}

/* ---- one row ---- */

static bool row_is_of_a_cpu(const struct row *row)
{
	return strchr(row->path, '%') != NULL;
}

bool gather_is_constant(const struct row *row)
{
	return (row->needs & ~(unsigned)VIEW_HOST) == 0;
}

/* A row of one CPU shows nothing of a CPU that the container does not see. */
static bool look_at_cpu(struct look *look, const struct row *row, GError **error)
{
	if (!row_is_of_a_cpu(row) || cg_cpumask_has(&look->view.cpus.visible, look->view.cpu))
		return true;
	return cg_fail(error, ENOENT, "%s: CPU %u is not visible", row->path, look->view.cpu);
}

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

static bool look_at(struct look *look, const struct row *row, struct gather_index index, GError **error)
{
	unsigned needs = row->needs;

	if (needs & VIEW_CLOCK)
		needs |= VIEW_TIMES;
	if (needs & VIEW_TIMES)
		needs |= VIEW_CPUS;
	look->view.cpu = index.cpu;
	if (needs & VIEW_CPUS && (!look_cpus(look, error) || !look_at_cpu(look, row, error)))
		return false;
	if (needs & VIEW_HOST && !look_host(look, row, index, error))
		return false;
	if (needs & VIEW_MEMORY && !look_memory(look, row, error))
		return false;
	if (needs & VIEW_TIMES && !look_times(look, error))
		return false;
	if (needs & VIEW_CLOCK && !look_clock(look, error))
		return false;
	if (needs & VIEW_TASKS && !look_tasks(look, error))
		return false;
	if (needs & VIEW_LOAD)
		look->view.load = container_load(look->container);
	return true;
}

GString *gather_text(Registry *registry, Container *container, const struct row *row, struct gather_index index,
		     GError **error)
{
	cg_cleanup(look_clear) struct look look = { 0 };
	GString *text;

	if (!look_begin(&look, registry, container, error) || !look_at(&look, row, index, error))
		return NULL;
	text = g_string_sized_new(2048);
	fault_strike(row->path);
	row->render(&look.view, text);
	return text;
}

bool gather_cpus(Registry *registry, Container *container, struct view_cpus *ret_cpus, GError **error)
{
	cg_cleanup(look_clear) struct look look = { 0 };

	if (!look_begin(&look, registry, container, error) || !look_cpus(&look, error))
		return false;
	*ret_cpus = look.view.cpus;
	return true;
}

bool gather_exists(const Host *host, const struct view_cpus *cpus, const struct row *row, struct gather_index index)
{
	g_autofree char *path = NULL;

	if (row_is_of_a_cpu(row) && !cg_cpumask_has(&cpus->visible, index.cpu))
		return false;
	if (!(row->needs & VIEW_HOST) && row->kind != ROW_EACH_CACHE)
		return true;
	path = host_path(row, index.cpu, index.cache);
	return host_exists(host, path);
}
