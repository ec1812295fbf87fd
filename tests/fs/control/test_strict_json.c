/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/strict_json.h"

#include "tests/fs/harness.h"

#include <errno.h>

static void accepts(void **state)
{
	static const char *const texts[] = {
		"{}",
		" {\"a\" : [1, -2, 0, 1.5, 2e3, 1E-2, true, false, null, {}, []]}\r\n\t",
		"{\"a\":\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u00e9 \xc3\xa9\"}",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) object = strict_json_parse(texts[i], strlen(texts[i]), "it", &error);

		g_assert_no_error(error);
		assert_non_null(object);
	}
}

/* The text is anybody's, and goes into logs and answers. */
static void assert_is_a_sentence(const char *message)
{
	assert_true(strlen(message) < 256);
	for (const char *at = message; *at; at++)
		assert_true(g_ascii_isprint(*at));
}

/* Of two bytes each. */
#define LONG "éééééééééééééééééééééééééééééééééééééééééééééééééé"

static void refuses(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "it is not" },
		{ "[]", "it is not a JSON object" },
		{ "\"x\"", "it is not a JSON object" },
		{ "null", "it is not a JSON object" },
		{ "{", "it is not JSON" },
		{ "{]", "it is not JSON" },
		{ "{\"a\":1,}", "it is not JSON" },
		{ "{\"a\" 1}", "it is not JSON" },
		{ "{\"a\\nb\" \"\"}", "it is not JSON: <data>:1:" },
		{ "{\"" LONG "\" \"\"}", "it is not JSON: <data>:1:" },
		{ "{\"x" LONG "\" \"\"}", "it is not JSON: <data>:1:" },
		{ "{}{}", "unexpected text at byte 2" },
		{ "{} x", "unexpected text at byte 3" },
		{ "/* c */{}", "unexpected text at byte 0" },
		{ "var a = {}", "unexpected text at byte 0" },
		{ "{\"a\":010}", "unexpected text at byte 5" },
		{ "{\"a\":0x10}", "it is not JSON" },
		{ "{\"a\":-}", "unexpected text at byte 5" },
		{ "{\"a\":1.}", "unexpected text at byte 5" },
		{ "{\"a\":1e}", "unexpected text at byte 5" },
		{ "{\"a\":'b'}", "unexpected text at byte 5" },
		{ "{\"a\":tru}", "unexpected text at byte 5" },
		{ "{\"a\":\"b}", "unexpected text at byte 5" },
		{ "{\"a\":\"\n\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"\\x\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"b\\u0000c\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"\\u00e\xc7\x8c\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"\\ud83d\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"\\ud83d\\u0041\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"\\ude00\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"\\u00\"}", "unexpected text at byte 5" },
		{ "{\"a\":\"\xff\"}", "it is not UTF-8 text" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(strict_json_parse(cases[i].text, strlen(cases[i].text), "it", &error));
		assert_non_null(error);
		assert_int_equal(error->code, EINVAL);
		assert_has(error->message, cases[i].error);
		assert_is_a_sentence(error->message);
	}
}

static void takes_escapes(void **state)
{
	static const char text[] = "{\"a\":\"\\u0041\\ud83d\\ude00\\n\"}";
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object = strict_json_parse(text, strlen(text), "it", &error);

	assert_null(error);
	assert_string_equal(json_object_get_string_member(object, "a"), "A\xf0\x9f\x98\x80\n");
}

static void refuses_nul(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_null(strict_json_parse("{}\0", 3, "it", &error));
	assert_non_null(error);
}

/* The parser recurses, so depth must be refused before it: this text would exhaust the stack. */
static void bounds_depth(void **state)
{
	g_autoptr(GString) text = g_string_new("{\"a\":");
	g_autoptr(GError) error = NULL;

	for (unsigned i = 0; i < 1000000; i++)
		g_string_append_c(text, '[');
	assert_null(strict_json_parse(text->str, text->len, "it", &error));
	assert_string_equal(error->message, "it is nested deeper than 64");
}

struct place {
	const char *word;
	int64_t number;
	bool flag;
	JsonObject *object;
	JsonArray *array;
};

static const struct strict_json_member members[] = {
	{ "word", STRICT_JSON_STRING, true, offsetof(struct place, word) },
	{ "number", STRICT_JSON_INTEGER, false, offsetof(struct place, number) },
	{ "flag", STRICT_JSON_BOOLEAN, false, offsetof(struct place, flag) },
	{ "object", STRICT_JSON_OBJECT, false, offsetof(struct place, object) },
	{ "array", STRICT_JSON_ARRAY, false, offsetof(struct place, array) },
};

static bool read_text(const char *text, bool others, struct place *place, JsonObject **ret_object, GError **error)
{
	const struct strict_json_table table = { members, G_N_ELEMENTS(members), others };

	*ret_object = strict_json_parse(text, strlen(text), "it", error);
	return *ret_object && strict_json_read(*ret_object, &table, "it", place, error);
}

static void reads_members(void **state)
{
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;
	struct place place = { .number = 7, .flag = true };

	assert_true(read_text("{\"word\":\"w\",\"number\":-5,\"flag\":false,\"object\":{},\"array\":[1]}", false,
			      &place, &object, &error));
	assert_string_equal(place.word, "w");
	assert_int_equal(place.number, -5);
	assert_false(place.flag);
	assert_non_null(place.object);
	assert_int_equal(json_array_get_length(place.array), 1);
}

static void keeps_presets(void **state)
{
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;
	struct place place = { .number = 7, .flag = true };

	assert_true(read_text("{\"word\":\"w\",\"number\":null,\"x\":1}", true, &place, &object, &error));
	assert_int_equal(place.number, 7);
	assert_true(place.flag);
}

static void names_members(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "{}", "it has no member \"word\"" },
		{ "{\"word\":null}", "it has no member \"word\"" },
		{ "{\"word\":1}", "it: member \"word\" is not a string" },
		{ "{\"word\":\"\",\"number\":\"1\"}", "it: member \"number\" is not an integer" },
		{ "{\"word\":\"\",\"number\":1.0}", "it: member \"number\" is not an integer" },
		{ "{\"word\":\"\",\"flag\":1}", "it: member \"flag\" is not true or false" },
		{ "{\"word\":\"\",\"object\":[]}", "it: member \"object\" is not an object" },
		{ "{\"word\":\"\",\"array\":{}}", "it: member \"array\" is not an array" },
		{ "{\"word\":\"\",\"W\\n\":0}", "it: unknown member \"W\\n\"" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(JsonObject) object = NULL;
		g_autoptr(GError) error = NULL;
		struct place place = { 0 };

		assert_false(read_text(cases[i].text, false, &place, &object, &error));
		assert_string_equal(error->message, cases[i].error);
	}
}

static void quotes(void **state)
{
	g_autofree char *long_text = g_strnfill(100, 'x');
	g_autofree char *quoted_long = strict_json_quote(long_text);
	g_autofree char *quoted = strict_json_quote("a\n\xc3\xa9\xff");

	assert_int_equal(strlen(quoted_long), 64);
	for (const char *c = quoted; *c; c++)
		assert_true(*c >= ' ' && *c <= '~');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),       cmocka_unit_test(refuses),       cmocka_unit_test(takes_escapes),
		cmocka_unit_test(refuses_nul),   cmocka_unit_test(bounds_depth),  cmocka_unit_test(reads_members),
		cmocka_unit_test(keeps_presets), cmocka_unit_test(names_members), cmocka_unit_test(quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
