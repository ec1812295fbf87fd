/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON from others, read strictly. json-glib is lenient (comments, "var x =",
 * octal numbers, several roots) and recurses without a bound, so the text's
 * tokens are checked first against RFC 8259, sections 3 to 7. Objects are then read by
 * tables: a member has a name, a kind and a place in a struct.
 *
 * Errors are CG_ERROR, EINVAL and a sentence that begins with `what`, the name
 * of the text ("the state", "config.json").
 */
#pragma once

#include "cgroup/error.h"

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stddef.h>

#define STRICT_JSON_DEPTH 64

/* Parses an object. Refused: nesting deeper than STRICT_JSON_DEPTH, invalid UTF-8, NUL (also as \u0000). */
JsonObject *strict_json_parse(const char *text, gsize length, const char *what, GError **error);

/* What a member must be, and the C type of its place. Pointers are borrowed from the object. */
enum strict_json_kind {
	STRICT_JSON_STRING,  /* const char * */
	STRICT_JSON_INTEGER, /* int64_t */
	STRICT_JSON_BOOLEAN, /* bool */
	STRICT_JSON_OBJECT,  /* JsonObject * */
	STRICT_JSON_ARRAY,   /* JsonArray * */
};

struct strict_json_member {
	const char *name;
	enum strict_json_kind kind;
	bool required;
	size_t offset; /* in the struct that is read into */
};

struct strict_json_table {
	const struct strict_json_member *members;
	unsigned n;
	bool others; /* members that the table does not name are let pass */
};

/*
 * Reads the object into a struct. An optional member that is absent or null
 * leaves its place as it was. On an error places may have been written.
 */
bool strict_json_read(JsonObject *object, const struct strict_json_table *table, const char *what, void *into,
		      GError **error);

/* Foreign text in a sentence: at most 64 characters, printable ASCII, newly allocated. */
char *strict_json_quote(const char *text);
