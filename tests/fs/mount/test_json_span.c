/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/json_span.h"

#include "tests/fs/harness.h"

static struct json_span all(const char *text)
{
	return (struct json_span){ 0, strlen(text) };
}

static void assert_member(const char *text, unsigned times, const char *value)
{
	struct json_span object = json_span_value(text, all(text), 0), place = { 0 };
	g_autofree char *found = NULL;

	assert_int_equal(json_span_member(text, object, "hooks", &place).plain, times);
	found = g_strndup(text + place.start, place.end - place.start);
	assert_string_equal(found, value);
}

static void finds_members(void **state)
{
	assert_member("{}", 0, "");
	assert_member("{ }", 0, "");
	assert_member("{\"hooks\":1}", 1, "1");
	assert_member("\n{ \"hooks\" : { \"a\" : [ ] } }\n", 1, "{ \"a\" : [ ] }");
	assert_member("{\"a\":null,\"hooks\":null}", 1, "null");
	assert_member("{\"hooks\":[1,2],\"a\":true}", 1, "[1,2]");
	assert_member("{\"hooks\":\"a,b\\\"}\"}", 1, "\"a,b\\\"}\"");
	assert_member("{\"a\":-1.5e9 ,\"hooks\":-0 }", 1, "-0");
}

/* Names are looked for in this object, not in strings, values and objects within it. */
static void is_not_misled(void **state)
{
	assert_member("{\"a\":\"hooks\",\"b\":{\"hooks\":1},\"c\":[{\"hooks\":2}]}", 0, "");
	assert_member("{\"a\":\"\\\",\\\"hooks\\\":1\"}", 0, "");
	assert_member("{\"a\":\"\\\\\",\"hooks\":1}", 1, "1");
	assert_member("{\"a\":\"]}{[\",\"hooks\":1}", 1, "1");
	assert_member("{\"a\":{\"b\":\"}\"},\"hooks\":1}", 1, "1");
	assert_member("{\"hook\":1,\"hookss\":2,\"Hooks\":3,\"\":4}", 0, "");
	assert_member("{\"hooks\":1,\"hooks\":2}", 2, "2");
}

static void sees_escapes(void **state)
{
	static const char text[] = "{\"\\u0068ooks\":1,\"hooks\":2,\"h\\\\ooks\":3,\"hook\\u0073\":4}";
	struct json_span place = { 0 };
	struct json_times times = json_span_member(text, all(text), "hooks", &place);

	assert_int_equal(times.plain, 1);
	assert_int_equal(times.escaped, 2);
	assert_int_equal(text[place.start], '2');
}

static void assert_appended(const char *text, const char *expected)
{
	g_autofree char *result = json_span_append(text, strlen(text), json_span_value(text, all(text), 0), "9");

	assert_string_equal(result, expected);
}

static void appends(void **state)
{
	assert_appended("[]", "[9]");
	assert_appended(" [\n] ", " [9\n] ");
	assert_appended("[1]", "[1,9]");
	assert_appended("[\n  [1] \n]\n", "[\n  [1],9 \n]\n");
}

static void replaces(void **state)
{
	g_autofree char *result = json_span_replace("{\"a\":null}", 10, (struct json_span){ 5, 9 }, "[]");

	assert_string_equal(result, "{\"a\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_members), cmocka_unit_test(is_not_misled), cmocka_unit_test(sees_escapes),
		cmocka_unit_test(appends),       cmocka_unit_test(replaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
