/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COLUMNS 5

/* The row's line in words; NULL where it has none. */
static GStrv line_of(const char *path)
{
	g_autofree char *table = coverage_table();
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	g_autofree char *beginning = g_strconcat(path, "\t", NULL);

	for (char **line = lines; *line; line++) {
		if (g_str_has_prefix(*line, beginning))
			return g_strsplit(*line, "\t", -1);
	}
	return NULL;
}

static void every_file_has_a_line(void **state)
{
	g_autofree char *table = coverage_table();
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	unsigned n, files = 0;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		g_auto(GStrv) words = line_of(rows[i].path);

		assert_int_equal(words != NULL, !rows_is_directory(&rows[i]));
		files += words != NULL;
		for (unsigned k = 0; words && k < COLUMNS; k++)
			assert_true(words[k] && *words[k]);
		assert_true(!words || !words[COLUMNS]);
	}
	assert_int_equal(g_strv_length(lines), 1 + files + 1); /* a heading; and nothing after the last newline */
}

/* Whoever adds a need says where it comes from. */
static void every_need_has_a_source(void **state)
{
	const char *v1, *v2;
	unsigned n, needs = 0;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++)
		needs |= rows[i].shape == VIEW_SHAPE_HOST ? rows[i].needs
							  : 0; /* the tree's files are their own sources */
	for (unsigned need = 1; need; need <<= 1) {
		if (needs & need)
			assert_true(coverage_of_need(need, &v1, &v2));
	}
	assert_false(coverage_of_need(1u << 31, &v1, &v2));
}

/* Of a file of the cgroup tree that is made: every file that its figures come from, and what nobody counts. */
static void what_is_made_is_said(void **state)
{
	static const struct {
		const char *path;
		unsigned column;
		const char *said;
	} cases[] = {
		{ "cpu.max", 2, "cpu.cfs_quota_us cpu.cfs_period_us" },
		{ "cpu.stat", 2, "cpu.stat cpuacct.usage_percpu cpuacct.stat" },
		{ "io.stat", 2, "blkio.throttle.io_service_bytes_recursive blkio.throttle.io_serviced_recursive" },
		{ "memory.swap.current", 2, "memory.memsw.usage_in_bytes memory.usage_in_bytes" },
		{ "memory.swap.max", 2, "memory.memsw.limit_in_bytes memory.limit_in_bytes" },
		{ "memory/memory.memsw.limit_in_bytes", 3, "memory.swap.max memory.max" },
		{ "memory/memory.memsw.usage_in_bytes", 3, "memory.swap.current memory.current" },
		{ "cpu,cpuacct/cpu.cfs_period_us", 3, "cpu.max" },
		{ "cpu,cpuacct/cpuacct.usage", 3, "cpu.stat" },
		{ "cpu,cpuacct/cpuacct.usage_percpu", 3, "cpu.stat; cpuset.cpus.effective cpu.max cpu.weight" },
		{ "cpu.max", 3, "cpu.max" },
		{ "memory.min", 4, "all where it is made" },
		{ "memory.events", 4, "low, high where it is made" },
		{ "memory/memory.oom_control", 4, "oom_kill_disable, under_oom where it is made" },
		{ "memory.max", 4, "-" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strconcat("/sys/fs/cgroup/", cases[i].path, NULL);
		g_auto(GStrv) words = line_of(path);

		assert_string_equal(words[cases[i].column], cases[i].said);
	}
}

static void what_is_implied_is_said(void **state)
{
	g_auto(GStrv) uptime = line_of("/proc/uptime");
	g_auto(GStrv) offline = line_of("/sys/devices/system/cpu/offline");
	g_auto(GStrv) stat = line_of("/proc/stat");
	g_auto(GStrv) limit = line_of("/sys/fs/cgroup/memory/memory.limit_in_bytes");
	g_auto(GStrv) tasks = line_of("/sys/fs/cgroup/pids/tasks");

	assert_non_null(strstr(uptime[3], "cpu.max"));
	assert_non_null(strstr(uptime[3], "cpu.stat"));
	assert_non_null(strstr(uptime[2], "cpu.cfs_quota_us"));
	assert_null(strstr(uptime[2], "memory."));
	assert_string_equal(limit[2], "memory.limit_in_bytes");
	assert_string_equal(limit[3], "memory.max");
	assert_non_null(strstr(limit[1], "can be written to"));
	assert_null(strstr(stat[1], "can be written to"));
	assert_string_equal(tasks[2], "tasks");
	assert_string_equal(tasks[3], "cgroup.threads");
	assert_string_equal(offline[2], "-");
	assert_string_equal(offline[3], "-");
	assert_non_null(strstr(stat[4], "iowait"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_has_a_line),
		cmocka_unit_test(every_need_has_a_source),
		cmocka_unit_test(what_is_made_is_said),
		cmocka_unit_test(what_is_implied_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
