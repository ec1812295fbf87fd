/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of cgroup v2 where the host has v1. Formats: the kernel's Documentation/admin-guide/cgroup-v2.rst.
 */
#include "cgroup/convert.h"
#include "fs/view/render_cgroup.h"
#include "fs/view/sys/cgroup.h"

#include <string.h>

void cgroup_v2_max_render(const struct view *view, GString *text)
{
	(void)view;
	tree_append_max(text, CG_UNLIMITED);
}

/* ---- memory ---- */

/* A soft limit that nobody has set is none at all; a reservation that nobody has set is 0. */
void cgroup_v2_low_render(const struct view *view, GString *text)
{
	uint64_t soft = tree_number(tree_source(view, 0));

	tree_append(text, soft == CG_UNLIMITED ? 0 : soft);
}

void cgroup_v2_memory_max_render(const struct view *view, GString *text)
{
	tree_append_max(text, view->memory.limit.value);
}

void cgroup_v2_memory_events_render(const struct view *view, GString *text)
{
	uint64_t kills = tree_count(tree_source(view, 1), "oom_kill");

	tree_append_key(text, "low", 0);
	tree_append_key(text, "high", 0);
	tree_append_key(text, "max", tree_number(tree_source(view, 0)));
	tree_append_key(text, "oom", kills);
	tree_append_key(text, "oom_kill", kills);
}

/* The totals: v2 counts with the cgroups within. In the order of memory_stats[] (mm/memcontrol.c). */
void cgroup_v2_memory_stat_render(const struct view *view, GString *text)
{
	static const struct tree_pair pairs[] = {
		{ "anon", "total_rss" },
		{ "file", "total_cache" },
		{ "shmem", "total_shmem" },
		{ "file_mapped", "total_mapped_file" },
		{ "file_dirty", "total_dirty" },
		{ "file_writeback", "total_writeback" },
		{ "swapcached", "total_swapcached" },
		{ "anon_thp", "total_rss_huge" },
		{ "inactive_anon", "total_inactive_anon" },
		{ "active_anon", "total_active_anon" },
		{ "inactive_file", "total_inactive_file" },
		{ "active_file", "total_active_file" },
		{ "unevictable", "total_unevictable" },
		{ "pgfault", "total_pgfault" },
		{ "pgmajfault", "total_pgmajfault" },
	};

	tree_append_pairs(text, tree_source(view, 0), pairs, G_N_ELEMENTS(pairs));
}

void cgroup_v2_swap_current_render(const struct view *view, GString *text)
{
	tree_append(text, view->memory.swap_usage);
}

void cgroup_v2_swap_max_render(const struct view *view, GString *text)
{
	tree_append_max(text, view->memory.swap_limit.value);
}

void cgroup_v2_swap_events_render(const struct view *view, GString *text)
{
	tree_append_key(text, "high", 0);
	tree_append_key(text, "max", tree_number(tree_source(view, 0)));
	tree_append_key(text, "fail", 0);
}

void cgroup_v2_hugetlb_max_render(const struct view *view, GString *text)
{
	tree_append_max(text, view->tree.hugetlb.limit.value);
}

void cgroup_v2_max_events_render(const struct view *view, GString *text)
{
	tree_append_key(text, "max", tree_number(tree_source(view, 0)));
}

/* ---- CPU ---- */

void cgroup_v2_cpu_max_render(const struct view *view, GString *text)
{
	const struct cg_quota *quota = &view->tree.quota;

	if (quota->quota_us == CG_UNLIMITED)
		g_string_append(text, "max ");
	else
		g_string_append_printf(text, "%" G_GUINT64_FORMAT " ", quota->quota_us);
	tree_append(text, quota->period_us);
}

void cgroup_v2_weight_render(const struct view *view, GString *text)
{
	tree_append(text, cg_shares_to_weight(tree_number(tree_source(view, 0))));
}

enum { NS_A_US = 1000 };

void cgroup_v2_cpu_stat_render(const struct view *view, GString *text)
{
	const char *stat = tree_source(view, 0);

	tree_append_key(text, "usage_usec", view->tree.time.usage_us);
	tree_append_key(text, "user_usec", view->tree.time.user_us);
	tree_append_key(text, "system_usec", view->tree.time.system_us);
	tree_append_key(text, "nr_periods", tree_count(stat, "nr_periods"));
	tree_append_key(text, "nr_throttled", tree_count(stat, "nr_throttled"));
	tree_append_key(text, "throttled_usec", tree_count(stat, "throttled_time") / NS_A_US);
	tree_append_key(text, "nr_bursts", tree_count(stat, "nr_bursts"));
	tree_append_key(text, "burst_usec", tree_count(stat, "burst_time") / NS_A_US);
}

/* ---- block devices ---- */

void cgroup_v2_io_stat_render(const struct view *view, GString *text)
{
	for (unsigned i = 0; i < view->tree.io.n; i++) {
		const struct cg_io_device *d = &view->tree.io.device[i];

		g_string_append_printf(text,
				       "%u:%u rbytes=%" G_GUINT64_FORMAT " wbytes=%" G_GUINT64_FORMAT
				       " rios=%" G_GUINT64_FORMAT " wios=%" G_GUINT64_FORMAT
				       " dbytes=%" G_GUINT64_FORMAT " dios=%" G_GUINT64_FORMAT "\n",
				       d->major, d->minor, d->rbytes, d->wbytes, d->rios, d->wios, d->dbytes, d->dios);
	}
}

/* The four limits of a device, in the order of the row's files. */
#define IO_LIMITS 4

/* "8:0 1048576": the device, and the number behind it; false for another line. */
static bool device_line(const struct text_line *line, struct text_line *ret_device, uint64_t *ret_number)
{
	const char *blank = memchr(line->start, ' ', line->length);
	struct text_line at;

	if (!blank || blank == line->start)
		return false;
	*ret_device = (struct text_line){ .start = line->start, .length = (size_t)(blank - line->start) };
	at = (struct text_line){ .start = blank + 1, .length = line->length - ret_device->length - 1 };
	return text_take_number(&at, ret_number);
}

/* CG_UNLIMITED where the file says nothing of the device. */
static uint64_t device_limit(const char *file, const struct text_line *device)
{
	struct text_line line, other;
	uint64_t number;

	while (text_next_line(&file, &line)) {
		if (device_line(&line, &other, &number) && other.length == device->length &&
		    !memcmp(other.start, device->start, device->length))
			return number;
	}
	return CG_UNLIMITED;
}

static void append_limits(const struct view *view, const struct text_line *device, GString *text)
{
	static const char *const names[IO_LIMITS] = { "rbps", "wbps", "riops", "wiops" };

	g_string_append_len(text, device->start, (gssize)device->length);
	for (unsigned i = 0; i < IO_LIMITS; i++) {
		uint64_t limit = device_limit(tree_source(view, i), device);

		g_string_append_printf(text, " %s=", names[i]);
		if (limit == CG_UNLIMITED)
			g_string_append(text, "max");
		else
			text_append_number(text, limit, 0);
	}
	g_string_append_c(text, '\n');
}

/* A device was told of already, by a file before this one. */
static bool is_told(const struct view *view, unsigned place, const struct text_line *device)
{
	for (unsigned i = 0; i < place; i++) {
		if (device_limit(tree_source(view, i), device) != CG_UNLIMITED)
			return true;
	}
	return false;
}

void cgroup_v2_io_max_render(const struct view *view, GString *text)
{
	for (unsigned i = 0; i < IO_LIMITS; i++) {
		const char *file = tree_source(view, i);
		struct text_line line, device;
		uint64_t number;

		while (text_next_line(&file, &line)) {
			if (device_line(&line, &device, &number) && !is_told(view, i, &device))
				append_limits(view, &device, text);
		}
	}
}
