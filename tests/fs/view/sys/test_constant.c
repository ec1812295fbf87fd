/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static void assert_constant(void (*render)(const struct view *view, GString *text), const char *host,
			    const char *expected)
{
	struct view view = { .host = host };

	assert_renders(render, &view, expected);
}

static void numbers(void **state)
{
	assert_constant(constant_number_render, "64\n", "64\n");
	assert_constant(constant_number_render, "0\n", "0\n");
	assert_constant(constant_number_render, "-1\n", "-1\n");
	assert_constant(constant_number_render, "8191", "8191\n");
	assert_constant(constant_number_render, "18446744073709551615\n", "18446744073709551615\n");
	assert_constant(constant_number_render, "18446744073709551616\n", "0\n");
	assert_constant(constant_number_render, "64K\n", "0\n");
	assert_constant(constant_number_render, "-\n", "0\n");
	assert_constant(constant_number_render, "-x\n", "0\n");
	assert_constant(constant_number_render, "", "0\n");
	assert_constant(constant_number_render, NULL, "0\n");
}

static void words(void **state)
{
	assert_constant(constant_word_render, "Unified\n", "Unified\n");
	assert_constant(constant_word_render, "266240K\n", "266240K\n");
	assert_constant(constant_word_render, "two words\n", "\n");
	assert_constant(constant_word_render, "\xff\n", "\n");
	assert_constant(constant_word_render, "", "\n");
	assert_constant(constant_word_render, NULL, "\n");
}

static void lines(void **state)
{
	assert_constant(constant_line_render, "Mitigation: PTI; SMT: 2\n", "Mitigation: PTI; SMT: 2\n");
	assert_constant(constant_line_render, "first\nsecond\n", "first\n");
	assert_constant(constant_line_render, "tab\there\n", "\n");
	assert_constant(constant_line_render, NULL, "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(words),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
