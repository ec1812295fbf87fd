/* SPDX-License-Identifier: Apache-2.0
 *
 * How often something may happen: so many at once, then so many a second. What was held back is counted. Pure: the clock
 * is the caller's, and so is a lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* All zero but the first two is a full one. */
struct token_bucket {
	unsigned burst, per_second; /* both at least 1 */
	int64_t used_us;            /* what has been taken and not yet come back, as time */
	int64_t then_us;            /* the last look at the clock */
	uint64_t held_back;         /* since something was last let through */
	uint64_t all_held_back;
};

/*
 * Now (by a clock that never goes back), may it happen once more? If so *ret_held_back is how many were held back since the
 * last one that was let through.
 */
bool token_bucket_take(struct token_bucket *bucket, int64_t now_us, uint64_t *ret_held_back);
