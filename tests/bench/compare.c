/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/compare.h"

#include <glib.h>

static char **words_of(const char *text)
{
	return g_strsplit_set(text, " \t\n", -1);
}

static bool number(const char *word, double *ret)
{
	char *end;

	*ret = g_ascii_strtod(word, &end);
	return end != word && *end == '\0';
}

static bool word_is_host(const char *before, const char *word, const char *after)
{
	double low, value, high;

	if (g_str_equal(word, before) || g_str_equal(word, after))
		return true;
	if (!number(before, &low) || !number(word, &value) || !number(after, &high))
		return false;
	return value >= MIN(low, high) && value <= MAX(low, high);
}

bool compare_is_host(const char *before, const char *text, const char *after)
{
	g_auto(GStrv) first = words_of(before), middle = words_of(text), last = words_of(after);
	guint n = g_strv_length(middle);

	if (g_strv_length(first) != n || g_strv_length(last) != n)
		return false;
	for (guint i = 0; i < n; i++)
		if (!word_is_host(first[i], middle[i], last[i]))
			return false;
	return true;
}
