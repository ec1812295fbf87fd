/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's Documentation/admin-guide/cgroup-v1/. Memory is taken to be
 * hierarchical (use_hierarchy), as runtimes and systemd set it and kernels from 5.11 do always.
 */
#include "cgroup/convert.h"
#include "cgroup/cpuacct.h"
#include "cgroup/group.h"
#include "cgroup/iostat.h"
#include "cgroup/numa.h"
#include "cgroup/reader.h"

#include <stddef.h>
#include <unistd.h>

enum { NS_A_US = 1000 };

enum file {
	CPU_PERIOD,
	CPU_QUOTA,
	CPU_SHARES,
	CPU_STAT,
	CPUACCT_PERCPU,
	CPUACCT_STAT,
	CPUACCT_USAGE_ALL,
	CPUS,
	CPUS_CONFIGURED,
	HUGE_LIMIT,
	HUGE_USAGE,
	IO_BYTES,
	IO_IOS,
	MEMORY_LIMIT,
	MEMORY_NUMA,
	MEMORY_OOM,
	MEMORY_STAT,
	MEMORY_USAGE,
	MEMS,
	MEMS_CONFIGURED,
	MEMSW_LIMIT,
	MEMSW_USAGE,
	PIDS_CURRENT,
	PIDS_MAX,
	FILES
};

G_STATIC_ASSERT(FILES <= DIR_FILES);

static const struct reader_file files[FILES] = {
	[CPU_PERIOD] = { CPU_PERIOD, "cpu.cfs_period_us" },
	[CPU_QUOTA] = { CPU_QUOTA, "cpu.cfs_quota_us" },
	[CPU_SHARES] = { CPU_SHARES, "cpu.shares" },
	[CPU_STAT] = { CPU_STAT, "cpu.stat" },
	[CPUACCT_PERCPU] = { CPUACCT_PERCPU, "cpuacct.usage_percpu" },
	[CPUACCT_STAT] = { CPUACCT_STAT, "cpuacct.stat" },
	[CPUACCT_USAGE_ALL] = { CPUACCT_USAGE_ALL, "cpuacct.usage_all" },
	[CPUS] = { CPUS, "cpuset.effective_cpus" },
	[CPUS_CONFIGURED] = { CPUS_CONFIGURED, "cpuset.cpus" },
	[HUGE_LIMIT] = { HUGE_LIMIT, "hugetlb.2MB.limit_in_bytes" },
	[HUGE_USAGE] = { HUGE_USAGE, "hugetlb.2MB.usage_in_bytes" },
	[IO_BYTES] = { IO_BYTES, "blkio.throttle.io_service_bytes_recursive" },
	[IO_IOS] = { IO_IOS, "blkio.throttle.io_serviced_recursive" },
	[MEMORY_LIMIT] = { MEMORY_LIMIT, "memory.limit_in_bytes" },
	[MEMORY_OOM] = { DIR_NOT_KEPT, "memory.oom_control" },
	[MEMORY_NUMA] = { DIR_NOT_KEPT, "memory.numa_stat" },
	[MEMORY_STAT] = { MEMORY_STAT, "memory.stat" },
	[MEMORY_USAGE] = { MEMORY_USAGE, "memory.usage_in_bytes" },
	[MEMS] = { MEMS, "cpuset.effective_mems" },
	[MEMS_CONFIGURED] = { MEMS_CONFIGURED, "cpuset.mems" },
	[MEMSW_LIMIT] = { MEMSW_LIMIT, "memory.memsw.limit_in_bytes" },
	[MEMSW_USAGE] = { MEMSW_USAGE, "memory.memsw.usage_in_bytes" },
	[PIDS_CURRENT] = { PIDS_CURRENT, "pids.current" },
	[PIDS_MAX] = { PIDS_MAX, "pids.max" },
};

#define STAT(member) offsetof(struct cg_memory_stat, member)

/*
 * The totals with the descendants; without "total_" a key is the cgroup's
 * alone. In the order of memcg1_stats[] (mm/memcontrol-v1.c).
 */
static const struct keyed stat_table[] = {
	{ "total_cache", STAT(file), true },
	{ "total_rss", STAT(anon), true },
	{ "total_rss_huge", STAT(anon_thp), false },
	{ "total_shmem", STAT(shmem), false },
	{ "total_mapped_file", STAT(file_mapped), false },
	{ "total_dirty", STAT(file_dirty), false },
	{ "total_writeback", STAT(file_writeback), false },
	{ "total_swapcached", STAT(swapcached), false },
	{ "total_inactive_anon", STAT(inactive_anon), false },
	{ "total_active_anon", STAT(active_anon), false },
	{ "total_inactive_file", STAT(inactive_file), false },
	{ "total_active_file", STAT(active_file), false },
	{ "total_unevictable", STAT(unevictable), false },
};

/* memsw counts memory and swap together. */
static void swap_of(const struct level_amount *memory, const struct level_amount *memsw, struct level_amount *ret_swap)
{
	ret_swap->present = memsw->present;
	ret_swap->limit = memsw->limit == CG_UNLIMITED ? CG_UNLIMITED : cg_minus(memsw->limit, memory->limit);
	ret_swap->usage = cg_minus(memsw->usage, memory->usage);
}

static bool memory(const struct dir *dir, unsigned want, struct level_memory *ret_memory, GError **error)
{
	struct level_memory level = { .high = CG_UNLIMITED, .swap.limit = CG_UNLIMITED };
	struct level_amount memsw;
	bool usage = want & LEVEL_USAGE;

	if (!reader_amount(dir, files[MEMORY_LIMIT], files[MEMORY_USAGE], cg_parse_v1_limit, usage, &level.memory,
			   error))
		return false;
	if (want & LEVEL_SWAP) {
		if (!reader_amount(dir, files[MEMSW_LIMIT], files[MEMSW_USAGE], cg_parse_v1_limit, usage, &memsw,
				   error))
			return false;
		swap_of(&level.memory, &memsw, &level.swap);
	}
	*ret_memory = level;
	return true;
}

static bool memory_stat(const struct dir *dir, struct cg_memory_stat *ret_stat, GError **error)
{
	struct cg_memory_stat stat = { 0 };

	if (!reader_keyed(dir, files[MEMORY_STAT], stat_table, G_N_ELEMENTS(stat_table), &stat, NULL, error))
		return false;
	*ret_stat = stat;
	return true;
}

#define EVENT(name) { "total_" #name, offsetof(struct cg_memory_events, name), false },

static const struct keyed event_table[] = { CG_MEMORY_EVENTS(EVENT) };

static bool memory_events(const struct dir *dir, struct cg_memory_events *ret_events, bool *ret_present, GError **error)
{
	static const struct keyed table[] = { { "oom_kill", offsetof(struct cg_memory_events, oom_kill), false } };
	struct cg_memory_events events = { 0 };

	if (!reader_keyed(dir, files[MEMORY_STAT], event_table, G_N_ELEMENTS(event_table), &events, ret_present,
			  error) ||
	    !reader_keyed(dir, files[MEMORY_OOM], table, G_N_ELEMENTS(table), &events, NULL, error))
		return false;
	*ret_events = events;
	return true;
}

/* With the descendants (Linux 3.13), as in memory.stat; memcg_numa_stat_show() of mm/memcontrol-v1.c. */
static const struct keyed numa_table[] = {
	{ "hierarchical_total", offsetof(struct cg_numa_node, usage), false },
	{ "hierarchical_file", offsetof(struct cg_numa_node, stat.file), false },
	{ "hierarchical_anon", offsetof(struct cg_numa_node, stat.anon), false },
	{ "hierarchical_unevictable", offsetof(struct cg_numa_node, stat.unevictable), false },
};

static bool parse_numa(const char *text, const char *file, void *into, GError **error)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);

	return numa_parse(text, file, numa_table, G_N_ELEMENTS(numa_table), page_size, into, error);
}

static bool numa(const struct dir *dir, struct cg_numa *ret_numa, bool *ret_present, GError **error)
{
	return reader_numa(dir, files[MEMORY_NUMA], parse_numa, ret_numa, ret_present, error);
}

static bool hugetlb(const struct dir *dir, uint64_t page_size, struct level_amount *ret_amount, GError **error)
{
	g_autofree char *size = NULL, *limit = NULL, *usage = NULL;

	if (page_size == 2 << 20)
		return reader_amount(dir, files[HUGE_LIMIT], files[HUGE_USAGE], cg_parse_v1_limit, true, ret_amount,
				     error);
	size = reader_page_size(page_size);
	limit = g_strdup_printf("hugetlb.%s.limit_in_bytes", size);
	usage = g_strdup_printf("hugetlb.%s.usage_in_bytes", size);
	return reader_amount(dir, (struct reader_file){ DIR_NOT_KEPT, limit },
			     (struct reader_file){ DIR_NOT_KEPT, usage }, cg_parse_v1_limit, true, ret_amount, error);
}

/* Since Linux 5.19, in bytes (hugetlb_cgroup_read_numa_stat() of mm/hugetlb_cgroup.c). */
static bool parse_huge_numa(const char *text, const char *file, void *into, GError **error)
{
	static const struct keyed table[] = { { "hierarchical_total", offsetof(struct cg_numa_node, usage), false } };

	return numa_parse(text, file, table, G_N_ELEMENTS(table), 1, into, error);
}

static bool hugetlb_numa(const struct dir *dir, uint64_t page_size, struct cg_numa *ret_numa, bool *ret_present,
			 GError **error)
{
	return reader_hugetlb_numa(dir, page_size, parse_huge_numa, ret_numa, ret_present, error);
}

static bool parse_period(const char *text, const char *file, uint64_t *ret_us, GError **error)
{
	uint64_t us;

	if (!cg_parse_u64(text, file, &us, error))
		return false;
	if (us == 0)
		return cg_fail_text(error, file, "a period", text);
	*ret_us = us;
	return true;
}

static bool cpu(const struct dir *dir, struct level_cpu *ret_cpu, GError **error)
{
	struct level_cpu level = { .quota_us = CG_UNLIMITED, .period_us = 100000 };

	if (!reader_number(dir, files[CPU_QUOTA], cg_parse_v1_quota, &level.quota_us, NULL, error) ||
	    (level.quota_us != CG_UNLIMITED &&
	     !reader_number(dir, files[CPU_PERIOD], parse_period, &level.period_us, NULL, error)))
		return false;
	*ret_cpu = level;
	return true;
}

static bool shares(const struct dir *dir, uint64_t *ret_shares, bool *ret_present, GError **error)
{
	return reader_number(dir, files[CPU_SHARES], cg_parse_u64, ret_shares, ret_present, error);
}

static bool throttled(const struct dir *dir, uint64_t *ret_us, GError **error)
{
	static const struct keyed table[] = { { "throttled_time", 0, false } };
	uint64_t ns = 0;

	if (!reader_keyed(dir, files[CPU_STAT], table, G_N_ELEMENTS(table), &ns, NULL, error))
		return false;
	*ret_us = ns / NS_A_US;
	return true;
}

static bool parse_percpu(const char *text, const char *file, void *into, GError **error)
{
	return cpuacct_parse_percpu(text, file, into, error);
}

static bool parse_usage_all(const char *text, const char *file, void *into, GError **error)
{
	return cpuacct_parse_usage_all(text, file, into, error);
}

static bool parse_stat(const char *text, const char *file, void *into, GError **error)
{
	return cpuacct_parse_stat(text, file, into, error);
}

/* usage_all (4.7) is in nanoseconds; cpuacct.stat, in ticks, is always there. */
static bool split(const struct dir *dir, struct cpuacct_split *ret_split, GError **error)
{
	bool present;

	if (!reader_text(dir, files[CPUACCT_USAGE_ALL], parse_usage_all, ret_split, &present, error))
		return false;
	return present || reader_text(dir, files[CPUACCT_STAT], parse_stat, ret_split, NULL, error);
}

static bool cputime(const struct dir *dir, struct cg_cputime *ret_time, bool *ret_present, GError **error)
{
	cg_cleanup(cg_cputime_clear) struct cg_cputime time = { 0 };
	struct cpuacct_split parts = { 0 };

	if (!reader_text(dir, files[CPUACCT_PERCPU], parse_percpu, &time, ret_present, error))
		return false;
	if (*ret_present && !split(dir, &parts, error))
		return false;
	cpuacct_divide(&time, &parts);
	*ret_time = time;
	time.percpu_us = NULL;
	return true;
}

/* The effective set (3.17), or the configured one. */
static bool effective(const struct dir *dir, enum file now, enum file configured, struct cg_cpumask *ret,
		      GError **error)
{
	bool present;

	if (!reader_mask(dir, files[now], ret, &present, error))
		return false;
	return present || reader_mask(dir, files[configured], ret, NULL, error);
}

static bool cpus(const struct dir *dir, struct cg_cpumask *ret_cpus, GError **error)
{
	return effective(dir, CPUS, CPUS_CONFIGURED, ret_cpus, error);
}

static bool mems(const struct dir *dir, struct cg_cpumask *ret_mems, GError **error)
{
	return effective(dir, MEMS, MEMS_CONFIGURED, ret_mems, error);
}

static bool pids(const struct dir *dir, struct level_amount *ret_amount, GError **error)
{
	return reader_amount(dir, files[PIDS_MAX], files[PIDS_CURRENT], cg_parse_max, true, ret_amount, error);
}

static bool parse_bytes(const char *text, const char *file, void *into, GError **error)
{
	return iostat_parse_v1(text, file, IOSTAT_BYTES, into, error);
}

static bool parse_ios(const char *text, const char *file, void *into, GError **error)
{
	return iostat_parse_v1(text, file, IOSTAT_IOS, into, error);
}

static bool io(const struct dir *dir, struct cg_io *ret_io, bool *ret_present, GError **error)
{
	cg_cleanup(cg_io_clear) struct cg_io stat = { 0 };
	bool bytes, ios;

	if (!reader_text(dir, files[IO_BYTES], parse_bytes, &stat, &bytes, error) ||
	    !reader_text(dir, files[IO_IOS], parse_ios, &stat, &ios, error))
		return false;
	*ret_present = bytes || ios;
	*ret_io = stat;
	stat.device = NULL;
	return true;
}

/* v1 has none. */
static bool pressure(const struct dir *dir, enum cg_pressure_kind kind, struct cg_pressure *ret_pressure,
		     GError **error)
{
	*ret_pressure = (struct cg_pressure){ 0 };
	return true;
}

const struct reader reader_v1 = {
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
	.threads = "tasks",
};
