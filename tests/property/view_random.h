/* SPDX-License-Identifier: Apache-2.0
 *
 * Random cases for the properties of renderers. Case number i of a run has the
 * seed PROCVIRT_SEED + i (without that variable the time's), and a failure
 * names its own seed: giving that runs the case first again.
 */
#pragma once

#include "tests/fs/view/sample.h"

#define CASES 10000

struct random_case {
	GRand *rand;
	uint32_t seed;
};

#define check(random, condition, text)                                                                 \
	do {                                                                                           \
		if (!(condition))                                                                      \
			fail_msg("PROCVIRT_SEED=%u: not %s in\n%s", (random)->seed, #condition, text); \
	} while (0)

static inline uint32_t random_first_seed(void)
{
	const char *seed = g_getenv("PROCVIRT_SEED");

	return seed ? (uint32_t)g_ascii_strtoull(seed, NULL, 10) : (uint32_t)g_get_real_time();
}

/* Runs the property over all cases. */
static inline void random_run(void (*property)(struct random_case *random))
{
	g_autoptr(GRand) rand = g_rand_new();
	uint32_t first = random_first_seed();

	for (uint32_t i = 0; i < CASES; i++) {
		struct random_case random = { .rand = rand, .seed = first + i };

		g_rand_set_seed(rand, random.seed);
		property(&random);
	}
}

/* 0 … most. */
static inline uint64_t random_upto(struct random_case *random, uint64_t most)
{
	uint64_t number = (uint64_t)g_rand_int(random->rand) << 32 | g_rand_int(random->rand);

	return most == UINT64_MAX ? number : number % (most + 1);
}

static inline bool random_one_in(struct random_case *random, unsigned n)
{
	return random_upto(random, n - 1) == 0;
}

/* Each length of number as often as any other, and the two ends more often. */
static inline uint64_t random_wild(struct random_case *random)
{
	if (random_one_in(random, 8))
		return random_one_in(random, 2) ? 0 : UINT64_MAX;
	return random_upto(random, UINT64_MAX) >> random_upto(random, 63);
}
