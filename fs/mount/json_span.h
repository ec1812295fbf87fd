/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the parts of a JSON text are, so that one part can be changed and every
 * other byte kept. A parser's own output cannot do that: json-glib makes
 * 9223372036854775807 of 18446744073709551615, which is what runtimes write for "no
 * limit", and 1000000000.0 of 1e9, which Go refuses as an integer. Pure.
 *
 * The text has to be valid (strict_json_parse()); with another the answers are wrong, but within its bounds.
 */
#pragma once

#include <glib.h>

struct json_span {
	gsize start, end; /* bytes; `end` is behind the last */
};

/* The value that begins at or behind `at`, blanks left out. */
struct json_span json_span_value(const char *text, struct json_span within, gsize at);

/* How often an object names a member: as it is, and spelt with escapes ("\u0068ooks"). */
struct json_times {
	unsigned plain, escaped;
};

/* Of the last one that is named as it is `ret_value` is where its value is. */
struct json_times json_span_member(const char *text, struct json_span object, const char *name,
				   struct json_span *ret_value);

/* The text with this span replaced; newly allocated and NUL-terminated. */
char *json_span_replace(const char *text, gsize length, struct json_span span, const char *piece);

/* The same with one more member or element at the end of this object or array. */
char *json_span_append(const char *text, gsize length, struct json_span container, const char *piece);
