/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/busy_poll.h"

#include "tests/fs/harness.h"

/* One wait, in which the request comes before the moment is over or after it. True: it was tried. */
static bool wait_once(struct busy_poll *poll, bool comes_soon)
{
	bool is_tried = busy_poll_pays(poll);

	if (!is_tried)
		return false;
	busy_poll_note(poll, comes_soon);
	if (!comes_soon)
		assert_false(busy_poll_pays(poll)); /* now it sleeps */
	return true;
}

static unsigned tries(struct busy_poll *poll, unsigned waits, bool comes_soon)
{
	unsigned n = 0;

	for (unsigned i = 0; i < waits; i++)
		n += wait_once(poll, comes_soon);
	return n;
}

static void test_it_is_found_out_that_requests_come_soon(void **state)
{
	struct busy_poll poll = { 0 };

	(void)state;
	assert_in_range(tries(&poll, 64, true), 64 - 32, 64);
	assert_int_equal(tries(&poll, 100, true), 100);
}

static void test_what_fails_is_left_but_for_a_trial_now_and_then(void **state)
{
	struct busy_poll poll = { 0 };

	(void)state;
	tries(&poll, 1000, true);
	tries(&poll, 10, false);
	assert_in_range(tries(&poll, 3200, false), 99, 101);
}

/* Who opens, reads and closes a file every minute. */
static void test_bursts_keep_it_going(void **state)
{
	struct busy_poll poll = { 0 };

	(void)state;
	tries(&poll, 100, true);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(tries(&poll, 3, true), 3);
		assert_int_equal(tries(&poll, 1, false), 1);
	}
}

static void test_one_success_in_two_is_too_few(void **state)
{
	struct busy_poll poll = { 0 };
	unsigned n = 0;

	(void)state;
	tries(&poll, 100, true);
	for (unsigned i = 0; i < 1600; i++)
		n += tries(&poll, 1, i % 2 == 0);
	assert_in_range(n, 50, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_found_out_that_requests_come_soon),
		cmocka_unit_test(test_what_fails_is_left_but_for_a_trial_now_and_then),
		cmocka_unit_test(test_bursts_keep_it_going),
		cmocka_unit_test(test_one_success_in_two_is_too_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
