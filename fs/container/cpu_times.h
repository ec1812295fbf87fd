/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/stat's CPU columns out of what a cgroup has used. Pure arithmetic over
 * a state; a property test holds it to these rules:
 *
 *  - each line's sum over its columns grows by exactly the elapsed time, to the
 *    tick, while that CPU is visible;
 *  - every column of every line, and of the total, only grows;
 *  - user + system is the CPU time used. What does not fit into the elapsed time
 *    yet is carried over, up to a second a visible CPU: clocks and counters are
 *    read one after the other, and that is far more than they can be apart. Beyond it, use is
 *    dropped, or a policy that shows fewer CPUs than are used would lag for ever;
 *  - steal is the throttled time as far as there is room beside it; idle is the rest.
 *
 * The first interval begins with the container: what does not fit into that was used before, and is dropped.
 *
 * A line belongs to the number that a CPU is shown under, so with renumbered CPUs it goes on when
 * another physical CPU takes that number.
 *
 * An interval is credited to the CPUs that were visible when it began. A CPU
 * that is no longer visible keeps its columns, for when it comes back, and its
 * share in the total, as the kernel's total keeps a CPU that was taken offline; a
 * CPU that becomes visible begins at 0 at that moment.
 *
 * Where the kernel counts CPU time for each CPU (v1), a visible CPU has its
 * own and the use of hidden CPUs is spread evenly; else everything is. What one
 * CPU has no room for goes to those that have.
 *
 * The kernel adds throttled time when throttling ends, so up to
 * one period arrives late: that much (100 ms a visible CPU) is carried over too.
 */
#pragma once

#include "fs/view/view.h"

struct cpu_times;

/* A state that begins at start_us with all counters 0. */
struct cpu_times *cpu_times_new(uint64_t start_us);
void cpu_times_free(struct cpu_times *times);

/*
 * The whole state as bytes, appended, for another process to go on from; about 90 bytes a CPU. And back: NULL with CG_ERROR,
 * EINVAL and what is wrong. Bytes that are accepted are safe to go on from, whoever wrote them.
 */
void cpu_times_save(const struct cpu_times *times, GByteArray *to);
size_t cpu_times_saved_size(const struct cpu_times *times);
struct cpu_times *cpu_times_load(const void *bytes, size_t length, GError **error);

/*
 * A sample of running totals, throttled_us that of the cgroup throttled_level steps above the container's. Once another
 * level's comes it is only where counting goes on from: what that cgroup was throttled for before is
 * not the container's. One that is older than the last is ignored; a total that went back counts as
 * unchanged until it has come up again, or from its new value on where it fell by more than a second (a reset).
 */
struct cpu_sample {
	uint64_t now_us;
	uint64_t user_us, system_us, throttled_us;
	int throttled_level;
	unsigned n_percpu; /* 0: not counted for each CPU */
	const uint64_t *percpu_us;
};

void cpu_times_advance(struct cpu_times *times, const struct view_cpus *cpus, const struct cpu_sample *sample);

/* ret_each gets one element a visible CPU, in order. */
void cpu_times_read(const struct cpu_times *times, const struct view_cpus *cpus, struct view_ticks *ret_total,
		    struct view_ticks *ret_each);
