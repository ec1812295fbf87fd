/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/json_span.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static gsize skip_blanks(const char *text, gsize at, gsize end)
{
	while (at < end && is_blank(text[at]))
		at++;
	return at;
}

/* `at` is on the opening quote. */
static gsize skip_string(const char *text, gsize at, gsize end)
{
	for (at++; at < end && text[at] != '"'; at++) {
		if (text[at] == '\\')
			at++;
	}
	return MIN(at + 1, end);
}

/* Numbers and words go up to what may follow a value. */
static gsize skip_word(const char *text, gsize at, gsize end)
{
	while (at < end && !is_blank(text[at]) && !(text[at] && strchr(",:]}", text[at])))
		at++;
	return at;
}

static gsize skip_container(const char *text, gsize at, gsize end)
{
	unsigned depth = 0;

	while (at < end) {
		char c = text[at];

		if (c == '"') {
			at = skip_string(text, at, end);
			continue;
		}
		at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			break;
	}
	return at;
}

struct json_span json_span_value(const char *text, struct json_span within, gsize at)
{
	gsize start = skip_blanks(text, MAX(at, within.start), within.end), end = start;

	if (start < within.end && text[start] == '"')
		end = skip_string(text, start, within.end);
	else if (start < within.end && (text[start] == '{' || text[start] == '['))
		end = skip_container(text, start, within.end);
	else
		end = skip_word(text, start, within.end);
	return (struct json_span){ start, end };
}

static bool is_string(const char *text, struct json_span span, const char *string)
{
	gsize length = strlen(string);

	return span.end - span.start == length + 2 && text[span.start] == '"' &&
	       !memcmp(text + span.start + 1, string, length);
}

static bool is_escaped_string(const char *text, struct json_span span, const char *string)
{
	g_autofree char *json = NULL;
	g_autoptr(JsonNode) node = NULL;

	if (!memchr(text + span.start, '\\', span.end - span.start))
		return false;
	json = g_strndup(text + span.start, span.end - span.start);
	node = json_from_string(json, NULL);
	return node && json_node_get_value_type(node) == G_TYPE_STRING &&
	       g_str_equal(json_node_get_string(node), string);
}

struct json_times json_span_member(const char *text, struct json_span object, const char *name,
				   struct json_span *ret_value)
{
	gsize at = skip_blanks(text, object.start + 1, object.end);
	struct json_times times = { 0 };

	while (at < object.end && text[at] == '"') {
		struct json_span key = json_span_value(text, object, at), value;

		at = skip_blanks(text, key.end, object.end);
		value = json_span_value(text, object, at + 1); /* behind the colon */
		if (is_string(text, key, name)) {
			*ret_value = value;
			times.plain++;
		}
		times.escaped += is_escaped_string(text, key, name);
		at = skip_blanks(text, value.end, object.end);
		at = skip_blanks(text, at + 1, object.end); /* behind the comma */
	}
	return times;
}

char *json_span_replace(const char *text, gsize length, struct json_span span, const char *piece)
{
	GString *result = g_string_sized_new(length + strlen(piece) + 1);

	g_string_append_len(result, text, (gssize)span.start);
	g_string_append(result, piece);
	g_string_append_len(result, text + span.end, (gssize)(length - span.end));
	return g_string_free(result, FALSE);
}

char *json_span_append(const char *text, gsize length, struct json_span container, const char *piece)
{
	g_autofree char *more = g_strconcat(",", piece, NULL);
	gsize at = container.end - 1;

	while (at > container.start + 1 && is_blank(text[at - 1]))
		at--;
	return json_span_replace(text, length, (struct json_span){ at, at }, at == container.start + 1 ? piece : more);
}
