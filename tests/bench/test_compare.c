/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void same_text_is_the_hosts(void **state)
{
	assert_true(compare_is_host("0-1\n", "0-1\n", "0-1\n"));
	assert_true(compare_is_host("", "", ""));
}

static void counters_between_two_readings_are_the_hosts(void **state)
{
	assert_true(compare_is_host("cpu 10 20\n", "cpu 11 20\n", "cpu 12 21\n"));
	assert_true(compare_is_host("MemFree: 90 kB\n", "MemFree: 85 kB\n", "MemFree: 80 kB\n"));
	assert_true(compare_is_host("15.00 3.00\n", "15.01 3.01\n", "15.02 3.01\n"));
}

static void another_number_is_not(void **state)
{
	assert_false(compare_is_host("MemTotal: 90 kB\n", "MemTotal: 10 kB\n", "MemTotal: 90 kB\n"));
	assert_false(compare_is_host("cpu 10 20\n", "cpu 13 20\n", "cpu 12 21\n"));
}

static void another_shape_is_not(void **state)
{
	assert_false(compare_is_host("cpu0 1\ncpu1 1\n", "cpu0 1\n", "cpu0 1\ncpu1 1\n"));
	assert_false(compare_is_host("0-1\n", "0\n", "0-1\n"));
	assert_false(compare_is_host("name a\n", "name b\n", "name a\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_text_is_the_hosts),
		cmocka_unit_test(counters_between_two_readings_are_the_hosts),
		cmocka_unit_test(another_number_is_not),
		cmocka_unit_test(another_shape_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
