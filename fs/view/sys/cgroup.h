/* SPDX-License-Identifier: Apache-2.0
 *
 * Of the renderers of the cgroup tree, for them alone: reading the texts of the other version.
 */
#pragma once

#include "fs/view/text.h"
#include "fs/view/view.h"

/* The source of that place; "" where there is none. */
const char *tree_source(const struct view *view, unsigned place);

/* The number that a text begins with; CG_UNLIMITED for "max", and for v1's largest, which mean no limit; 0 for other text. */
uint64_t tree_number(const char *text);

/* The number behind the key, which is a whole word at a line's beginning; false where there is none. */
bool tree_key(const char *text, const char *key, uint64_t *ret_number);

/* The same, 0 where there is none. */
uint64_t tree_count(const char *text, const char *key);

/* Appends "NUMBER\n", "KEY NUMBER\n", and v2's limit. */
void tree_append(GString *text, uint64_t number);
void tree_append_key(GString *text, const char *key, uint64_t number);
void tree_append_max(GString *text, uint64_t limit);

/* A file of several keys of which each is another key's number there. Keys whose source is missing are left out. */
struct tree_pair {
	const char *shown, *source;
};
void tree_append_pairs(GString *text, const char *source, const struct tree_pair *pairs, unsigned n);
