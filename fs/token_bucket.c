/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/token_bucket.h"

#define SECOND_US 1000000

/* What has come back since the last look. */
static void refill(struct token_bucket *bucket, int64_t now_us)
{
	int64_t passed_us = now_us > bucket->then_us ? now_us - bucket->then_us : 0;

	bucket->used_us = bucket->used_us > passed_us ? bucket->used_us - passed_us : 0;
	bucket->then_us = now_us;
}

bool token_bucket_take(struct token_bucket *bucket, int64_t now_us, uint64_t *ret_held_back)
{
	int64_t one_us = SECOND_US / bucket->per_second;

	refill(bucket, now_us);
	if (bucket->used_us + one_us > bucket->burst * one_us) {
		bucket->held_back++;
		bucket->all_held_back++;
		return false;
	}
	bucket->used_us += one_us;
	*ret_held_back = bucket->held_back;
	bucket->held_back = 0;
	return true;
}
