/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/pace.h"

#include "tests/fs/harness.h"

#include <unistd.h>

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
	g_autoptr(Pace) pace = pace_new(3, WINDOW, NULL);

	take(pace, 1000, 5000, 3);
	assert_false(pace_allows(pace, 1000, 5000));
	assert_false(pace_allows(pace, 1000, 5000 + WINDOW - 1));
	take(pace, 1001, 5000, 3);
	assert_false(pace_allows(pace, 1001, 5001));
}

static void begins_again(void **state)
{
	g_autoptr(Pace) pace = pace_new(2, WINDOW, NULL);

	take(pace, 1000, 5000, 2);
	take(pace, 1000, 5000 + WINDOW, 2);
	assert_false(pace_allows(pace, 1000, 5000 + WINDOW));
}

static void asking_takes_nothing(void **state)
{
	g_autoptr(Pace) pace = pace_new(1, WINDOW, NULL);

	for (unsigned i = 0; i < 5; i++)
		assert_true(pace_allows(pace, 1000, 5000));
	take(pace, 1000, 5000, 1);
	pace_take(pace, 1000, 5000); /* more than allowed is counted, too */
	assert_false(pace_allows(pace, 1000, 5000));
}

/* ---- the next worker ---- */

static Store *take_over(int fd)
{
	Store *store = store_open(fd, NULL);

	assert_non_null(store);
	store_claim(store);
	return store;
}

static void count(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length, void *data)
{
	++*(unsigned *)data;
}

static unsigned records(const Store *store)
{
	unsigned n = 0;

	store_each(store, STORE_PACE, count, &n);
	return n;
}

/* `n` are allowed by a worker that comes to an end. */
static void live(int fd, uid_t uid, gint64 now, unsigned n)
{
	g_autoptr(Store) store = take_over(fd);
	g_autoptr(Pace) pace = pace_new(5, WINDOW, store);

	take(pace, uid, now, n);
}

static void outlives_a_worker(void **state)
{
	int fd = store_make();

	live(fd, 1000, 5000, 2);
	live(fd, 1001, 5100, 1);
	live(fd, 1000, 5200, 2);
	{
		g_autoptr(Store) store = take_over(fd);
		g_autoptr(Pace) pace = pace_new(5, WINDOW, store);

		assert_int_equal(records(store), 2);
		take(pace, 1000, 5300, 1);
		assert_false(pace_allows(pace, 1000, 5300));
		take(pace, 1001, 5300, 4);
		assert_false(pace_allows(pace, 1001, 5000 + WINDOW - 1));
		take(pace, 1000, 5000 + WINDOW, 5);
		assert_int_equal(records(store), 1);
	}
	close(fd);
}

/* Of another version, of a window before, and of a clock that is not ours. */
static void what_makes_no_sense_is_forgotten(void **state)
{
	static const int64_t before[] = { 4000, 5 }, later[] = { 9000, 5 };
	int fd = store_make();
	g_autoptr(Store) store = take_over(fd);
	g_autoptr(Pace) pace = NULL;

	store_put(store, 0, STORE_PACE, 1000, before, sizeof before);
	store_put(store, 0, STORE_PACE, 1001, later, sizeof later);
	store_put(store, 0, STORE_PACE, 1002, later, sizeof later[0]);
	pace = pace_new(5, WINDOW, store);
	assert_int_equal(records(store), 1);
	assert_true(pace_allows(pace, 1000, 9000));
	assert_false(pace_allows(pace, 1001, 9000));
	assert_true(pace_allows(pace, 1001, 5000));
	assert_int_equal(records(store), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_each_user),
		cmocka_unit_test(begins_again),
		cmocka_unit_test(asking_takes_nothing),
		cmocka_unit_test(outlives_a_worker),
		cmocka_unit_test(what_makes_no_sense_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
