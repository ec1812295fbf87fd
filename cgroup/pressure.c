/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/pressure.h"
#include "cgroup/convert.h"

#include <string.h>

static bool take_word(const char **cursor, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*cursor, word, length) != 0)
		return false;
	*cursor += length;
	return true;
}

/* Takes " avg10=12.34" as 1234: a percentage with two decimals, of which 100.00 is the most. */
static bool take_average(const char **cursor, const char *key, uint64_t *ret)
{
	const char *p;
	uint64_t whole, hundredths;

	if (!take_word(cursor, key) || !cg_take_u64(cursor, &whole) || whole > 100 || *(*cursor)++ != '.')
		return false;
	p = *cursor;
	if (!cg_take_u64(cursor, &hundredths) || *cursor - p != 2)
		return false;
	*ret = whole * 100 + hundredths;
	return true;
}

static bool take_line(const char **cursor, struct cg_pressure_line *ret)
{
	if (ret->present || !take_average(cursor, " avg10=", &ret->avg10) ||
	    !take_average(cursor, " avg60=", &ret->avg60) || !take_average(cursor, " avg300=", &ret->avg300) ||
	    !take_word(cursor, " total=") || !cg_take_u64(cursor, &ret->total_us))
		return false;
	ret->present = true;
	return **cursor == '\0' || *(*cursor)++ == '\n';
}

bool pressure_parse(const char *text, const char *file, struct cg_pressure *ret_pressure, GError **error)
{
	struct cg_pressure pressure = { 0 };
	const char *p = text;

	do {
		struct cg_pressure_line *line = NULL;

		if (take_word(&p, "some"))
			line = &pressure.some;
		else if (take_word(&p, "full"))
			line = &pressure.full;
		if (!line || !take_line(&p, line))
			return cg_fail_text(error, file, "lines of pressure averages", text);
	} while (*p);
	*ret_pressure = pressure;
	return true;
}
