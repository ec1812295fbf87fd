/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of v1's memory, hugetlb and blkio where the host has v2. Formats: the kernel's
 * Documentation/admin-guide/cgroup-v1/, mm/memcontrol-v1.c, block/blk-throttle.c.
 */
#include "fs/view/memory.h"
#include "fs/view/render_cgroup.h"
#include "fs/view/sys/cgroup.h"

#include <string.h>

/* What a limit that is none says: the largest number of whole pages (PAGE_COUNTER_MAX, include/linux/page_counter.h). */
#define V1_UNLIMITED UINT64_C(9223372036854771712)

static void append_limit(GString *text, uint64_t limit)
{
	tree_append(text, MIN(limit, V1_UNLIMITED));
}

/* ---- memory ---- */

static uint64_t memsw_limit(const struct view *view)
{
	return memory_plus(view->memory.limit.value, view->memory.swap_limit.value);
}

static uint64_t memsw_usage(const struct view *view)
{
	return memory_plus(view->memory.usage, view->memory.swap_usage);
}

void cgroup_v1_memory_limit_render(const struct view *view, GString *text)
{
	append_limit(text, view->memory.limit.value);
}

/* Before Linux 5.19 v2 does not remember it. */
void cgroup_v1_max_usage_render(const struct view *view, GString *text)
{
	tree_append(text, MAX(tree_number(tree_source(view, 0)), tree_number(tree_source(view, 1))));
}

void cgroup_v1_failcnt_render(const struct view *view, GString *text)
{
	tree_append(text, tree_count(tree_source(view, 0), "max"));
}

/* As OCI runtimes take one for the other: a reservation of 0 is none. */
void cgroup_v1_soft_limit_render(const struct view *view, GString *text)
{
	uint64_t low = tree_number(tree_source(view, 0));

	append_limit(text, low ? low : CG_UNLIMITED);
}

/* In the order of memcg1_stats[] and memcg1_events[]. What v2 does not count (pgpgin, pgpgout) is left out. */
static const struct tree_pair stats[] = {
	{ "cache", "file" },
	{ "rss", "anon" },
	{ "rss_huge", "anon_thp" },
	{ "shmem", "shmem" },
	{ "mapped_file", "file_mapped" },
	{ "dirty", "file_dirty" },
	{ "writeback", "file_writeback" },
	{ "swapcached", "swapcached" },
	{ "pgfault", "pgfault" },
	{ "pgmajfault", "pgmajfault" },
	{ "inactive_anon", "inactive_anon" },
	{ "active_anon", "active_anon" },
	{ "inactive_file", "inactive_file" },
	{ "active_file", "active_file" },
	{ "unevictable", "unevictable" },
};

static void append_stats(const struct view *view, const char *prefix, GString *text)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(stats); i++) {
		uint64_t number;

		if (!tree_key(tree_source(view, 0), stats[i].source, &number))
			continue;
		g_string_append(text, prefix);
		tree_append_key(text, stats[i].shown, number);
	}
	if (!view->memory.has_swap)
		return;
	g_string_append(text, prefix);
	tree_append_key(text, "swap", view->memory.swap_usage);
}

/* v2 counts with the cgroups within only, so both halves say the same. */
void cgroup_v1_memory_stat_render(const struct view *view, GString *text)
{
	append_stats(view, "", text);
	g_string_append(text, "hierarchical_memory_limit ");
	append_limit(text, view->memory.limit.value);
	if (view->memory.has_swap) {
		g_string_append(text, "hierarchical_memsw_limit ");
		append_limit(text, memsw_limit(view));
	}
	append_stats(view, "total_", text);
}

void cgroup_v1_oom_control_render(const struct view *view, GString *text)
{
	tree_append_key(text, "oom_kill_disable", 0);
	tree_append_key(text, "under_oom", 0);
	tree_append_key(text, "oom_kill", tree_count(tree_source(view, 0), "oom_kill"));
}

void cgroup_v1_memsw_limit_render(const struct view *view, GString *text)
{
	append_limit(text, memsw_limit(view));
}

void cgroup_v1_memsw_usage_render(const struct view *view, GString *text)
{
	tree_append(text, memsw_usage(view));
}

/* At least what is used now, and at least memory alone at its most. */
void cgroup_v1_memsw_max_usage_render(const struct view *view, GString *text)
{
	tree_append(text, MAX(memsw_usage(view), tree_number(tree_source(view, 1))));
}

void cgroup_v1_memsw_failcnt_render(const struct view *view, GString *text)
{
	tree_append(text, tree_count(tree_source(view, 1), "max"));
}

/* No limit is the largest number of whole huge pages (hugetlb_cgroup_init() of mm/hugetlb_cgroup.c). */
void cgroup_v1_hugetlb_limit_render(const struct view *view, GString *text)
{
	uint64_t page = MAX(view->huge.page_size, 1);

	tree_append(text, MIN(view->tree.hugetlb.limit.value, V1_UNLIMITED / page * page));
}

/* ---- blkio ---- */

static uint64_t append_operation(GString *text, const struct cg_io_device *device, const char *name, uint64_t amount)
{
	g_string_append_printf(text, "%u:%u %s %" G_GUINT64_FORMAT "\n", device->major, device->minor, name, amount);
	return amount;
}

/* v2 does not tell synchronous operations from others. */
static uint64_t append_device(GString *text, const struct cg_io_device *device, uint64_t reads, uint64_t writes,
			      uint64_t discards)
{
	uint64_t total = append_operation(text, device, "Read", reads);

	total += append_operation(text, device, "Write", writes);
	total += append_operation(text, device, "Discard", discards);
	return append_operation(text, device, "Total", total);
}

void cgroup_v1_io_bytes_render(const struct view *view, GString *text)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < view->tree.io.n; i++) {
		const struct cg_io_device *d = &view->tree.io.device[i];

		total += append_device(text, d, d->rbytes, d->wbytes, d->dbytes);
	}
	tree_append_key(text, "Total", total);
}

void cgroup_v1_io_ios_render(const struct view *view, GString *text)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < view->tree.io.n; i++) {
		const struct cg_io_device *d = &view->tree.io.device[i];

		total += append_device(text, d, d->rios, d->wios, d->dios);
	}
	tree_append_key(text, "Total", total);
}

/* The number behind " KEY=" in a line of io.max; false where there is none, or "max". */
static bool line_limit(const struct text_line *line, const char *key, uint64_t *ret_limit)
{
	const char *at = memmem(line->start, line->length, key, strlen(key));
	struct text_line number;

	if (!at)
		return false;
	at += strlen(key);
	number = (struct text_line){ .start = at, .length = (size_t)(line->start + line->length - at) };
	return text_take_number(&number, ret_limit);
}

static void append_limits(const struct view *view, const char *key, GString *text)
{
	const char *file = tree_source(view, 0);
	struct text_line line;
	uint64_t limit;

	while (text_next_line(&file, &line)) {
		const char *blank = memchr(line.start, ' ', line.length);

		if (!blank || !line_limit(&line, key, &limit))
			continue;
		g_string_append_len(text, line.start, blank + 1 - line.start);
		tree_append(text, limit);
	}
}

void cgroup_v1_rbps_render(const struct view *view, GString *text)
{
	append_limits(view, " rbps=", text);
}

void cgroup_v1_wbps_render(const struct view *view, GString *text)
{
	append_limits(view, " wbps=", text);
}

void cgroup_v1_riops_render(const struct view *view, GString *text)
{
	append_limits(view, " riops=", text);
}

void cgroup_v1_wiops_render(const struct view *view, GString *text)
{
	append_limits(view, " wiops=", text);
}
