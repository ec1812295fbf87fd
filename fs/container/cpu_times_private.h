/* SPDX-License-Identifier: Apache-2.0
 *
 * What the CPU times of a container are made of; for cpu_times.c and for saving them.
 */
#pragma once

#include "fs/container/cpu_times.h"

#define TICK_US (1000000 / VIEW_HZ)

enum column { USER, SYSTEM, STEAL, IDLE, COLUMNS };

/* One CPU, by the number that it is shown under: what a reader sees of that number must not go back. */
struct line {
	uint64_t visible_us;      /* how long it has been visible, in all */
	uint64_t shown;           /* the sum of ticks */
	uint64_t ticks[COLUMNS];  /* what is read out */
	int64_t owed_us[COLUMNS]; /* credited but not shown yet; negative: shown early */
};

struct cpu_times {
	uint64_t last_us;
	bool begun;                              /* a first interval has been credited */
	struct view_cpus cpus;                   /* what was visible since last_us */
	uint64_t used_us, user_us, throttled_us; /* running totals as far as they are accounted for */
	int throttled_level;
	uint64_t carry_user_us, carry_system_us, carry_steal_us;
	unsigned turn; /* who gets the first of the microseconds that cannot be divided */
	unsigned n_lines;
	struct line *lines;
	unsigned n_used;
	uint64_t *percpu_us; /* each physical CPU's running total at the last sample */
};
