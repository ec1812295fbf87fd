/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking the host's own text line by line, so that a rendered file has the
 * kernel's lines, order and layout. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_line {
	const char *start; /* borrowed from the text, not terminated */
	size_t length;     /* without the newline */
};

/* Takes the next line from *cursor; false at the end. */
bool text_next_line(const char **cursor, struct text_line *ret_line);

/* The line's label is exactly `label` ("MemTotal:" is not a prefix match). */
bool text_has_label(const struct text_line *line, const char *label);
