/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds of /proc/meminfo and /proc/swaps whatever a cgroup says.
 */
#include "tests/property/view_random.h"

#include <stdio.h>

#define HUGEPAGE_KB 2048

/* Every field that a kernel has printed in the last ten years; a host's figure that shows would be 777777777. */
static const char *const labels[] = {
	"MemTotal",      "MemFree",        "MemAvailable",   "Buffers",         "Cached",
	"SwapCached",    "Active",         "Inactive",       "Active(anon)",    "Inactive(anon)",
	"Active(file)",  "Inactive(file)", "Unevictable",    "Mlocked",         "SwapTotal",
	"SwapFree",      "Zswap",          "Zswapped",       "Dirty",           "Writeback",
	"AnonPages",     "Mapped",         "Shmem",          "KReclaimable",    "Slab",
	"SReclaimable",  "SUnreclaim",     "KernelStack",    "ShadowCallStack", "PageTables",
	"SecPageTables", "NFS_Unstable",   "Bounce",         "WritebackTmp",    "CommitLimit",
	"Committed_AS",  "VmallocUsed",    "VmallocChunk",   "Percpu",          "HardwareCorrupted",
	"AnonHugePages", "ShmemHugePages", "ShmemPmdMapped", "FileHugePages",   "FilePmdMapped",
	"CmaTotal",      "CmaFree",        "Unaccepted",     "Balloon",         "DirectMap4k",
	"DirectMap2M",   "DirectMap1G",    "Hugetlb",
};

static char *host_text(void)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
		g_string_append_printf(text, "%s:%*s777777777 kB\n", labels[i], MAX(1, 15 - (int)strlen(labels[i])),
				       "");
	g_string_append_printf(text, "HugePages_Total:   %5u\nHugePages_Free:  777777777\nHugepagesize:    %7u kB\n",
			       64, HUGEPAGE_KB);
	return g_string_free(text, FALSE);
}

struct meminfo {
	struct random_case *random;
	const char *text;
	GHashTable *kb; /* label -> number, as a string */
};

static GHashTable *parse(char **lines)
{
	GHashTable *kb = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, NULL);

	for (; *lines; lines++) {
		char *colon = strchr(*lines, ':');

		if (!colon)
			continue;
		*colon = '\0';
		g_hash_table_insert(kb, *lines, g_strchug(colon + 1));
	}
	return kb;
}

static uint64_t field(const struct meminfo *info, const char *label)
{
	const char *value = g_hash_table_lookup(info->kb, label);

	check(info->random, value, label);
	return g_ascii_strtoull(value, NULL, 10);
}

static void check_amounts(const struct meminfo *info, const struct view *view)
{
	uint64_t total = field(info, "MemTotal"), swap = field(info, "SwapTotal");

	check(info->random, total <= view->host_memory >> 10, info->text);
	check(info->random, swap <= view->host_swap >> 10, info->text);
	check(info->random, field(info, "MemFree") <= total, info->text);
	check(info->random, field(info, "MemAvailable") <= total, info->text);
	check(info->random, field(info, "MemAvailable") <= view->memory.slack.value >> 10, info->text);
	check(info->random, field(info, "SwapFree") <= swap, info->text);
	check(info->random, field(info, "CommitLimit") <= total + swap, info->text);
	check(info->random, field(info, "HugePages_Free") <= field(info, "HugePages_Total"), info->text);
	check(info->random, field(info, "Cached") >= field(info, "Shmem"), info->text);
}

static void check_sums(const struct meminfo *info)
{
	check(info->random, field(info, "Active") == field(info, "Active(anon)") + field(info, "Active(file)"),
	      info->text);
	check(info->random, field(info, "Inactive") == field(info, "Inactive(anon)") + field(info, "Inactive(file)"),
	      info->text);
	check(info->random, field(info, "Slab") == field(info, "SReclaimable") + field(info, "SUnreclaim"), info->text);
	check(info->random, field(info, "KReclaimable") == field(info, "SReclaimable"), info->text);
	check(info->random, field(info, "Committed_AS") == field(info, "AnonPages") + field(info, "Shmem"), info->text);
	check(info->random, field(info, "Hugepagesize") == HUGEPAGE_KB, info->text);
}

/* A figure that had wrapped would be near 2^54 kB: what the cgroup says in bytes, and the sum of two, is less. */
static void check_no_wrap(const struct meminfo *info, uint64_t most)
{
	for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
		uint64_t kb = field(info, labels[i]);

		check(info->random, kb <= most, info->text);
		check(info->random, kb != 777777777, labels[i]);
	}
}

static void check_swaps(const struct meminfo *info, const struct view *view)
{
	uint64_t total = field(info, "SwapTotal"), size = 0, used = 0;
	g_autofree char *text = sample_render(swaps_render, view);
	const char *row = strstr(text, "\nnone ");

	check(info->random, !row == !total, text);
	if (!row)
		return;
	check(info->random, sscanf(row, "%*s %*s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &size, &used) == 2, text);
	check(info->random, size == total, text);
	check(info->random, used == total - field(info, "SwapFree"), text);
}

static void check_view(struct random_case *random, struct view *view, uint64_t most)
{
	g_autofree char *host = host_text(), *text = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GHashTable) kb = NULL;
	struct meminfo info = { .random = random };

	view->host = host;
	info.text = text = sample_render(meminfo_render, view);
	lines = g_strsplit(text, "\n", -1);
	info.kb = kb = parse(lines);
	check_amounts(&info, view);
	check_sums(&info);
	check_no_wrap(&info, most);
	check_swaps(&info, view);
}

/* Each figure for itself, also such as no kernel ever said. */
static void wild(struct random_case *random)
{
	struct view view = { 0 };
	struct cg_memory *memory = &view.memory;
	struct cg_limit *limits[] = { &memory->limit,      &memory->headroom,      &memory->slack,
				      &memory->swap_limit, &memory->swap_headroom, &view.hugetlb.limit };
	uint64_t *stat = (uint64_t *)&memory->stat;

	view.host_memory = random_wild(random);
	view.host_swap = random_wild(random);
	memory->usage = random_wild(random);
	memory->has_swap = random_one_in(random, 2);
	memory->swap_usage = random_wild(random);
	view.hugetlb.usage = random_wild(random) >> 12;
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
		limits[i]->value = random_wild(random);
	for (size_t i = 0; i < sizeof(memory->stat) / sizeof(*stat); i++)
		stat[i] = random_wild(random);
	check_view(random, &view, UINT64_C(1) << 55);
}

/* Takes a part of what is left. */
static uint64_t part_of(struct random_case *random, uint64_t *left)
{
	uint64_t part = random_upto(random, *left);

	*left -= part;
	return part;
}

static void spend(struct random_case *random, struct cg_memory_stat *stat, uint64_t usage)
{
	stat->active_anon = part_of(random, &usage);
	stat->inactive_file = part_of(random, &usage);
	stat->inactive_anon = part_of(random, &usage);
	stat->active_file = part_of(random, &usage);
	stat->unevictable = part_of(random, &usage);
	stat->slab_reclaimable = part_of(random, &usage);
	stat->slab_unreclaimable = part_of(random, &usage);
	stat->kernel_stack = part_of(random, &usage);
	stat->pagetables = part_of(random, &usage);
	stat->percpu = part_of(random, &usage);
	stat->shmem = random_upto(random, stat->active_anon);
	stat->anon = stat->active_anon + stat->inactive_anon - stat->shmem;
	stat->file = stat->active_file + stat->inactive_file + stat->shmem;
	stat->file_mapped = random_upto(random, stat->file);
	stat->anon_thp = random_upto(random, stat->anon);
}

/* A cgroup as kernels have them: what is used lies below the limits, and is spent on something. */
static void plausible(struct random_case *random)
{
	struct view view = sample_unlimited(MIB(16) + random_upto(random, MIB(4096) << 10));
	struct cg_memory *memory = &view.memory;
	uint64_t bound = view.host_memory;

	if (!random_one_in(random, 4))
		memory->limit.value = random_upto(random, 2 * view.host_memory);
	bound = MIN(bound, memory->limit.value);
	memory->usage = random_upto(random, bound);
	spend(random, &memory->stat, memory->usage);
	if (memory->limit.value != CG_UNLIMITED) {
		memory->headroom.value = random_upto(random, memory->limit.value - memory->usage);
		memory->slack.value = memory->headroom.value + random_upto(random, memory->usage);
	}
	view.host_swap = random_upto(random, view.host_memory);
	memory->has_swap = random_one_in(random, 2);
	memory->swap_usage = random_upto(random, view.host_swap);
	check_view(random, &view, (view.host_memory + view.host_swap) >> 10);
}

static void holds_for_wild_figures(void **state)
{
	random_run(wild);
}

static void holds_for_plausible_figures(void **state)
{
	random_run(plausible);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_for_wild_figures),
		cmocka_unit_test(holds_for_plausible_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
