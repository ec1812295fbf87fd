/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/keyed.h"
#include "cgroup/convert.h"
#include "cgroup/error.h"

#include <errno.h>
#include <string.h>

/* Looks from `hint` on: the kernel prints the keys in an order that the tables follow. */
static unsigned find(const struct keyed *table, unsigned n, unsigned hint, const char *key, size_t length)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned at = (hint + i) % n;

		if (strncmp(table[at].key, key, length) == 0 && table[at].key[length] == '\0')
			return at;
	}
	return n;
}

/* Takes "KEY VALUE" and the newline, which the last line may lack. */
static bool take_line(const char **cursor, size_t *ret_length, uint64_t *ret_value)
{
	const char *p = *cursor;

	*ret_length = strcspn(p, " \n");
	p += *ret_length;
	if (*ret_length == 0 || *p++ != ' ' || !cg_take_u64(&p, ret_value) || (*p != '\0' && *p != '\n'))
		return false;
	*cursor = *p ? p + 1 : p;
	return true;
}

static bool check_required(const struct keyed *table, unsigned n, uint64_t seen, const char *file, GError **error)
{
	for (unsigned i = 0; i < n; i++) {
		if (table[i].required && !(seen >> i & 1))
			return cg_fail(error, EINVAL, "%s: no line %s", file, table[i].key);
	}
	return true;
}

bool keyed_parse(const char *text, const char *file, const struct keyed *table, unsigned n, void *into, GError **error)
{
	uint64_t seen = 0;
	unsigned hint = 0;

	while (*text) {
		const char *line = text;
		size_t length;
		uint64_t value;
		unsigned at;

		if (!take_line(&text, &length, &value))
			return cg_fail_text(error, file, "a key and a number", line);
		at = find(table, n, hint, line, length);
		if (at == n)
			continue;
		seen |= UINT64_C(1) << at;
		hint = at + 1;
		memcpy((char *)into + table[at].offset, &value, sizeof(value));
	}
	return check_required(table, n, seen, file, error);
}
