/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static void the_limit_of_open_files_stays(void **state)
{
	struct view view = { .host = "1053\t0\t2466177\n" };

	assert_renders(sysctl_counts_but_third_render, &view, "0\t0\t2466177\n");
}

static void the_age_limit_stays(void **state)
{
	struct view view = { .host = "1053912\t1046966\t45\t0\t382788\t0\n" };

	assert_renders(sysctl_counts_but_third_render, &view, "0\t0\t45\t0\t0\t0\n");
}

static void all_else_is_zero(void **state)
{
	struct view view = { .host = "590154\t17\n" };

	assert_renders(sysctl_counts_render, &view, "0\t0\n");
	view.host = "590154\t17\t-3\t0\t0\t0\t0\n";
	assert_renders(sysctl_counts_render, &view, "0\t0\t0\t0\t0\t0\t0\n");
}

static void what_is_not_understood_is_left_out(void **state)
{
	struct view view = { .host = "1 x 2 vda 3\n4\n" };

	assert_renders(sysctl_counts_but_third_render, &view, "0\t0\t3\n");
	view.host = "1\t18446744073709551616\t3\n";
	assert_renders(sysctl_counts_but_third_render, &view, "0\n");
	view.host = NULL;
	assert_renders(sysctl_counts_render, &view, "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limit_of_open_files_stays),
		cmocka_unit_test(the_age_limit_stays),
		cmocka_unit_test(all_else_is_zero),
		cmocka_unit_test(what_is_not_understood_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
