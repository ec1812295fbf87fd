/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#define HEAD "version 15\ntimestamp 4294963343\n"

static struct view_ticks each[] = { { 10, 1, 20, 300, 4 }, { 11, 0, 22, 333, 0 }, { UINT64_MAX, 0, 0, 0, UINT64_MAX } };

static struct view with_cpus(const char *list, bool renumber, const char *host)
{
	return (struct view){
		.cpus = sample_cpus(list, 8, renumber),
		.times = { .each = each },
		.host = host,
	};
}

static void running_and_waiting_are_those_of_stat(void **state)
{
	struct view view = with_cpus("1,3", false,
				     HEAD "cpu0 7 0 7 7 7 7 52373712866 26528192210 8981\n"
					  "domain0 03 0 0 0\n"
					  "cpu1 7 0 7 7 7 7 52373712866 26528192210 8981\n");

	assert_renders(schedstat_render, &view,
		       HEAD "cpu1 0 0 0 0 0 0 310000000 40000000 0\n"
			    "cpu3 0 0 0 0 0 0 330000000 0 0\n");
	view.cpus.renumber = true;
	assert_renders(schedstat_render, &view,
		       HEAD "cpu0 0 0 0 0 0 0 310000000 40000000 0\n"
			    "cpu1 0 0 0 0 0 0 330000000 0 0\n");
}

static void too_long_a_time_does_not_wrap(void **state)
{
	struct view view = with_cpus("0-2", false, HEAD);

	assert_renders(schedstat_render, &view,
		       HEAD "cpu0 0 0 0 0 0 0 310000000 40000000 0\n"
			    "cpu1 0 0 0 0 0 0 330000000 0 0\n"
			    "cpu2 0 0 0 0 0 0 18446744073709551615 18446744073709551615 0\n");
}

static void what_is_not_understood_is_left_out(void **state)
{
	struct view view = with_cpus("2", false, "version\nversion x\ntimestamp 12 13\nversions 4\nversion 17\n");

	view.times.each = NULL;
	assert_renders(schedstat_render, &view, "version 17\ncpu2 0 0 0 0 0 0 0 0 0\n");
	view.host = NULL;
	assert_renders(schedstat_render, &view, "cpu2 0 0 0 0 0 0 0 0 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(running_and_waiting_are_those_of_stat),
		cmocka_unit_test(too_long_a_time_does_not_wrap),
		cmocka_unit_test(what_is_not_understood_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
