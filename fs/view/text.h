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

/* Takes the next line from *cursor; false at the end. A text that is NULL has no lines. */
bool text_next_line(const char **cursor, struct text_line *ret_line);

/*
 * The line's label is exactly `label`. Given with its colon ("MemTotal:") it
 * must stand so in the line; given without ("cpu cores") blanks may come
 * between it and the line's colon, as in /proc/cpuinfo.
 */
bool text_has_label(const struct text_line *line, const char *label);

/* What follows the line's first colon and the blanks after it; empty, at the line's end, where there is none. */
struct text_line text_value(const struct text_line *line);

/* Takes a decimal number from the front of *at; false, with nothing taken, where there is none or one above 64 bits. */
bool text_take_number(struct text_line *at, uint64_t *ret_number);

/* Appends the line with a newline. */
void text_append_line(GString *out, const struct text_line *line);

/*
 * Appends a decimal number, right-aligned in `width` columns (at most 32; 0:
 * as long as it is), as the kernel's seq_put_decimal_ull_width().
 */
void text_append_number(GString *out, uint64_t number, size_t width);
