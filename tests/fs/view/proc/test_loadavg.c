/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static void at_rest(void **state)
{
	struct view view = { .tasks = { .running = 1, .total = 3, .last_pid = 42 } };

	assert_renders(loadavg_render, &view, "0.00 0.00 0.00 1/3 42\n");
}

static void rounds_as_the_kernel(void **state)
{
	/* 2048 is 1.00; 10 (0.0049) is below half a hundredth with the kernel's 10 added, 11 is not. */
	struct view view = { .load = { .avg = { 2048, 10, 11 } } };

	assert_renders(loadavg_render, &view, "1.00 0.00 0.01 0/0 0\n");
	view.load = (struct view_load){ .avg = { 3072, 2047, 123 * 2048 + 1023 } };
	assert_renders(loadavg_render, &view, "1.50 1.00 123.50 0/0 0\n");
	/* 1.995 and a little less, the edge to the next whole number. */
	view.load = (struct view_load){ .avg = { 4085, 4086, 4087 } };
	assert_renders(loadavg_render, &view, "1.99 2.00 2.00 0/0 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(at_rest), cmocka_unit_test(rounds_as_the_kernel) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
