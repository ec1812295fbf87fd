/* SPDX-License-Identifier: Apache-2.0
 *
 * Which CPUs a container sees, and under which numbers. Pure.
 */
#pragma once

#include "fs/view/view.h"

/* How many CPUs of its set a container is shown: --cpu-count. */
enum view_cpu_count {
	VIEW_CPU_QUOTA,  /* ceil(quota / period), the default */
	VIEW_CPU_CPUSET, /* all of them */
	VIEW_CPU_SHARES, /* ceil(shares / 1024) */
};

/* "quota", "cpuset", "shares"; false (and *ret untouched) for another word. */
bool view_cpu_count_parse(const char *word, enum view_cpu_count *ret);
const char *view_cpu_count_name(enum view_cpu_count count);

/*
 * The visible set: the effective cpuset (empty: all) within the host's online
 * CPUs, cut to the count that the policy gives, at least one; the first ones.
 */
void view_cpus_choose(struct view_cpus *ret, const struct cg_cpumask *online, unsigned host_ids,
		      const struct cg_cpumask *cpuset, const struct cg_cpu *cpu, enum view_cpu_count count,
		      bool renumber);

/* The number under which a visible physical CPU is shown. */
unsigned view_cpus_shown(const struct view_cpus *cpus, unsigned physical);

/* What the container sees of a set of physical CPUs: the visible ones, under their shown numbers. */
void view_cpus_show(const struct view_cpus *cpus, const struct cg_cpumask *physical, struct cg_cpumask *ret_shown);
