/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

/* As the kernel's file begins, so that slabtop and vmstat -m take it. */
static void only_the_heading(void **state)
{
	struct view view = { 0 };
	g_autofree char *text = sample_render(slabinfo_render, &view);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	assert_int_equal(g_strv_length(lines), 3);
	assert_string_equal(lines[0], "slabinfo - version: 2.1");
	assert_true(g_str_has_prefix(lines[1], "# name            <active_objs> <num_objs> <objsize> "));
	assert_true(g_str_has_suffix(lines[1], " : slabdata <active_slabs> <num_slabs> <sharedavail>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_the_heading) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
