/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/coverage.h"

#include "fs/container/gather.h"

/* What cgroup/v1.c and cgroup/v2.c read, and gather.c beside them. */
static const struct source {
	unsigned need;
	const char *v1, *v2;
} sources[] = {
	{ VIEW_MEMORY,
	  "memory.limit_in_bytes memory.usage_in_bytes memory.memsw.* memory.stat hugetlb.*.limit_in_bytes "
	  "hugetlb.*.usage_in_bytes",
	  "memory.max memory.current memory.swap.max memory.swap.current memory.stat hugetlb.*.max hugetlb.*.current" },
	{ VIEW_NUMA, "memory.numa_stat", "memory.numa_stat" },
	{ VIEW_NODES, "cpuset.effective_mems", "cpuset.mems.effective" },
	{ VIEW_CPUS, "cpuset.effective_cpus cpu.cfs_quota_us cpu.cfs_period_us cpu.shares",
	  "cpuset.cpus.effective cpu.max cpu.weight" },
	{ VIEW_TIMES, "cpuacct.usage_percpu cpuacct.stat cpu.stat", "cpu.stat" },
	{ VIEW_CLOCK, "init's /proc/PID/stat, timens_offsets", "init's /proc/PID/stat, timens_offsets" },
	{ VIEW_TASKS, "tasks and their /proc/PID/stat, status", "cgroup.threads and their /proc/PID/stat, status" },
	{ VIEW_LOAD, "the same every five seconds", "the same every five seconds" },
	{ VIEW_IO, "blkio.throttle.io_service_bytes_recursive blkio.throttle.io_serviced_recursive", "io.stat" },
	{ VIEW_PRESSURE, "*.pressure of the v2 hierarchy", "*.pressure" },
	{ VIEW_HUGE, "hugetlb.*.limit_in_bytes hugetlb.*.usage_in_bytes hugetlb.*.numa_stat",
	  "hugetlb.*.max hugetlb.*.current hugetlb.*.numa_stat" },
	{ VIEW_EVENTS, "memory.stat memory.oom_control blkio.throttle.io_service_bytes_recursive",
	  "memory.stat memory.events io.stat" },
	{ VIEW_CGROUPS, "the cgroups within", "cgroup.stat" },
	{ VIEW_HOST, "the host's file", "the host's file" },
	{ VIEW_EXISTS, NULL, NULL },
};

bool coverage_of_need(unsigned need, const char **ret_v1, const char **ret_v2)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
		if (sources[i].need != need)
			continue;
		*ret_v1 = sources[i].v1;
		*ret_v2 = sources[i].v2;
		return true;
	}
	return false;
}

static void append_sources(GString *text, unsigned needs, bool v2)
{
	size_t before = text->len;

	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
		const char *files = v2 ? sources[i].v2 : sources[i].v1;

		if (needs & sources[i].need && files)
			g_string_append_printf(text, "%s%s", text->len > before ? "; " : "", files);
	}
	if (text->len == before)
		g_string_append_c(text, '-');
}

/* What a file of the cgroup tree is made from besides the files that its row names; gather's needs are in the table above. */
static const struct source tree_sources[] = {
	{ VIEW_TREE_QUOTA, "cpu.cfs_period_us", NULL },
	{ VIEW_TREE_CPU_TIME, "cpuacct.usage_percpu cpuacct.stat", NULL },
	{ VIEW_TREE_DEVICES, "blkio.throttle.io_serviced_recursive", NULL },
};

static void append_more_sources(GString *text, const struct row *row, bool v2)
{
	const char *v1_files, *v2_files;

	for (size_t i = 0; i < G_N_ELEMENTS(tree_sources); i++) {
		const char *files = v2 ? tree_sources[i].v2 : tree_sources[i].v1;

		if (row->needs & tree_sources[i].need && files)
			g_string_append_printf(text, " %s", files);
	}
	if (row->needs & VIEW_CPUS && coverage_of_need(VIEW_CPUS, &v1_files, &v2_files))
		g_string_append_printf(text, "; %s", v2 ? v2_files : v1_files);
}

/* A file of the cgroup tree is the kernel's where the version is its own; lists of processes have the names of each version. */
static void append_tree_sources(GString *text, const struct row *row, bool v2)
{
	const char *other = row->other;

	if (row->needs & VIEW_TREE_PROCESSES)
		other = "cgroup.procs";
	if (row->needs & VIEW_TREE_THREADS)
		other = v2 ? "cgroup.threads" : "tasks";
	if (v2 == (row->shape == VIEW_SHAPE_V2) && !row->link) {
		g_string_append(text, rows_name(row));
		return;
	}
	g_string_append(text, other ? other : "-");
	if (other)
		append_more_sources(text, row, v2);
}

static void append_files(GString *text, const struct row *row, bool v2)
{
	if (row->shape == VIEW_SHAPE_HOST)
		append_sources(text, gather_needs(row->needs), v2);
	else
		append_tree_sources(text, row, v2);
}

static void append_row(GString *text, const struct row *row)
{
	g_string_append_printf(text, "%s\t%s%s\t", row->path, row->about, row->writable ? "; can be written to" : "");
	append_files(text, row, false);
	g_string_append_c(text, '\t');
	append_files(text, row, true);
	g_string_append_printf(text, "\t%s\n", row->zeroed ? row->zeroed : "-");
}

char *coverage_table(void)
{
	GString *text = g_string_new("FILE\tSHOWS\tFROM (V1)\tFROM (V2)\tZERO\n");
	unsigned n;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		if (!rows_is_directory(&rows[i]))
			append_row(text, &rows[i]);
	}
	return g_string_free(text, FALSE);
}
