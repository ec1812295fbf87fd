/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds of the division over memory nodes whatever a cgroup says, and between meminfo, vmstat and the nodes' files.
 */
#include "tests/property/view_random.h"

#include "fs/view/memory.h"
#include "fs/view/nodes.h"

#define NODES 8

static void fill(struct random_case *random, struct view *view, struct view_node each[NODES])
{
	view->nodes = (struct view_nodes){ .n = 1 + (unsigned)random_upto(random, NODES - 1), .each = each };
	for (unsigned i = 0; i < view->nodes.n; i++) {
		each[i] = (struct view_node){ .number = i, .host_memory = random_wild(random) };
		each[i].use.usage = random_wild(random);
		each[i].use.stat.anon = random_wild(random);
	}
	view->host_memory = random_wild(random);
	view->memory.usage = random_wild(random);
	view->memory.limit.value = random_wild(random);
	view->memory.headroom.value = random_wild(random);
}

/* The parts of whatever it is are the whole. */
static void check_parts(struct random_case *random, const struct view *view)
{
	uint64_t amount = random_wild(random), left = amount;

	for (unsigned i = 0; i < view->nodes.n; i++) {
		uint64_t part = nodes_part(&view->nodes, i, amount, NODES_BY_STAT(anon));

		check(random, part <= left, "parts");
		left -= part;
	}
	check(random, left == 0, "parts");
}

static void check_memory(struct random_case *random, const struct view *view)
{
	struct node_share sum = { 0 };

	for (unsigned i = 0; i < view->nodes.n; i++) {
		struct node_share share = nodes_memory(view, i);

		check(random, share.total == share.used + share.free, "memory");
		sum.total += share.total;
		sum.free += share.free;
	}
	check(random, sum.total == memory_pages(view, memory_total(view)), "memory");
	check(random, sum.free == memory_pages(view, memory_free(view)), "memory");
}

static void division(struct random_case *random)
{
	struct view_node each[NODES];
	struct view view = { 0 };

	fill(random, &view, each);
	check_parts(random, &view);
	check_memory(random, &view);
}

/* ---- what the files say ---- */

#define PAGE_KB 4

/* A line of meminfo, of vmstat, and how many kB one of the latter's number is. */
static const struct {
	const char *meminfo, *vmstat;
	unsigned kb;
} same[] = {
	{ "MemFree:", "nr_free_pages ", PAGE_KB },
	{ "Active(anon):", "nr_active_anon ", PAGE_KB },
	{ "Inactive(file):", "nr_inactive_file ", PAGE_KB },
	{ "Unevictable:", "nr_unevictable ", PAGE_KB },
	{ "Dirty:", "nr_dirty ", PAGE_KB },
	{ "Mapped:", "nr_mapped ", PAGE_KB },
	{ "AnonPages:", "nr_anon_pages ", PAGE_KB },
	{ "Shmem:", "nr_shmem ", PAGE_KB },
	{ "KernelStack:", "nr_kernel_stack ", 1 },
	{ "PageTables:", "nr_page_table_pages ", PAGE_KB },
	{ "SReclaimable:", "nr_slab_reclaimable ", PAGE_KB },
	{ "SUnreclaim:", "nr_slab_unreclaimable ", PAGE_KB },
	{ "AnonHugePages:", "nr_anon_transparent_hugepages ", 2048 },
};

/* The host's text with these lines, each with a number of the host's. */
static char *host_text(const char *before, bool vmstat)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(same); i++) {
		if (vmstat)
			g_string_append_printf(text, "%s777777777\n", same[i].vmstat);
		else
			g_string_append_printf(text, "%s%-16s777777777 kB\n", before, same[i].meminfo);
	}
	return g_string_free(text, FALSE);
}

static uint64_t number_in(struct random_case *random, const char *text, const char *label)
{
	const char *line = strstr(text, label);

	check(random, line, text);
	return g_ascii_strtoull(line + strlen(label), NULL, 10);
}

struct texts {
	char *whole, *nodes[NODES];
};

static void texts_clear(struct texts *texts)
{
	g_free(texts->whole);
	for (unsigned i = 0; i < NODES; i++)
		g_free(texts->nodes[i]);
}

typedef void (*renderer)(const struct view *view, GString *text);

static struct texts render_all(struct view *view, renderer whole, renderer node, bool vmstat)
{
	g_autofree char *host = host_text("", vmstat), *of_node = host_text("Node 0 ", vmstat);
	struct texts texts = { 0 };

	view->host = host;
	texts.whole = sample_render(whole, view);
	view->host = of_node;
	for (view->node = 0; view->node < view->nodes.n; view->node++)
		texts.nodes[view->node] = sample_render(node, view);
	view->host = NULL;
	return texts;
}

static void check_sum(struct random_case *random, const struct view *view, const struct texts *texts, const char *label)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < view->nodes.n; i++)
		sum += number_in(random, texts->nodes[i], label);
	check(random, sum == number_in(random, texts->whole, label), label);
}

static void check_files(struct random_case *random, struct view *view)
{
	cg_cleanup(texts_clear) struct texts meminfo = render_all(view, meminfo_render, node_meminfo_render, false);
	cg_cleanup(texts_clear) struct texts vmstat = render_all(view, vmstat_render, node_vmstat_render, true);

	for (size_t i = 0; i < G_N_ELEMENTS(same); i++) {
		uint64_t kb = number_in(random, meminfo.whole, same[i].meminfo);

		check(random, kb == number_in(random, vmstat.whole, same[i].vmstat) * same[i].kb, same[i].vmstat);
		check_sum(random, view, &meminfo, same[i].meminfo);
		check_sum(random, view, &vmstat, same[i].vmstat);
	}
}

/* As a kernel counts: pages and huge pages are whole, slabs are not. */
static void files(struct random_case *random)
{
	struct view_node each[NODES];
	struct view view = { 0 };
	struct cg_memory_stat *stat = &view.memory.stat;
	uint64_t *figures[] = { &stat->active_anon, &stat->inactive_file, &stat->unevictable, &stat->file_dirty,
				&stat->file_mapped, &stat->anon,          &stat->shmem,       &stat->pagetables };

	fill(random, &view, each);
	view.host_memory = KIB(4) + (random_upto(random, UINT64_C(1) << 44) & ~UINT64_C(4095));
	view.memory.limit.value = random_upto(random, UINT64_C(1) << 44) & ~UINT64_C(4095);
	view.memory.headroom.value = random_upto(random, view.memory.limit.value) & ~UINT64_C(4095);
	view.memory.usage = random_upto(random, view.host_memory) & ~UINT64_C(4095);
	for (size_t i = 0; i < G_N_ELEMENTS(figures); i++)
		*figures[i] = random_upto(random, view.host_memory) & ~UINT64_C(4095);
	stat->anon_thp = random_upto(random, view.host_memory) & ~UINT64_C(0x1fffff);
	stat->kernel_stack = random_upto(random, view.host_memory) & ~UINT64_C(1023);
	stat->slab_reclaimable = random_upto(random, view.host_memory);
	stat->slab_unreclaimable = random_upto(random, view.host_memory);
	check_files(random, &view);
}

static void holds_between_files(void **state)
{
	random_run(files);
}

static void holds_for_wild_figures(void **state)
{
	random_run(division);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(holds_for_wild_figures),
					    cmocka_unit_test(holds_between_files) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
