/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/pace.h"

#include "tests/fs/harness.h"

#define WINDOW 1000

static void take(Pace *pace, uid_t uid, gint64 now, unsigned n)
{
	while (n-- > 0) {
		assert_true(pace_allows(pace, uid, now));
		pace_take(pace, uid, now);
	}
}

static void bounds_each_user(void **state)
{
	g_autoptr(Pace) pace = pace_new(3, WINDOW);

	take(pace, 1000, 5000, 3);
	assert_false(pace_allows(pace, 1000, 5000));
	assert_false(pace_allows(pace, 1000, 5000 + WINDOW - 1));
	take(pace, 1001, 5000, 3);
	assert_false(pace_allows(pace, 1001, 5001));
}

static void begins_again(void **state)
{
	g_autoptr(Pace) pace = pace_new(2, WINDOW);

	take(pace, 1000, 5000, 2);
	take(pace, 1000, 5000 + WINDOW, 2);
	assert_false(pace_allows(pace, 1000, 5000 + WINDOW));
}

static void asking_takes_nothing(void **state)
{
	g_autoptr(Pace) pace = pace_new(1, WINDOW);

	for (unsigned i = 0; i < 5; i++)
		assert_true(pace_allows(pace, 1000, 5000));
	take(pace, 1000, 5000, 1);
	pace_take(pace, 1000, 5000); /* more than allowed is counted, too */
	assert_false(pace_allows(pace, 1000, 5000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_each_user),
		cmocka_unit_test(begins_again),
		cmocka_unit_test(asking_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
