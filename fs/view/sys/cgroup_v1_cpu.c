/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of v1's cpu, cpuacct and cpuset where the host has v2. Formats: the kernel's Documentation/admin-guide/cgroup-v1/
 * and kernel/sched/cpuacct.c, kernel/sched/core.c.
 */
#include "cgroup/convert.h"
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render_cgroup.h"
#include "fs/view/sys/cgroup.h"

enum { NS_A_US = 1000, US_A_TICK = 1000000 / VIEW_HZ };

/* ---- cpu ---- */

void cgroup_v1_quota_render(const struct view *view, GString *text)
{
	if (view->tree.quota.quota_us == CG_UNLIMITED)
		g_string_append(text, "-1\n");
	else
		tree_append(text, view->tree.quota.quota_us);
}

void cgroup_v1_period_render(const struct view *view, GString *text)
{
	tree_append(text, view->tree.quota.period_us);
}

void cgroup_v1_shares_render(const struct view *view, GString *text)
{
	tree_append(text, cg_weight_to_shares(tree_number(tree_source(view, 0))));
}

void cgroup_v1_cpu_stat_render(const struct view *view, GString *text)
{
	const char *stat = tree_source(view, 0);

	tree_append_key(text, "nr_periods", tree_count(stat, "nr_periods"));
	tree_append_key(text, "nr_throttled", tree_count(stat, "nr_throttled"));
	tree_append_key(text, "throttled_time", tree_count(stat, "throttled_usec") * NS_A_US);
	tree_append_key(text, "nr_bursts", tree_count(stat, "nr_bursts"));
	tree_append_key(text, "burst_time", tree_count(stat, "burst_usec") * NS_A_US);
}

/* ---- cpuacct ---- */

void cgroup_v1_usage_render(const struct view *view, GString *text)
{
	tree_append(text, view->tree.time.usage_us * NS_A_US);
}

void cgroup_v1_usage_user_render(const struct view *view, GString *text)
{
	tree_append(text, view->tree.time.user_us * NS_A_US);
}

void cgroup_v1_usage_sys_render(const struct view *view, GString *text)
{
	tree_append(text, view->tree.time.system_us * NS_A_US);
}

void cgroup_v1_cpuacct_stat_render(const struct view *view, GString *text)
{
	tree_append_key(text, "user", view->tree.time.user_us / US_A_TICK);
	tree_append_key(text, "system", view->tree.time.system_us / US_A_TICK);
}

/*
 * v2 does not count by CPU: spread evenly over the visible CPUs, as in /proc/stat, so that the sum is right; the first ones
 * have what does not divide. A CPU that is not visible has had none; those after the last visible one are not told of.
 */
static uint64_t part_of(const struct view *view, uint64_t us, unsigned ordinal)
{
	uint64_t ns = us * NS_A_US, n = view->cpus.n;

	return ns / n + (ordinal < ns % n);
}

/* Calls for each CPU up to the last visible one, by the number that the container sees; `ordinal` is -1 for an invisible one. */
typedef void (*each_cpu)(const struct view *view, unsigned shown, int ordinal, GString *text, uint64_t us);

static void append_each(const struct view *view, each_cpu append, GString *text, uint64_t us)
{
	unsigned next = 0;
	int ordinal = 0;

	cg_cpumask_foreach (cpu, &view->cpus.visible) {
		unsigned shown = view_cpus_shown(&view->cpus, cpu);

		for (; next < shown; next++)
			append(view, next, -1, text, us);
		append(view, next++, ordinal++, text, us);
	}
}

static void append_time(const struct view *view, unsigned shown, int ordinal, GString *text, uint64_t us)
{
	(void)shown;
	text_append_number(text, ordinal < 0 ? 0 : part_of(view, us, (unsigned)ordinal), 0);
	g_string_append_c(text, ' ');
}

static void append_row(GString *text, const struct view *view, uint64_t us)
{
	append_each(view, append_time, text, us);
	g_string_append_c(text, '\n');
}

void cgroup_v1_usage_percpu_render(const struct view *view, GString *text)
{
	append_row(text, view, view->tree.time.usage_us);
}

void cgroup_v1_usage_percpu_user_render(const struct view *view, GString *text)
{
	append_row(text, view, view->tree.time.user_us);
}

void cgroup_v1_usage_percpu_sys_render(const struct view *view, GString *text)
{
	append_row(text, view, view->tree.time.system_us);
}

static void append_line(const struct view *view, unsigned shown, int ordinal, GString *text, uint64_t us)
{
	const struct cg_cputime *time = &view->tree.time;

	(void)us;
	g_string_append_printf(text, "%u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", shown,
			       ordinal < 0 ? 0 : part_of(view, time->user_us, (unsigned)ordinal),
			       ordinal < 0 ? 0 : part_of(view, time->system_us, (unsigned)ordinal));
}

void cgroup_v1_usage_all_render(const struct view *view, GString *text)
{
	g_string_append(text, "cpu user system\n");
	append_each(view, append_line, text, 0);
}

/* ---- cpuset ---- */

/* In v1 a cgroup has no processes before it was given CPUs; in v2 one that was given none has those of its parent. */
void cgroup_v1_set_render(const struct view *view, GString *text)
{
	const char *asked = tree_source(view, 1);

	g_string_append(text, *asked && *asked != '\n' ? asked : tree_source(view, 0));
}
