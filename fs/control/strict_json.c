/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/strict_json.h"

#include <errno.h>
#include <string.h>

#define QUOTE_MAX  64
#define REASON_MAX 160

/* At most so many characters, as printable ASCII. */
static char *printable(const char *text, glong most)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *start = g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), most));

	return g_strescape(start, NULL);
}

/* The UTF-16 unit of "\uXXXX"; false where it is none. */
static bool read_unit(const char *at, const char *end, unsigned *ret_unit)
{
	unsigned unit = 0;

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return false;
	for (unsigned i = 2; i < 6; i++) {
		if (!g_ascii_isxdigit(at[i]))
			return false;
		unit = unit << 4 | (unsigned)g_ascii_xdigit_value(at[i]);
	}
	*ret_unit = unit;
	return true;
}

/* A character, or two halves of one; json-glib makes text that is no UTF-8 out of half a pair and of other digits. */
static const char *skip_unicode(const char *at, const char *end)
{
	unsigned unit, low;

	if (!read_unit(at, end, &unit) || unit == 0) /* 0 would end a C string early */
		return NULL;
	if (unit < 0xd800 || unit > 0xdfff)
		return at + 6;
	return unit < 0xdc00 && read_unit(at + 6, end, &low) && low >= 0xdc00 && low <= 0xdfff ? at + 12 : NULL;
}

static const char *skip_escape(const char *at, const char *end)
{
	if (end - at < 2 || !at[1] || !strchr("\"\\/bfnrtu", at[1]))
		return NULL;
	return at[1] == 'u' ? skip_unicode(at, end) : at + 2;
}

/* `at` is behind the opening quote; each skip_x() gives the place behind the token, NULL when it is none. */
static const char *skip_string(const char *at, const char *end)
{
	while (at && at < end && *at != '"') {
		if ((unsigned char)*at < 0x20)
			return NULL;
		at = *at == '\\' ? skip_escape(at, end) : at + 1;
	}
	return at && at < end ? at + 1 : NULL;
}

static const char *skip_digits(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && g_ascii_isdigit(*at))
		at++;
	return at > start ? at : NULL;
}

static const char *skip_fraction(const char *at, const char *end)
{
	return at && at < end && *at == '.' ? skip_digits(at + 1, end) : at;
}

static const char *skip_exponent(const char *at, const char *end)
{
	if (!at || at == end || (*at != 'e' && *at != 'E'))
		return at;
	at++;
	if (at < end && (*at == '+' || *at == '-'))
		at++;
	return skip_digits(at, end);
}

static const char *skip_number(const char *at, const char *end)
{
	const char *digits = *at == '-' ? at + 1 : at;
	const char *behind = skip_digits(digits, end);

	if (!behind || (*digits == '0' && behind - digits > 1))
		return NULL;
	return skip_exponent(skip_fraction(behind, end), end);
}

static const char *skip_word(const char *at, const char *end)
{
	static const char *const words[] = { "true", "false", "null" };

	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(end - at) >= length && !memcmp(at, words[i], length))
			return at + length;
	}
	return NULL;
}

static const char *skip_token(const char *at, const char *end)
{
	if (*at && strchr("{}[]:, \t\r\n", *at))
		return at + 1;
	if (*at == '"')
		return skip_string(at + 1, end);
	if (*at == '-' || g_ascii_isdigit(*at))
		return skip_number(at, end);
	return skip_word(at, end);
}

/* The tokens are JSON's and the brackets close; their order is left to the parser. */
static bool check_tokens(const char *text, gsize length, const char *what, GError **error)
{
	const char *end = text + length;
	unsigned depth = 0;
	bool closed = false;

	for (const char *at = text, *next; at < end; at = next) {
		bool opens = *at == '{' || *at == '[', blank = *at && strchr(" \t\r\n", *at);

		next = skip_token(at, end);
		if (!next || (closed && !blank))
			return cg_fail(error, EINVAL, "%s is not JSON: unexpected text at byte %td", what, at - text);
		if (opens && ++depth > STRICT_JSON_DEPTH)
			return cg_fail(error, EINVAL, "%s is nested deeper than %d", what, STRICT_JSON_DEPTH);
		if ((*at == '}' || *at == ']') && depth > 0)
			closed = --depth == 0;
	}
	return true;
}

JsonObject *strict_json_parse(const char *text, gsize length, const char *what, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) syntax = NULL;
	JsonNode *root;

	if (!g_utf8_validate(text, (gssize)length, NULL)) {
		cg_fail(error, EINVAL, "%s is not UTF-8 text", what);
		return NULL;
	}
	if (!check_tokens(text, length, what, error))
		return NULL;
	if (!json_parser_load_from_data(parser, text, (gssize)length, &syntax)) {
		/* It quotes the text, and cuts that within a character. */
		g_autofree char *reason = printable(syntax->message, REASON_MAX);

		cg_fail(error, EINVAL, "%s is not JSON: %s", what, reason);
		return NULL;
	}
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		cg_fail(error, EINVAL, "%s is not a JSON object", what);
		return NULL;
	}
	return json_node_dup_object(root);
}

char *strict_json_quote(const char *text)
{
	return printable(text, QUOTE_MAX);
}

static bool holds(JsonNode *node, enum strict_json_kind kind)
{
	switch (kind) {
	case STRICT_JSON_STRING:
		return json_node_get_value_type(node) == G_TYPE_STRING;
	case STRICT_JSON_INTEGER:
		return json_node_get_value_type(node) == G_TYPE_INT64;
	case STRICT_JSON_BOOLEAN:
		return json_node_get_value_type(node) == G_TYPE_BOOLEAN;
	case STRICT_JSON_OBJECT:
		return JSON_NODE_HOLDS_OBJECT(node);
	case STRICT_JSON_ARRAY:
		return JSON_NODE_HOLDS_ARRAY(node);
	}
	return false;
}

static const char *kind_name(enum strict_json_kind kind)
{
	static const char *const names[] = {
		[STRICT_JSON_STRING] = "a string",       [STRICT_JSON_INTEGER] = "an integer",
		[STRICT_JSON_BOOLEAN] = "true or false", [STRICT_JSON_OBJECT] = "an object",
		[STRICT_JSON_ARRAY] = "an array",
	};

	return names[kind];
}

static void store(JsonNode *node, enum strict_json_kind kind, void *place)
{
	switch (kind) {
	case STRICT_JSON_STRING:
		*(const char **)place = json_node_get_string(node);
		break;
	case STRICT_JSON_INTEGER:
		*(int64_t *)place = json_node_get_int(node);
		break;
	case STRICT_JSON_BOOLEAN:
		*(bool *)place = json_node_get_boolean(node);
		break;
	case STRICT_JSON_OBJECT:
		*(JsonObject **)place = json_node_get_object(node);
		break;
	case STRICT_JSON_ARRAY:
		*(JsonArray **)place = json_node_get_array(node);
		break;
	}
}

static bool read_member(JsonObject *object, const struct strict_json_member *member, const char *what, void *into,
			GError **error)
{
	JsonNode *node = json_object_get_member(object, member->name);

	if (!node || JSON_NODE_HOLDS_NULL(node))
		return !member->required || cg_fail(error, EINVAL, "%s has no member \"%s\"", what, member->name);
	if (!holds(node, member->kind))
		return cg_fail(error, EINVAL, "%s: member \"%s\" is not %s", what, member->name,
			       kind_name(member->kind));
	store(node, member->kind, (char *)into + member->offset);
	return true;
}

static bool check_known(JsonObject *object, const struct strict_json_table *table, const char *what, GError **error)
{
	JsonObjectIter iter;
	const char *name;

	json_object_iter_init(&iter, object);
	while (json_object_iter_next(&iter, &name, NULL)) {
		bool known = false;

		for (unsigned i = 0; i < table->n && !known; i++)
			known = !strcmp(name, table->members[i].name);
		if (!known) {
			g_autofree char *quoted = strict_json_quote(name);

			return cg_fail(error, EINVAL, "%s: unknown member \"%s\"", what, quoted);
		}
	}
	return true;
}

bool strict_json_read(JsonObject *object, const struct strict_json_table *table, const char *what, void *into,
		      GError **error)
{
	if (!table->others && !check_known(object, table, what, error))
		return false;
	for (unsigned i = 0; i < table->n; i++) {
		if (!read_member(object, &table->members[i], what, into, error))
			return false;
	}
	return true;
}
