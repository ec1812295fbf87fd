/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/load.h"

#define ONE (UINT64_C(1) << VIEW_LOAD_BITS)

/* e^(-5 s / 1, 5, 15 min) in fixed point: EXP_1, EXP_5 and EXP_15 of include/linux/sched/loadavg.h. */
static const uint64_t decay_of[3] = { 1884, 2014, 2037 };

static uint64_t multiply(uint64_t a, uint64_t b)
{
	return (a * b + ONE / 2) >> VIEW_LOAD_BITS;
}

/* base^n by squaring, rounded at each step as the kernel's fixed_power_int() does. */
static uint64_t power(uint64_t base, unsigned n)
{
	uint64_t result = ONE;

	for (; n > 0; n >>= 1) {
		if (n & 1)
			result = multiply(result, base);
		base = multiply(base, base);
	}
	return result;
}

/* Rounded up while it rises, or the average of one busy thread would never get to 1.00. */
static uint64_t blend(uint64_t load, uint64_t decay, uint64_t active)
{
	uint64_t sum = load * decay + active * (ONE - decay);

	return (active >= load ? sum + ONE - 1 : sum) >> VIEW_LOAD_BITS;
}

void load_decay(struct view_load *load, uint64_t active, unsigned periods)
{
	if (periods == 0)
		return;
	for (unsigned i = 0; i < 3; i++)
		load->avg[i] = blend(load->avg[i], power(decay_of[i], periods), active * ONE);
}
