/* SPDX-License-Identifier: Apache-2.0
 *
 * v1's CPU time files (the kernel's Documentation/admin-guide/cgroup-v1/cpuacct.rst
 * and kernel/sched/cpuacct.c).
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

/* cpuacct.usage_percpu: nanoseconds, one number a CPU. Fills usage_us, n_percpu and percpu_us (then the caller's). */
bool cpuacct_parse_percpu(const char *text, const char *file, struct cg_cputime *ret_time, GError **error);

/* How the time divides; any unit. */
struct cpuacct_split {
	uint64_t user, system;
};

/* cpuacct.usage_all: a heading, then "CPU USER SYSTEM" in nanoseconds. */
bool cpuacct_parse_usage_all(const char *text, const char *file, struct cpuacct_split *ret_split, GError **error);

/* cpuacct.stat: "user N", "system N" in ticks. */
bool cpuacct_parse_stat(const char *text, const char *file, struct cpuacct_split *ret_split, GError **error);

/* Divides usage_us into user_us and system_us in that proportion; all user where nothing is known. */
void cpuacct_divide(struct cg_cputime *time, const struct cpuacct_split *split);
