/* SPDX-License-Identifier: Apache-2.0
 *
 * One level in the kernel's words: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.
 */
#include "tests/property/trees_files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* ---- files ---- */

/* Without O_TRUNC: some file systems write a file that was emptied to the disk at once. */
void tree_put(int dirfd, const char *name, const char *text)
{
	size_t length = strlen(text);
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	g_assert(fd >= 0 && write(fd, text, length) == (ssize_t)length && ftruncate(fd, (off_t)length) == 0);
	close(fd);
}

/* The file is there or not. */
void tree_put_if(bool there, int dirfd, const char *name, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (!there) {
		unlinkat(dirfd, name, 0);
		return;
	}
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	tree_put(dirfd, name, text);
}

static void put_number(bool there, int dirfd, const char *name, uint64_t number)
{
	tree_put_if(there, dirfd, name, "%" G_GUINT64_FORMAT "\n", number);
}

/* No limit: the largest multiple of a page in v1 (PAGE_COUNTER_MAX of include/linux/page_counter.h). */
static void put_limit(bool there, int dirfd, int version, const char *name, uint64_t limit)
{
	if (version == 2 && limit == CG_UNLIMITED)
		tree_put_if(there, dirfd, name, "max\n");
	else
		put_number(there, dirfd, name, MIN(limit, (UINT64_C(1) << 63) - 4096));
}

/* ---- memory ---- */

static const char *const stat_keys[][30] = {
	{ "total_cache", "total_rss", "total_rss_huge", "total_shmem", "total_mapped_file", "total_dirty",
	  "total_writeback", "total_swapcached", "total_inactive_anon", "total_active_anon", "total_inactive_file",
	  "total_active_file", "total_unevictable", "cache", "rss", "inactive_anon", "active_file" },
	{ "anon",           "file",          "kernel_stack", "pagetables",  "sec_pagetables",   "percpu",
	  "sock",           "shmem",         "zswap",        "zswapped",    "file_mapped",      "file_dirty",
	  "file_writeback", "swapcached",    "anon_thp",     "file_thp",    "shmem_thp",        "inactive_anon",
	  "active_anon",    "inactive_file", "active_file",  "unevictable", "slab_reclaimable", "slab_unreclaimable" },
};

/* The first two keys are in every kernel's. Sums of two stay below 2^63. */
static void put_stat(struct random_case *random, bool there, int dirfd, int version)
{
	const char *const *keys = stat_keys[version - 1];
	g_autoptr(GString) text = g_string_new(NULL);
	uint64_t most = (UINT64_C(1) << (random_one_in(random, 2) ? 30 : 62)) - 1;

	for (unsigned i = 0; keys[i]; i++)
		if (i < 2 || !random_one_in(random, 16))
			g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", keys[i], random_wild(random) & most);
	tree_put_if(there, dirfd, "memory.stat", "%s", text->str);
}

static void put_memory(struct random_case *random, int fd, int version, const struct tree_level *level)
{
	static const char *const names[2][4] = {
		{ "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.memsw.limit_in_bytes",
		  "memory.memsw.usage_in_bytes" },
		{ "memory.max", "memory.current", "memory.swap.max", "memory.swap.current" },
	};
	const char *const *name = names[version - 1];
	bool swap = level->memory && level->swap;

	put_limit(level->memory, fd, version, name[0], level->limit);
	put_number(level->memory, fd, name[1], level->usage);
	put_limit(swap, fd, version, name[2], level->swap_limit);
	put_number(swap, fd, name[3], level->swap_usage);
	put_stat(random, level->memory, fd, version);
}

static void put_hugetlb(int fd, int version, const struct tree_level *level)
{
	bool v1 = version == 1;

	put_limit(level->hugetlb, fd, version, v1 ? "hugetlb.2MB.limit_in_bytes" : "hugetlb.2MB.max",
		  level->huge_limit);
	put_number(level->hugetlb, fd, v1 ? "hugetlb.2MB.usage_in_bytes" : "hugetlb.2MB.current", level->huge_usage);
}

/* ---- CPUs ---- */

char *tree_cpu_list(uint32_t set)
{
	GString *text = g_string_new(NULL);

	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		if (set & TREE_BIT(cpu))
			g_string_append_printf(text, "%s%u", text->len ? "," : "", cpu);
	g_string_append_c(text, '\n');
	return g_string_free(text, FALSE);
}

/* Before Linux 3.17 v1 had the configured set alone. */
static void put_cpuset(int fd, int version, const struct tree_level *level)
{
	g_autofree char *list = tree_cpu_list(level->cpus);
	bool old = level->old_cpuset;

	if (version == 2) {
		tree_put_if(level->cpuset, fd, "cpuset.cpus.effective", "%s", list);
		return;
	}
	tree_put_if(level->cpuset && !old, fd, "cpuset.effective_cpus", "%s", list);
	tree_put_if(level->cpuset, fd, "cpuset.cpus", "%s", old ? list : "0-23\n");
}

static uint64_t used(const struct tree_level *level)
{
	uint64_t us = 0;

	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		us += level->used_us[cpu];
	return us;
}

static void put_cpu_v1(int fd, const struct tree_level *level)
{
	bool limited = level->quota_us != CG_UNLIMITED;

	put_number(level->cpu, fd, "cpu.cfs_period_us", level->period_us);
	if (limited)
		put_number(level->cpu, fd, "cpu.cfs_quota_us", level->quota_us);
	else
		tree_put_if(level->cpu, fd, "cpu.cfs_quota_us", "-1\n");
	tree_put_if(level->cpu, fd, "cpu.stat", "nr_periods 1\nnr_throttled 1\nthrottled_time %" G_GUINT64_FORMAT "\n",
		    level->throttled_us * 1000);
}

/* The times are in cpu.stat without the controller, too. */
static void put_cpu_v2(int fd, const struct tree_level *level)
{
	g_autofree char *quota = level->quota_us == CG_UNLIMITED
					 ? g_strdup("max")
					 : g_strdup_printf("%" G_GUINT64_FORMAT, level->quota_us);
	g_autoptr(GString) stat = g_string_new(NULL);
	uint64_t us = used(level);

	g_string_append_printf(stat,
			       "usage_usec %" G_GUINT64_FORMAT "\nuser_usec %" G_GUINT64_FORMAT
			       "\nsystem_usec %" G_GUINT64_FORMAT "\n",
			       us, us - us / 4, us / 4);
	if (level->cpu)
		g_string_append_printf(stat, "nr_periods 1\nnr_throttled 1\nthrottled_usec %" G_GUINT64_FORMAT "\n",
				       level->throttled_us);
	tree_put_if(level->cpu, fd, "cpu.max", "%s %" G_GUINT64_FORMAT "\n", quota, level->period_us);
	tree_put(fd, "cpu.stat", stat->str);
}

static void put_cpuacct(int fd, const struct tree_level *level)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		g_string_append_printf(text, "%" G_GUINT64_FORMAT " ", level->used_us[cpu] * 1000);
	tree_put_if(level->cpuacct, fd, "cpuacct.usage_percpu", "%s\n", text->str);
	tree_put_if(level->cpuacct, fd, "cpuacct.stat", "user %" G_GUINT64_FORMAT "\nsystem %" G_GUINT64_FORMAT "\n",
		    used(level) / 20000, used(level) / 20000);
}

void tree_put_cpus(int fd, const struct tree_hierarchy *hierarchy, const struct tree_level *level)
{
	bool v2 = hierarchy->version == 2;

	if (hierarchy->controllers & TREE_BIT(CG_CPUSET))
		put_cpuset(fd, hierarchy->version, level);
	if (hierarchy->controllers & TREE_BIT(CG_CPUACCT) && !v2)
		put_cpuacct(fd, level);
	if (hierarchy->controllers & TREE_BIT(CG_CPU))
		(v2 ? put_cpu_v2 : put_cpu_v1)(fd, level);
}

void tree_put_level(struct random_case *random, int fd, const struct tree_hierarchy *hierarchy,
		    const struct tree_level *level)
{
	if (hierarchy->controllers & TREE_BIT(CG_MEMORY))
		put_memory(random, fd, hierarchy->version, level);
	if (hierarchy->controllers & TREE_BIT(CG_HUGETLB))
		put_hugetlb(fd, hierarchy->version, level);
	tree_put_cpus(fd, hierarchy, level);
}
