/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_load(const struct view_load *load, uint64_t one, uint64_t five, uint64_t fifteen)
{
	assert_int_equal(load->avg[0], one);
	assert_int_equal(load->avg[1], five);
	assert_int_equal(load->avg[2], fifteen);
}

/* One runnable thread: (2048 - 1884) and so on, rounded up; the second step (164 × 1884 + 2048 × 164 + 2047) / 2048. */
static void rises(void **state)
{
	struct view_load load = { 0 };

	load_decay(&load, 1, 1);
	assert_load(&load, 164, 34, 11);
	load_decay(&load, 1, 1);
	assert_load(&load, 315, 68, 22);
}

static void falls(void **state)
{
	struct view_load load = { { 2048, 2048, 2048 } };

	load_decay(&load, 0, 1);
	assert_load(&load, 1884, 2014, 2037);
	load_decay(&load, 0, 1);
	assert_load(&load, 1733, 1980, 2026);
}

/* Two periods at once: 1884² in fixed point is 1733.1, 2014² 1980.6, 2037² 2026.1; rounded to the nearest. */
static void several_periods(void **state)
{
	struct view_load load = { { 2048, 2048, 2048 } };

	load_decay(&load, 0, 2);
	assert_load(&load, 1733, 1981, 2026);
	load = (struct view_load){ { 2048, 2048, 2048 } };
	load_decay(&load, 0, 12); /* a minute: 1/e of it */
	assert_in_range(load.avg[0], 2048 * 0.36, 2048 * 0.376);
}

static void settles_on_the_number_of_threads(void **state)
{
	struct view_load load = { 0 };

	for (unsigned i = 0; i < 2000; i++)
		load_decay(&load, 3, 1);
	assert_load(&load, 3 * 2048, 3 * 2048, 3 * 2048);
	load_decay(&load, 0, 4000000000);
	assert_load(&load, 0, 0, 0);
}

static void no_period_no_change(void **state)
{
	struct view_load load = { { 5, 6, 7 } };

	load_decay(&load, 100, 0);
	assert_load(&load, 5, 6, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rises),
		cmocka_unit_test(falls),
		cmocka_unit_test(several_periods),
		cmocka_unit_test(settles_on_the_number_of_threads),
		cmocka_unit_test(no_period_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
