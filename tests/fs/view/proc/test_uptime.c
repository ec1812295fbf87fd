/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static void assert_uptime(uint64_t uptime_cs, uint64_t idle_cs, const char *expected)
{
	struct view view = { .clock = { .uptime_cs = uptime_cs, .idle_cs = idle_cs } };

	assert_renders(uptime_render, &view, expected);
}

static void prints_hundredths(void **state)
{
	assert_uptime(0, 0, "0.00 0.00\n");
	assert_uptime(7, 99, "0.07 0.99\n");
	assert_uptime(129398, 245208, "1293.98 2452.08\n");
	assert_uptime(UINT64_MAX, 100, "184467440737095516.15 1.00\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(prints_hundredths) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
