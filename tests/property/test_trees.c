/* SPDX-License-Identifier: Apache-2.0
 *
 * SEMANTICS' invariants over random cgroup trees, from the cgroups' files to
 * the texts that a container reads: every layer but FUSE. PROCVIRT_RUNS says how many trees,
 * PROCVIRT_SEED which first: a failure names its own.
 */
#include "cgroup/path.h"
#include "fs/container/entries.h"
#include "fs/container/host_private.h"
#include "tests/property/trees_sight.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CPU_DIR "/sys/devices/system/cpu"

/* The sanitizers make a tree take several times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TREES 2000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TREES 2000
#endif
#endif
#ifndef TREES
#define TREES 10000
#endif

/* ---- memory ---- */

/* A figure that had wrapped would be near 2^54 kB. VmallocTotal is the host's constant; 7777777777777 is the host's. */
static void check_no_wrap(const struct sight *sight, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned n = 0;

	for (char **line = lines; **line; line++, n++) {
		const char *colon = strchr(*line, ':');
		uint64_t number;

		check(sight->random, colon && (g_str_has_suffix(*line, " kB") || strstr(*line, "HugePages_")), *line);
		number = g_ascii_strtoull(colon + 1, NULL, 10);
		check(sight->random, number < UINT64_C(1) << 53, *line);
		check(sight->random, !strstr(*line, " 7777777777777"), *line);
	}
	check(sight->random, n >= 40, text);
}

static void check_sums(const struct sight *sight, const char *text)
{
	static const char *const sums[][3] = {
		{ "Active:", "Active(anon):", "Active(file):" },
		{ "Inactive:", "Inactive(anon):", "Inactive(file):" },
		{ "Slab:", "SReclaimable:", "SUnreclaim:" },
		{ "Committed_AS:", "AnonPages:", "Shmem:" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(sums); i++)
		sight_is(sight, sums[i][0], sight_field(sight, text, sums[i][0]),
			 sight_field(sight, text, sums[i][1]) + sight_field(sight, text, sums[i][2]), text);
}

static void check_meminfo(const struct sight *sight, const char *text)
{
	uint64_t total = sight_field(sight, text, "MemTotal:"), unused = sight_field(sight, text, "MemFree:");
	uint64_t available = sight_field(sight, text, "MemAvailable:");

	sight_is(sight, "MemTotal", total, sight->expected.total >> 10, text);
	sight_is(sight, "MemFree", unused, sight->expected.unused >> 10, text);
	sight_is(sight, "SwapTotal", sight_field(sight, text, "SwapTotal:"), sight->expected.swap_total >> 10, text);
	sight_is(sight, "SwapFree", sight_field(sight, text, "SwapFree:"), sight->expected.swap_unused >> 10, text);
	check(sight->random, unused <= total && available <= total && unused <= available, text);
	check(sight->random, sight_field(sight, text, "SwapFree:") <= sight_field(sight, text, "SwapTotal:"), text);
	check(sight->random,
	      sight_field(sight, text, "HugePages_Free:") <= sight_field(sight, text, "HugePages_Total:"), text);
	check(sight->random, sight_field(sight, text, "CommitLimit:") <= total + sight_field(sight, text, "SwapTotal:"),
	      text);
	check_sums(sight, text);
	check_no_wrap(sight, text);
}

static void check_memory(const struct sight *sight)
{
	g_autofree char *meminfo = sight_text(sight, "/proc/meminfo"), *swaps = sight_text(sight, "/proc/swaps");
	uint64_t total = sight_field(sight, meminfo, "SwapTotal:"), size = 0, used = 0;
	const char *row = strchr(swaps, '\n') + 1;

	check_meminfo(sight, meminfo);
	check(sight->random, g_str_has_prefix(swaps, "Filename"), swaps);
	if (*row)
		check(sight->random,
		      sscanf(row, "none virtual %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " 0", &size, &used) == 2,
		      swaps);
	sight_is(sight, "rows", *row != '\0', total > 0, swaps);
	sight_is(sight, "Size", size, total, swaps);
	sight_is(sight, "Used", used, total - sight_field(sight, meminfo, "SwapFree:"), swaps);
}

/* ---- CPUs ---- */

/* Of the lines that begin with a prefix and a number; each number is there once. */
static uint32_t cpus_of_lines(const struct sight *sight, const char *text, const char *prefix)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	uint32_t cpus = 0;

	for (char **line = lines; *line; line++) {
		const char *number = *line + strlen(prefix);
		uint64_t cpu;

		if (!g_str_has_prefix(*line, prefix) || !g_ascii_isdigit(*number))
			continue;
		cpu = g_ascii_strtoull(number, NULL, 10);
		check(sight->random, cpu < TREE_CPUS && !(cpus & 1U << cpu), text);
		cpus |= 1U << cpu;
	}
	return cpus;
}

static uint32_t cpus_of_list(const struct sight *sight, const char *text)
{
	struct cg_cpumask mask;

	check(sight->random, cg_cpulist_parse(text, "list", &mask, NULL), text);
	check(sight->random, mask.word[0] < 1U << TREE_CPUS, text);
	return (uint32_t)mask.word[0];
}

static void check_cpus(const struct sight *sight)
{
	static const char *const lists[] = { CPU_DIR "/online", CPU_DIR "/possible", CPU_DIR "/present" };
	g_autofree char *cpuinfo = sight_text(sight, "/proc/cpuinfo"), *stat = sight_text(sight, "/proc/stat");
	g_autofree char *offline = sight_text(sight, CPU_DIR "/offline");
	g_autoptr(Entries) entries = entries_new(sight->registry, sight->container, rows_by_path(CPU_DIR), NULL);
	uint32_t directories = 0;

	sight_is(sight, "set of CPUs", cpus_of_lines(sight, cpuinfo, "processor\t: "), sight_cpus(sight), cpuinfo);
	sight_is(sight, "set of CPUs", cpus_of_lines(sight, stat, "cpu"), sight_cpus(sight), stat);
	for (unsigned i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autofree char *list = sight_text(sight, lists[i]);

		sight_is(sight, lists[i], cpus_of_list(sight, list), sight_cpus(sight), list);
	}
	sight_is(sight, CPU_DIR "/offline", cpus_of_list(sight, offline), 0, offline);
	check(sight->random, entries != NULL, "");
	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		if (entries_have(entries, rows_by_path(CPU_DIR "/cpu%"), (struct gather_index){ cpu, 0 }))
			directories |= 1U << view_cpus_shown(&entries_view(entries)->cpus, cpu);
	sight_is(sight, "directories", directories, sight_cpus(sight), "");
}

/* ---- one tree ---- */

static void first_look(const struct sight *sight, struct stat_file *ret_stat)
{
	check_memory(sight);
	check_cpus(sight);
	shapes_check(sight);
	stat_parse(sight, ret_stat);
	stat_check_total(sight, ret_stat);
	stat_check_elapsed(sight, ret_stat);
	stat_check_uptime(sight, ret_stat);
	stat_check_tasks(sight, ret_stat);
}

static void pass_time(struct forest *forest, struct sight *sight, struct random_tree *tree)
{
	uint64_t elapsed = random_upto(sight->random, random_one_in(sight->random, 2) ? 20000000 : 20000);

	tree_advance(sight->random, tree, elapsed);
	forest_write_cpus(forest, tree);
	sight->expected = tree_expect(tree);
	host_set_now_us(sight->host, host_now_us(sight->host) + elapsed);
}

/* The same limits, a moment later. */
static void second_look(const struct sight *sight, const struct tree_figures *earlier, const struct stat_file *before,
			struct stat_file *ret_stat)
{
	stat_parse(sight, ret_stat);
	stat_check_total(sight, ret_stat);
	stat_check_elapsed(sight, ret_stat);
	stat_check_uptime(sight, ret_stat);
	stat_check_use(sight, earlier, before, ret_stat);
	stat_check_grows(sight, &before->total, &ret_stat->total, ret_stat->text);
	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		stat_check_grows(sight, &before->cpu[cpu], &ret_stat->cpu[cpu], ret_stat->text);
}

/* Other limits; with renumbered CPUs a line may now be another physical CPU, but it goes on. */
static void third_look(const struct sight *sight, uint32_t both, const struct stat_file *before)
{
	struct stat_file now;

	check_cpus(sight);
	stat_parse(sight, &now);
	stat_check_grows(sight, &before->total, &now.total, now.text);
	stat_check_uptime(sight, &now);
	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		if (both & 1U << cpu)
			stat_check_grows(sight, &before->cpu[cpu], &now.cpu[cpu], now.text);
	g_free(now.text);
}

/* The numbers under which these CPUs are shown. */
static uint32_t shown(const struct random_tree *tree, uint32_t cpus)
{
	return tree->renumber ? (uint32_t)((UINT64_C(1) << __builtin_popcount(cpus)) - 1) : cpus;
}

static void look_at(struct forest *forest, struct sight *sight, struct random_tree *tree)
{
	struct tree_figures earlier = sight->expected;
	struct stat_file first, second;

	first_look(sight, &first);
	pass_time(forest, sight, tree);
	second_look(sight, &earlier, &first, &second);
	tree_random_limits(sight->random, tree);
	earlier = sight->expected;
	pass_time(forest, sight, tree);
	third_look(sight, shown(tree, earlier.cpus) & shown(tree, sight->expected.cpus), &second);
	g_free(first.text);
	g_free(second.text);
}

static void one_tree(struct forest *forest, struct random_case *random)
{
	g_autofree struct random_tree *tree = g_new(struct random_tree, 1);
	struct container_options options = { .cpu_count = VIEW_CPU_QUOTA };
	struct sight sight = { .random = random, .tree = tree };
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	g_autoptr(GError) error = NULL;

	tree_random(random, tree);
	options.renumber_cpus = tree->renumber;
	forest_write(forest, random, tree);
	paths = tree_paths(tree);
	sight.expected = tree_expect(tree);
	sight.host = forest_host(forest);
	check(random, sight.host, "");
	sight.registry = registry_new(sight.host, forest_hierarchies(forest, tree), &options);
	sight.container = registry_of_cgroup(sight.registry, &paths, random_one_in(random, 2) ? 100 : 0, &error);
	check(random, sight.container, error ? error->message : "");
	look_at(forest, &sight, tree);
	container_unref(sight.container);
	registry_free(sight.registry);
	host_free(sight.host);
}

static void trees_are_seen_right(void **state)
{
	const char *runs = g_getenv("PROCVIRT_RUNS");
	uint64_t n = runs ? g_ascii_strtoull(runs, NULL, 10) : TREES;
	g_autoptr(GRand) rand = g_rand_new();
	uint32_t first = random_first_seed();

	assert_true(n > 0);
	for (uint32_t i = 0; i < n; i++) {
		struct random_case random = { .rand = rand, .seed = first + i };

		g_rand_set_seed(rand, random.seed);
		one_tree(*state, &random);
	}
}

/* Files are written a million times: in memory that takes half as long. */
static int plant(void **state)
{
	if (access("/dev/shm", W_OK) == 0)
		g_setenv("TMPDIR", "/dev/shm", FALSE);
	*state = forest_new();
	return 0;
}

static int clear(void **state)
{
	forest_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(trees_are_seen_right, plant, clear) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
