/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/numa.h"
#include "cgroup/convert.h"
#include "cgroup/group.h"

#include <string.h>

void cg_numa_clear(struct cg_numa *numa)
{
	g_clear_pointer(&numa->node, g_free);
	numa->n = 0;
}

static struct cg_numa_node *node_of(struct cg_numa *numa, unsigned node)
{
	if (node >= numa->n) {
		numa->node = g_renew(struct cg_numa_node, numa->node, node + 1);
		memset(&numa->node[numa->n], 0, (node + 1 - numa->n) * sizeof(*numa->node));
		numa->n = node + 1;
	}
	return &numa->node[node];
}

/* Where a line's figures go; SIZE_MAX: nowhere. */
static size_t offset_of(const struct keyed *table, unsigned n, const char *key, size_t length)
{
	for (unsigned i = 0; i < n; i++) {
		if (strncmp(table[i].key, key, length) == 0 && table[i].key[length] == '\0')
			return table[i].offset;
	}
	return SIZE_MAX;
}

/* Takes the key, and v1's "=TOTAL" behind it. */
static bool take_key(const char **cursor, size_t *ret_length)
{
	const char *p = *cursor;
	uint64_t total;

	*ret_length = strcspn(p, " =\n");
	p += *ret_length;
	if (*ret_length == 0)
		return false;
	if (*p == '=') {
		p++;
		if (!cg_take_u64(&p, &total))
			return false;
	}
	*cursor = p;
	return true;
}

/* Takes " N1=4096". */
static bool take_node(const char **cursor, uint64_t *ret_node, uint64_t *ret_value)
{
	const char *p = *cursor;

	if (*p++ != ' ' || *p++ != 'N' || !cg_take_u64(&p, ret_node) || *ret_node >= CG_MAX_NODES || *p++ != '=' ||
	    !cg_take_u64(&p, ret_value))
		return false;
	*cursor = p;
	return true;
}

static void store(struct cg_numa *numa, unsigned node, size_t offset, uint64_t value, uint64_t unit)
{
	if (__builtin_mul_overflow(value, unit, &value))
		value = UINT64_MAX;
	memcpy((char *)node_of(numa, node) + offset, &value, sizeof(value));
}

/* Takes a line; each has a node at least. */
static bool take_line(const char **cursor, const struct keyed *table, unsigned n, uint64_t unit, struct cg_numa *numa)
{
	const char *key = *cursor;
	uint64_t node, value;
	size_t length, offset;

	if (!take_key(cursor, &length))
		return false;
	offset = offset_of(table, n, key, length);
	do {
		if (!take_node(cursor, &node, &value))
			return false;
		if (offset != SIZE_MAX)
			store(numa, (unsigned)node, offset, value, unit);
	} while (**cursor == ' ');
	return **cursor == '\0' || *(*cursor)++ == '\n';
}

bool numa_parse(const char *text, const char *file, const struct keyed *table, unsigned n, uint64_t unit,
		struct cg_numa *numa, GError **error)
{
	do {
		const char *line = text;

		if (!take_line(&text, table, n, unit, numa))
			return cg_fail_text(error, file, "a key with figures by node", line);
	} while (*text);
	return true;
}
