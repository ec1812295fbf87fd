/* SPDX-License-Identifier: Apache-2.0
 *
 * Flat-keyed files ("KEY VALUE" a line, cgroup-v2.rst) into the members of a
 * struct, by a table. Keys match whole ("file" is not "file_mapped"); a key
 * that the table lacks is skipped, a member whose key the text lacks is not
 * touched. Any line that is not a key, a blank and a number is an error.
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>
#include <stddef.h>

struct keyed {
	const char *key;
	size_t offset; /* of a uint64_t */
	bool required; /* text without it is an error */
};

/* At most 64 keys; the table's order is best the text's own. */
bool keyed_parse(const char *text, const char *file, const struct keyed *table, unsigned n, void *into, GError **error);
