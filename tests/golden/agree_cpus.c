/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"

#include <string.h>

#define CPU_DIR "/sys/devices/system/cpu"

/* The CPUs in the lines that begin with a prefix and a number: "cpu3 …" of stat, "processor\t: 3" of cpuinfo. */
static void cpus_in_lines(const char *text, const char *prefix, struct cg_cpumask *ret)
{
	g_auto(GStrv) lines = lines_of(text);

	cg_cpumask_zero(ret);
	for (char **line = lines; *line; line++) {
		const char *number = *line + strlen(prefix);
		unsigned cpu;

		if (!g_str_has_prefix(*line, prefix) || !g_ascii_isdigit(*number))
			continue;
		cpu = g_ascii_strtoull(number, NULL, 10);
		assert_in_range(cpu, 0, CG_MAX_CPUS - 1);
		assert_false(cg_cpumask_has(ret, cpu));
		cg_cpumask_set(ret, cpu);
	}
}

static void expect_cpus(const char *file, const struct cg_cpumask *is, const struct cg_cpumask *expected)
{
	g_autoptr(GString) a = g_string_new(NULL);
	g_autoptr(GString) b = g_string_new(NULL);

	cg_cpulist_append(a, is);
	cg_cpulist_append(b, expected);
	if (!cg_cpumask_equal(is, expected))
		fail_msg("%s has CPUs %s, not %s", file, a->str, b->str);
}

static void cpulist_file(struct fixture *fixture, const char *path, struct cg_cpumask *ret)
{
	g_autofree char *text = fixture_text(fixture, path);

	assert_true(cg_cpulist_parse(text, path, ret, NULL));
}

/* The directories cpuN: every number is tried, so that one that should be hidden is found out. */
static void cpus_of_directories(const struct fixture *fixture, struct cg_cpumask *ret)
{
	const struct row *row = rows_by_path(CPU_DIR "/cpu%");
	g_autoptr(Entries) entries = entries_new(fixture->registry, fixture->container, rows_by_path(CPU_DIR), NULL);

	assert_non_null(row);
	assert_non_null(entries);
	cg_cpumask_zero(ret);
	for (unsigned cpu = 0; cpu < CG_MAX_CPUS; cpu++) {
		if (entries_have(entries, row, (struct gather_index){ .first = cpu }))
			cg_cpumask_set(ret, view_cpus_shown(&fixture->cpus, cpu));
	}
}

/* The columns of a heading, "CPU0 CPU1 …". */
static void cpus_in_heading(const char *text, struct cg_cpumask *ret)
{
	g_auto(GStrv) lines = lines_of(text);
	g_auto(GStrv) words = g_strsplit(g_strstrip(lines[0]), " ", -1);
	g_autofree char *one_a_line = g_strjoinv("\n", words);

	cpus_in_lines(one_a_line, "CPU", ret);
}

/* A count a column: as many as the heading has, or one for all of them. */
static void expect_counts(const char *file, const char *text, unsigned cpus)
{
	g_auto(GStrv) lines = lines_of(text);

	assert_non_null(lines[1]);
	for (char **line = lines + 1; *line; line++) {
		size_t length = strcspn(*line, ":") + 1, counts = strspn(*line + length, " 0");

		if (counts != 11 && strlen(*line + length) < cpus * 11)
			fail_msg("%s: %s", file, *line);
	}
}

/* Where the host has them. */
static void interrupts_agree(struct fixture *fixture, const struct cg_cpumask *expected)
{
	static const char *const files[] = { "/proc/interrupts", "/proc/softirqs" };
	struct cg_cpumask is;

	for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *host = fixture_read(fixture, files[i] + 1, NULL);
		g_autofree char *text = host ? fixture_text(fixture, files[i]) : NULL;

		if (!host)
			continue;
		cpus_in_heading(text, &is);
		expect_cpus(files[i], &is, expected);
		expect_counts(files[i], text, cg_cpumask_count(expected));
	}
}

static void schedstat_agrees(struct fixture *fixture, const struct cg_cpumask *expected)
{
	g_autofree char *host = fixture_read(fixture, "proc/schedstat", NULL);
	g_autofree char *text = host ? fixture_text(fixture, "/proc/schedstat") : NULL;
	struct cg_cpumask is;

	if (!host)
		return;
	cpus_in_lines(text, "cpu", &is);
	expect_cpus("/proc/schedstat", &is, expected);
}

void cpu_files_agree(void **state)
{
	static const char *const lists[] = { CPU_DIR "/online", CPU_DIR "/possible", CPU_DIR "/present" };
	struct fixture *fixture = *state;
	g_autofree char *word = g_key_file_get_string(fixture->keys, "expect", "cpus", NULL);
	g_autofree char *cpuinfo = fixture_text(fixture, "/proc/cpuinfo");
	g_autofree char *stat = fixture_text(fixture, "/proc/stat");
	struct cg_cpumask expected, is;

	assert_non_null(word);
	assert_true(cg_cpulist_parse(word, "cpus", &expected, NULL));
	cpus_in_lines(cpuinfo, "processor\t: ", &is);
	expect_cpus("/proc/cpuinfo", &is, &expected);
	cpus_in_lines(stat, "cpu", &is);
	expect_cpus("/proc/stat", &is, &expected);
	for (unsigned i = 0; i < G_N_ELEMENTS(lists); i++) {
		cpulist_file(fixture, lists[i], &is);
		expect_cpus(lists[i], &is, &expected);
	}
	cpulist_file(fixture, CPU_DIR "/offline", &is);
	assert_true(cg_cpumask_empty(&is));
	cpus_of_directories(fixture, &is);
	expect_cpus("cpu% directories", &is, &expected);
	interrupts_agree(fixture, &expected);
	schedstat_agrees(fixture, &expected);
}

/* Maps and lists of neighbours hold visible CPUs only, and the CPU itself. */
void neighbours_are_visible(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GPtrArray) all = fixture_instances(fixture);
	struct cg_cpumask shown;
	unsigned n = 0;

	view_cpus_show(&fixture->cpus, &fixture->cpus.visible, &shown);
	for (unsigned i = 0; i < all->len; i++) {
		struct instance *instance = all->pdata[i];
		g_autofree char *text = NULL;
		struct cg_cpumask seen;

		if (!strstr(instance->path, "/cpu/cpu") || !g_str_has_suffix(instance->path, "_list"))
			continue;
		text = instance_text(instance);
		assert_true(cg_cpulist_parse(text, instance->path, &seen, NULL));
		assert_true(cg_cpumask_has(&seen, view_cpus_shown(&fixture->cpus, instance->index.first)));
		cg_cpumask_foreach (cpu, &seen)
			assert_true(cg_cpumask_has(&shown, cpu));
		n++;
	}
	assert_int_not_equal(n, 0);
}
