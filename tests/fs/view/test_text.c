/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include "fs/view/text.h"

static struct text_line line_of(const char *text)
{
	return (struct text_line){ .start = text, .length = strlen(text) };
}

static void assert_line(const struct text_line *line, const char *expected)
{
	g_autofree char *text = g_strndup(line->start, line->length);

	assert_string_equal(text, expected);
}

static void walks_lines(void **state)
{
	const char *cursor = "one\n\nthree";
	struct text_line line;

	assert_true(text_next_line(&cursor, &line));
	assert_line(&line, "one");
	assert_true(text_next_line(&cursor, &line));
	assert_line(&line, "");
	assert_true(text_next_line(&cursor, &line));
	assert_line(&line, "three");
	assert_false(text_next_line(&cursor, &line));
	assert_false(text_next_line(&cursor, &line));
}

static void a_final_newline_begins_no_line(void **state)
{
	const char *cursor = "one\n";
	struct text_line line;

	assert_true(text_next_line(&cursor, &line));
	assert_false(text_next_line(&cursor, &line));
}

static void no_text_has_no_lines(void **state)
{
	const char *empty = "", *none = NULL;
	struct text_line line;

	assert_false(text_next_line(&empty, &line));
	assert_false(text_next_line(&none, &line));
}

static void labels_match_whole(void **state)
{
	static const struct {
		const char *line, *label;
		bool has;
	} cases[] = {
		{ "MemTotal:       1 kB", "MemTotal:", true },
		{ "MemTotalX:      1 kB", "MemTotal:", false },
		{ "MemTotal:       1 kB", "Mem", false },
		{ "Active(anon):   1 kB", "Active:", false },
		{ "cpu cores\t: 2", "cpu cores", true },
		{ "cpu cores\t: 2", "cpu", false },
		{ "core id\t\t: 2", "core id", true },
		{ "processor 0: version", "processor", false },
		{ "processor", "processor", false },
		{ "proc", "processor", false },
		{ "", "processor", false },
		{ "", "", false },
		{ "siblings: 1", "siblings", true },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct text_line line = line_of(cases[i].line);

		if (text_has_label(&line, cases[i].label) != cases[i].has)
			fail_msg("\"%s\" in \"%s\"", cases[i].label, cases[i].line);
	}
}

static void a_label_does_not_read_past_its_line(void **state)
{
	struct text_line line = { .start = "processor\t: 0", .length = 10 };

	assert_false(text_has_label(&line, "processor"));
}

static void finds_values(void **state)
{
	static const char *const cases[][2] = {
		{ "MemTotal:       1 kB", "1 kB" },
		{ "core id\t\t: 2", "2" },
		{ "power management:", "" },
		{ "no colon", "" },
		{ "a: b: c", "b: c" },
		{ "", "" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct text_line line = line_of(cases[i][0]);
		struct text_line value = text_value(&line);

		assert_line(&value, cases[i][1]);
		assert_true(value.start >= line.start && value.start + value.length == line.start + line.length);
	}
}

static void takes_numbers(void **state)
{
	struct text_line at = line_of("18446744073709551615 kB");
	uint64_t number = 7;

	assert_true(text_take_number(&at, &number));
	assert_true(number == UINT64_MAX);
	assert_line(&at, " kB");
	assert_false(text_take_number(&at, &number));
	assert_true(number == UINT64_MAX);
}

static void refuses_what_is_no_number(void **state)
{
	static const char *const cases[] = {
		"", "-1", "+1", " 1", "x", "18446744073709551616", "99999999999999999999999"
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct text_line at = line_of(cases[i]);
		uint64_t number = 7;

		assert_false(text_take_number(&at, &number));
		assert_int_equal(number, 7);
		assert_line(&at, cases[i]);
	}
}

static void appends(void **state)
{
	g_autoptr(GString) out = g_string_new("x");
	struct text_line line = { .start = "line and more", .length = 4 };

	text_append_number(out, 0, 0);
	text_append_number(out, 42, 5);
	text_append_number(out, 12345, 3);
	text_append_number(out, UINT64_MAX, 0);
	text_append_line(out, &line);
	assert_string_equal(out->str, "x0   421234518446744073709551615line\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_lines),
		cmocka_unit_test(a_final_newline_begins_no_line),
		cmocka_unit_test(no_text_has_no_lines),
		cmocka_unit_test(labels_match_whole),
		cmocka_unit_test(a_label_does_not_read_past_its_line),
		cmocka_unit_test(finds_values),
		cmocka_unit_test(takes_numbers),
		cmocka_unit_test(refuses_what_is_no_number),
		cmocka_unit_test(appends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
