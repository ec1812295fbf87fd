/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's Documentation/admin-guide/cgroup-v2.rst.
 */
#include "cgroup/convert.h"
#include "cgroup/group.h"
#include "cgroup/iostat.h"
#include "cgroup/keyed.h"
#include "cgroup/numa.h"
#include "cgroup/pressure.h"
#include "cgroup/reader.h"

#include <stddef.h>

enum file {
	CPU_MAX,
	CPU_STAT,
	CPU_WEIGHT,
	CPUS,
	HUGE_CURRENT,
	HUGE_MAX,
	IO_STAT,
	MEMORY_CURRENT,
	MEMORY_EVENTS,
	MEMORY_HIGH,
	MEMORY_MAX,
	MEMORY_NUMA,
	MEMORY_STAT,
	MEMS,
	PIDS_CURRENT,
	PIDS_MAX,
	PRESSURE_CPU,
	PRESSURE_IO,
	PRESSURE_IRQ,
	PRESSURE_MEMORY,
	SWAP_CURRENT,
	SWAP_MAX,
	FILES
};

G_STATIC_ASSERT(FILES <= DIR_FILES);

/* The hugetlb files of other sizes than the usual one are not kept. */
static const struct reader_file files[FILES] = {
	[CPU_MAX] = { CPU_MAX, "cpu.max" },
	[CPU_STAT] = { CPU_STAT, "cpu.stat" },
	[CPU_WEIGHT] = { CPU_WEIGHT, "cpu.weight" },
	[CPUS] = { CPUS, "cpuset.cpus.effective" },
	[HUGE_CURRENT] = { HUGE_CURRENT, "hugetlb.2MB.current" },
	[HUGE_MAX] = { HUGE_MAX, "hugetlb.2MB.max" },
	[IO_STAT] = { IO_STAT, "io.stat" },
	[MEMORY_CURRENT] = { MEMORY_CURRENT, "memory.current" },
	[MEMORY_EVENTS] = { DIR_NOT_KEPT, "memory.events" },
	[MEMORY_HIGH] = { MEMORY_HIGH, "memory.high" },
	[MEMORY_MAX] = { MEMORY_MAX, "memory.max" },
	[MEMORY_NUMA] = { DIR_NOT_KEPT, "memory.numa_stat" },
	[MEMORY_STAT] = { MEMORY_STAT, "memory.stat" },
	[MEMS] = { MEMS, "cpuset.mems.effective" },
	[PIDS_CURRENT] = { PIDS_CURRENT, "pids.current" },
	[PIDS_MAX] = { PIDS_MAX, "pids.max" },
	[PRESSURE_CPU] = { PRESSURE_CPU, "cpu.pressure" },
	[PRESSURE_IO] = { PRESSURE_IO, "io.pressure" },
	[PRESSURE_IRQ] = { PRESSURE_IRQ, "irq.pressure" },
	[PRESSURE_MEMORY] = { PRESSURE_MEMORY, "memory.pressure" },
	[SWAP_CURRENT] = { SWAP_CURRENT, "memory.swap.current" },
	[SWAP_MAX] = { SWAP_MAX, "memory.swap.max" },
};

static const enum file pressure_files[CG_PRESSURE_KINDS] = {
	[CG_PRESSURE_CPU] = PRESSURE_CPU,
	[CG_PRESSURE_IO] = PRESSURE_IO,
	[CG_PRESSURE_MEMORY] = PRESSURE_MEMORY,
	[CG_PRESSURE_IRQ] = PRESSURE_IRQ,
};

/* memory.stat, and what only the root's usage is made of. */
struct stat {
	struct cg_memory_stat shown;
	uint64_t sock;
};

#define SHOWN(member) offsetof(struct stat, shown.member)

/* In the order of the kernel's memory_stats[] (mm/memcontrol.c). */
static const struct keyed stat_table[] = {
	{ "anon", SHOWN(anon), true },
	{ "file", SHOWN(file), true },
	{ "kernel_stack", SHOWN(kernel_stack), false },
	{ "pagetables", SHOWN(pagetables), false },
	{ "sec_pagetables", SHOWN(sec_pagetables), false },
	{ "percpu", SHOWN(percpu), false },
	{ "sock", offsetof(struct stat, sock), false },
	{ "shmem", SHOWN(shmem), false },
	{ "zswap", SHOWN(zswap), false },
	{ "zswapped", SHOWN(zswapped), false },
	{ "file_mapped", SHOWN(file_mapped), false },
	{ "file_dirty", SHOWN(file_dirty), false },
	{ "file_writeback", SHOWN(file_writeback), false },
	{ "swapcached", SHOWN(swapcached), false },
	{ "anon_thp", SHOWN(anon_thp), false },
	{ "file_thp", SHOWN(file_thp), false },
	{ "shmem_thp", SHOWN(shmem_thp), false },
	{ "inactive_anon", SHOWN(inactive_anon), false },
	{ "active_anon", SHOWN(active_anon), false },
	{ "inactive_file", SHOWN(inactive_file), false },
	{ "active_file", SHOWN(active_file), false },
	{ "unevictable", SHOWN(unevictable), false },
	{ "slab_reclaimable", SHOWN(slab_reclaimable), false },
	{ "slab_unreclaimable", SHOWN(slab_unreclaimable), false },
};

static uint64_t charged(const struct cg_memory_stat *stat)
{
	const uint64_t parts[] = {
		stat->anon,         stat->file,       stat->slab_reclaimable, stat->slab_unreclaimable,
		stat->kernel_stack, stat->pagetables, stat->sec_pagetables,   stat->percpu
	};
	uint64_t sum = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++)
		sum = cg_plus(sum, parts[i]);
	return sum;
}

/* The root has no memory.current: its use is what memory.stat says was charged. */
static bool root_usage(const struct dir *dir, struct level_amount *ret_amount, GError **error)
{
	struct stat stat = { 0 };

	if (!reader_keyed(dir, files[MEMORY_STAT], stat_table, G_N_ELEMENTS(stat_table), &stat, &ret_amount->present,
			  error))
		return false;
	ret_amount->usage = cg_plus(charged(&stat.shown), stat.sock);
	return true;
}

static bool memory(const struct dir *dir, unsigned want, struct level_memory *ret_memory, GError **error)
{
	struct level_memory memory = { .high = CG_UNLIMITED, .swap.limit = CG_UNLIMITED };
	bool usage = want & LEVEL_USAGE;

	if (!reader_amount(dir, files[MEMORY_MAX], files[MEMORY_CURRENT], cg_parse_max, usage, &memory.memory, error))
		return false;
	if (!memory.memory.present && dir_is_root(dir) && !root_usage(dir, &memory.memory, error))
		return false;
	if (!reader_number(dir, files[MEMORY_HIGH], cg_parse_max, &memory.high, NULL, error))
		return false;
	if ((want & LEVEL_SWAP) &&
	    !reader_amount(dir, files[SWAP_MAX], files[SWAP_CURRENT], cg_parse_max, usage, &memory.swap, error))
		return false;
	*ret_memory = memory;
	return true;
}

static bool memory_stat(const struct dir *dir, struct cg_memory_stat *ret_stat, GError **error)
{
	struct stat stat = { 0 };

	if (!reader_keyed(dir, files[MEMORY_STAT], stat_table, G_N_ELEMENTS(stat_table), &stat, NULL, error))
		return false;
	*ret_stat = stat.shown;
	return true;
}

#define EVENT(name) { #name, offsetof(struct cg_memory_events, name), false },

static const struct keyed event_table[] = { CG_MEMORY_EVENTS(EVENT) };

static bool memory_events(const struct dir *dir, struct cg_memory_events *ret_events, bool *ret_present, GError **error)
{
	static const struct keyed table[] = { { "oom_kill", offsetof(struct cg_memory_events, oom_kill), true } };
	struct cg_memory_events events = { 0 };

	if (!reader_keyed(dir, files[MEMORY_STAT], event_table, G_N_ELEMENTS(event_table), &events, ret_present,
			  error) ||
	    !reader_keyed(dir, files[MEMORY_EVENTS], table, G_N_ELEMENTS(table), &events, NULL, error))
		return false;
	*ret_events = events;
	return true;
}

#define NODE(member) offsetof(struct cg_numa_node, stat.member)

/* In the order of the kernel's memory_numa_stat_show(): what memory_stats[] has by node. */
static const struct keyed numa_table[] = {
	{ "anon", NODE(anon), false },
	{ "file", NODE(file), false },
	{ "kernel_stack", NODE(kernel_stack), false },
	{ "pagetables", NODE(pagetables), false },
	{ "sec_pagetables", NODE(sec_pagetables), false },
	{ "shmem", NODE(shmem), false },
	{ "file_mapped", NODE(file_mapped), false },
	{ "file_dirty", NODE(file_dirty), false },
	{ "file_writeback", NODE(file_writeback), false },
	{ "swapcached", NODE(swapcached), false },
	{ "anon_thp", NODE(anon_thp), false },
	{ "file_thp", NODE(file_thp), false },
	{ "shmem_thp", NODE(shmem_thp), false },
	{ "inactive_anon", NODE(inactive_anon), false },
	{ "active_anon", NODE(active_anon), false },
	{ "inactive_file", NODE(inactive_file), false },
	{ "active_file", NODE(active_file), false },
	{ "unevictable", NODE(unevictable), false },
	{ "slab_reclaimable", NODE(slab_reclaimable), false },
	{ "slab_unreclaimable", NODE(slab_unreclaimable), false },
};

static bool parse_numa(const char *text, const char *file, void *into, GError **error)
{
	return numa_parse(text, file, numa_table, G_N_ELEMENTS(numa_table), 1, into, error);
}

static bool numa(const struct dir *dir, struct cg_numa *ret_numa, bool *ret_present, GError **error)
{
	struct cg_numa nodes;

	if (!reader_numa(dir, files[MEMORY_NUMA], parse_numa, &nodes, ret_present, error))
		return false;
	for (unsigned i = 0; i < nodes.n; i++)
		nodes.node[i].usage = charged(&nodes.node[i].stat);
	*ret_numa = nodes;
	return true;
}

static bool hugetlb(const struct dir *dir, uint64_t page_size, struct level_amount *ret_amount, GError **error)
{
	g_autofree char *size = NULL, *max = NULL, *current = NULL;

	if (page_size == 2 << 20)
		return reader_amount(dir, files[HUGE_MAX], files[HUGE_CURRENT], cg_parse_max, true, ret_amount, error);
	size = reader_page_size(page_size);
	max = g_strdup_printf("hugetlb.%s.max", size);
	current = g_strdup_printf("hugetlb.%s.current", size);
	return reader_amount(dir, (struct reader_file){ DIR_NOT_KEPT, max },
			     (struct reader_file){ DIR_NOT_KEPT, current }, cg_parse_max, true, ret_amount, error);
}

/* Since Linux 5.19, in bytes (hugetlb_cgroup_read_numa_stat() of mm/hugetlb_cgroup.c). */
static bool parse_huge_numa(const char *text, const char *file, void *into, GError **error)
{
	static const struct keyed table[] = { { "total", offsetof(struct cg_numa_node, usage), false } };

	return numa_parse(text, file, table, G_N_ELEMENTS(table), 1, into, error);
}

static bool hugetlb_numa(const struct dir *dir, uint64_t page_size, struct cg_numa *ret_numa, bool *ret_present,
			 GError **error)
{
	return reader_hugetlb_numa(dir, page_size, parse_huge_numa, ret_numa, ret_present, error);
}

static bool weight_to_shares(const char *text, const char *file, uint64_t *ret_shares, GError **error)
{
	uint64_t weight;

	if (!cg_parse_u64(text, file, &weight, error))
		return false;
	*ret_shares = cg_weight_to_shares(weight);
	return true;
}

static bool parse_cpu_max(const char *text, const char *file, void *into, GError **error)
{
	struct level_cpu *level = into;

	return cg_parse_cpu_max(text, file, &level->quota_us, &level->period_us, error);
}

static bool cpu(const struct dir *dir, struct level_cpu *ret_cpu, GError **error)
{
	struct level_cpu level = { .quota_us = CG_UNLIMITED, .period_us = 100000 };

	if (!reader_text(dir, files[CPU_MAX], parse_cpu_max, &level, NULL, error))
		return false;
	*ret_cpu = level;
	return true;
}

static bool shares(const struct dir *dir, uint64_t *ret_shares, bool *ret_present, GError **error)
{
	return reader_number(dir, files[CPU_WEIGHT], weight_to_shares, ret_shares, ret_present, error);
}

static bool throttled(const struct dir *dir, uint64_t *ret_us, GError **error)
{
	static const struct keyed table[] = { { "throttled_usec", 0, false } };
	uint64_t us = 0;

	if (!reader_keyed(dir, files[CPU_STAT], table, G_N_ELEMENTS(table), &us, NULL, error))
		return false;
	*ret_us = us;
	return true;
}

/* usage_usec can be a microsecond more than the two: each is rounded down. The sum of what only grows only grows. */
static bool cputime(const struct dir *dir, struct cg_cputime *ret_time, bool *ret_present, GError **error)
{
	static const struct keyed table[] = {
		{ "usage_usec", offsetof(struct cg_cputime, usage_us), true },
		{ "user_usec", offsetof(struct cg_cputime, user_us), true },
		{ "system_usec", offsetof(struct cg_cputime, system_us), true },
	};
	struct cg_cputime time = { 0 };

	if (!reader_keyed(dir, files[CPU_STAT], table, G_N_ELEMENTS(table), &time, ret_present, error))
		return false;
	time.usage_us = cg_plus(time.user_us, time.system_us);
	*ret_time = time;
	return true;
}

static bool cpus(const struct dir *dir, struct cg_cpumask *ret_cpus, GError **error)
{
	return reader_mask(dir, files[CPUS], ret_cpus, NULL, error);
}

static bool mems(const struct dir *dir, struct cg_cpumask *ret_mems, GError **error)
{
	return reader_mask(dir, files[MEMS], ret_mems, NULL, error);
}

static bool pids(const struct dir *dir, struct level_amount *ret_amount, GError **error)
{
	return reader_amount(dir, files[PIDS_MAX], files[PIDS_CURRENT], cg_parse_max, true, ret_amount, error);
}

static bool parse_io(const char *text, const char *file, void *into, GError **error)
{
	return iostat_parse_v2(text, file, into, error);
}

static bool io(const struct dir *dir, struct cg_io *ret_io, bool *ret_present, GError **error)
{
	cg_cleanup(cg_io_clear) struct cg_io stat = { 0 };

	if (!reader_text(dir, files[IO_STAT], parse_io, &stat, ret_present, error))
		return false;
	*ret_io = stat;
	stat.device = NULL;
	return true;
}

static bool parse_pressure(const char *text, const char *file, void *into, GError **error)
{
	return pressure_parse(text, file, into, error);
}

static bool pressure(const struct dir *dir, enum cg_pressure_kind kind, struct cg_pressure *ret_pressure,
		     GError **error)
{
	struct cg_pressure lines = { 0 };

	if (!reader_text(dir, files[pressure_files[kind]], parse_pressure, &lines, NULL, error))
		return false;
	*ret_pressure = lines;
	return true;
}

const struct reader reader_v2 = {
	.memory = memory,
	.memory_stat = memory_stat,
	.memory_events = memory_events,
	.numa = numa,
	.hugetlb = hugetlb,
	.hugetlb_numa = hugetlb_numa,
	.cpu = cpu,
	.shares = shares,
	.throttled = throttled,
	.cputime = cputime,
	.cpus = cpus,
	.mems = mems,
	.pids = pids,
	.io = io,
	.pressure = pressure,
	.processes = "cgroup.procs",
	.threads = "cgroup.threads",
};
