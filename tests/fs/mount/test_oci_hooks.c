/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_hooks.h"

#include "tests/fs/harness.h"

#define OURS "{\"path\":\"/hook\",\"args\":[\"procvirt-hook\",\"--strict\"]}"

static const char *const args[] = { "procvirt-hook", "--strict", NULL };
static const struct oci_hook hook = { "/hook", args };

static void assert_becomes(const char *text, const char *expected)
{
	g_autofree char *result = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(oci_hooks_add(text, strlen(text), &hook, &result, &error));
	g_assert_no_error(error);
	if (expected)
		assert_string_equal(result, expected);
	else
		assert_null(result);
}

static void adds(void **state)
{
	assert_becomes("{}", "{\"hooks\":{\"createRuntime\":[" OURS "]}}");
	assert_becomes("{\"a\":1}", "{\"a\":1,\"hooks\":{\"createRuntime\":[" OURS "]}}");
	assert_becomes("{\"hooks\":null}", "{\"hooks\":{\"createRuntime\":[" OURS "]}}");
	assert_becomes("{\"hooks\":{}}", "{\"hooks\":{\"createRuntime\":[" OURS "]}}");
	assert_becomes("{\"hooks\":{\"poststop\":[]},\"a\":1}",
		       "{\"hooks\":{\"poststop\":[],\"createRuntime\":[" OURS "]},\"a\":1}");
	assert_becomes("{\"hooks\":{\"createRuntime\":null}}", "{\"hooks\":{\"createRuntime\":[" OURS "]}}");
	assert_becomes("{\"hooks\":{\"createRuntime\":[]}}", "{\"hooks\":{\"createRuntime\":[" OURS "]}}");
	assert_becomes("{\"hooks\":{\"createRuntime\":[{\"path\":\"/other\"}]}}",
		       "{\"hooks\":{\"createRuntime\":[{\"path\":\"/other\"}," OURS "]}}");
}

static void adds_once(void **state)
{
	assert_becomes("{\"hooks\":{\"createRuntime\":[" OURS "]}}", NULL);
	assert_becomes("{\"hooks\":{\"createRuntime\":[{},{\"path\":\"\\/hook\"}]}}", NULL);
	assert_becomes("{\"hooks\":{\"prestart\":[{\"path\":\"/hook\"}]}}", NULL);
}

/* A hook of ours at a stage where it cannot work is no reason not to add it. */
static void adds_beside_other_stages(void **state)
{
	assert_becomes("{\"hooks\":{\"poststop\":[" OURS "]}}",
		       "{\"hooks\":{\"poststop\":[" OURS "],\"createRuntime\":[" OURS "]}}");
}

/* What a parser's own output would change: large and exact numbers, spelling, order, blanks, members that nobody knows. */
static void keeps_all_else(void **state)
{
	static const char text[] = "{\n\t\"z\": 18446744073709551615, \"limit\": -9223372036854775808,\n"
				   "\t\"a\": 1e9, \"b\": 1.0, \"c\": 0.1, \"d\": 1E+2, \"e\": \"\\u00e9\\/é\",\n"
				   "\t\"unknown\": [{}, [], null, true]%s\n}\n";
	g_auto(GStrv) parts = g_strsplit(text, "%s", 2);
	g_autofree char *before = g_strjoinv("", parts);
	g_autofree char *after = g_strjoinv(",\"hooks\":{\"createRuntime\":[" OURS "]}", parts);

	assert_becomes(before, after);
}

static void refuses(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "config.json is not a JSON object" },
		{ "[]", "config.json is not a JSON object" },
		{ "{", "config.json is not JSON: " },
		{ "{\"a\":1,}", "config.json is not JSON: " },
		{ "{\"hooks\":[]}", "config.json: member \"hooks\" is not an object" },
		{ "{\"hooks\":{\"createRuntime\":{}}}",
		  "config.json's hooks: member \"createRuntime\" is not an array" },
		{ "{\"hooks\":{\"prestart\":1}}", "config.json's hooks: member \"prestart\" is not an array" },
		{ "{\"hooks\":{},\"hooks\":{}}", "config.json: member \"hooks\" is there 2 times" },
		{ "{\"hooks\":{\"createRuntime\":[],\"createRuntime\":[]}}",
		  "config.json: member \"createRuntime\" is there 2 times" },
		{ "{\"\\u0068ooks\":{},\"hooks\":{}}", "config.json: member \"hooks\" is there 2 times" },
		{ "{\"\\u0068ooks\":{}}", "config.json: member \"hooks\" is spelt with escapes" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		char untouched = 0, *result = &untouched;

		assert_false(oci_hooks_add(cases[i].text, strlen(cases[i].text), &hook, &result, &error));
		assert_has(error->message, cases[i].error);
		assert_ptr_equal(result, &untouched);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds),
		cmocka_unit_test(adds_once),
		cmocka_unit_test(adds_beside_other_stages),
		cmocka_unit_test(keeps_all_else),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
