/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/token_bucket.h"

#include "tests/fs/harness.h"

#define SECOND_US 1000000

/* How many of `tries` are let through at this moment. */
static unsigned take(struct token_bucket *bucket, int64_t now_us, unsigned tries)
{
	unsigned taken = 0;
	uint64_t held_back;

	for (unsigned i = 0; i < tries; i++)
		taken += token_bucket_take(bucket, now_us, &held_back);
	return taken;
}

static void burst_then_rate(void **state)
{
	struct token_bucket bucket = { .burst = 5, .per_second = 2 };

	assert_int_equal(take(&bucket, 7 * SECOND_US, 9), 5);
	assert_int_equal(take(&bucket, 7 * SECOND_US + SECOND_US / 2 - 1, 9), 0);
	assert_int_equal(take(&bucket, 7 * SECOND_US + SECOND_US / 2, 9), 1);
	assert_int_equal(take(&bucket, 9 * SECOND_US, 9), 3);
}

static void never_more_than_a_burst(void **state)
{
	struct token_bucket bucket = { .burst = 5, .per_second = 2 };

	assert_int_equal(take(&bucket, SECOND_US, 1), 1);
	assert_int_equal(take(&bucket, 1000000 * (int64_t)SECOND_US, 9), 5);
}

static void counts_what_it_holds_back(void **state)
{
	struct token_bucket bucket = { .burst = 1, .per_second = 1 };
	uint64_t held_back = 99;

	assert_true(token_bucket_take(&bucket, 0, &held_back));
	assert_int_equal(held_back, 0);
	assert_int_equal(take(&bucket, 0, 3), 0);
	assert_true(token_bucket_take(&bucket, SECOND_US, &held_back));
	assert_int_equal(held_back, 3);
	assert_true(token_bucket_take(&bucket, 2 * SECOND_US, &held_back));
	assert_int_equal(held_back, 0);
	assert_int_equal(bucket.all_held_back, 3);
}

static void clock_that_goes_back(void **state)
{
	struct token_bucket bucket = { .burst = 2, .per_second = 1 };

	assert_int_equal(take(&bucket, 10 * SECOND_US, 1), 1);
	assert_int_equal(take(&bucket, 5 * SECOND_US, 5), 1);
	assert_int_equal(take(&bucket, 6 * SECOND_US, 5), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_then_rate),
		cmocka_unit_test(never_more_than_a_burst),
		cmocka_unit_test(counts_what_it_holds_back),
		cmocka_unit_test(clock_that_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
