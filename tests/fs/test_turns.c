/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/turns.h"

#include "tests/fs/harness.h"

#include <unistd.h>

/* As a worker that takes over does it. */
static struct turns next_turn(int fd, enum line_message go)
{
	g_autoptr(Store) store = store_open(fd, NULL);
	struct turns turns;

	assert_non_null(store);
	store_claim(store);
	turns_begin(&turns, store, go);
	return turns;
}

static void each_worker_counts_itself(void **state)
{
	int fd = store_make();
	struct turns first, second, third;

	assert_true(fd >= 0);
	first = next_turn(fd, LINE_GO_FRESH);
	second = next_turn(fd, LINE_GO_KILLED);
	third = next_turn(fd, LINE_GO_CRASHED);
	assert_int_equal(first.n, 1);
	assert_null(turns_before(&first));
	assert_true(first.first_s > 0 && first.first_s == first.last_s);
	assert_int_equal(second.n, 2);
	assert_string_equal(turns_before(&second), "killed");
	assert_int_equal(third.n, 3);
	assert_string_equal(turns_before(&third), "crashed");
	assert_int_equal(third.first_s, first.first_s);
	assert_true(third.last_s >= first.first_s);
	close(fd);
}

static void another_version_s_record_is_replaced(void **state)
{
	int fd = store_make();
	struct turns turns;

	assert_true(fd >= 0);
	{
		g_autoptr(Store) store = store_open(fd, NULL);

		assert_non_null(store);
		store_claim(store);
		assert_true(store_put(store, 0, STORE_TURNS, 0, "longer than the record of this version is", 42) != 0);
	}
	turns = next_turn(fd, LINE_GO_FRESH);
	assert_int_equal(turns.n, 1);
	turns = next_turn(fd, LINE_GO_FRESH);
	assert_int_equal(turns.n, 2);
	assert_string_equal(turns_before(&turns), "stopped");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_worker_counts_itself),
		cmocka_unit_test(another_version_s_record_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
