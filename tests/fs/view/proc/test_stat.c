/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#define TAIL                 \
	"intr 0\n"           \
	"ctxt 0\n"           \
	"btime 1795298251\n" \
	"processes 70\n"     \
	"procs_running 2\n"  \
	"procs_blocked 1\n"  \
	"softirq 0 0 0 0 0 0 0 0 0 0 0\n"

static struct view_ticks each[] = { { 10, 1, 20, 300, 4 }, { 11, 0, 22, 333, 0 }, { UINT64_MAX, 0, 0, 0, 0 } };

static struct view with_cpus(const char *list, bool renumber)
{
	return (struct view){
		.cpus = sample_cpus(list, 8, renumber),
		.times = { .total = { 21, 1, 42, 633, 4 }, .each = each },
		.tasks = { .running = 2, .blocked = 1, .total = 9, .forks = 70 },
		.clock = { .btime_s = 1795298251 },
	};
}

static void a_line_for_each_cpu(void **state)
{
	struct view view = with_cpus("0-1", false);

	assert_renders(stat_render, &view,
		       "cpu  21 1 42 633 0 0 0 4 0 0\n"
		       "cpu0 10 1 20 300 0 0 0 4 0 0\n"
		       "cpu1 11 0 22 333 0 0 0 0 0 0\n" TAIL);
}

static void sparse_numbers_stay_or_are_renumbered(void **state)
{
	struct view view = with_cpus("1,3,6", false);

	assert_renders(stat_render, &view,
		       "cpu  21 1 42 633 0 0 0 4 0 0\n"
		       "cpu1 10 1 20 300 0 0 0 4 0 0\n"
		       "cpu3 11 0 22 333 0 0 0 0 0 0\n"
		       "cpu6 18446744073709551615 0 0 0 0 0 0 0 0 0\n" TAIL);
	view.cpus.renumber = true;
	assert_renders(stat_render, &view,
		       "cpu  21 1 42 633 0 0 0 4 0 0\n"
		       "cpu0 10 1 20 300 0 0 0 4 0 0\n"
		       "cpu1 11 0 22 333 0 0 0 0 0 0\n"
		       "cpu2 18446744073709551615 0 0 0 0 0 0 0 0 0\n" TAIL);
}

static void without_times_all_are_zero(void **state)
{
	struct view view = with_cpus("2", false);

	view.times = (struct view_times){ 0 };
	assert_renders(stat_render, &view,
		       "cpu  0 0 0 0 0 0 0 0 0 0\n"
		       "cpu2 0 0 0 0 0 0 0 0 0 0\n" TAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_for_each_cpu),
		cmocka_unit_test(sparse_numbers_stay_or_are_renumbered),
		cmocka_unit_test(without_times_all_are_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
