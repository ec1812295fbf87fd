/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/property/trees_sight.h"

#include <string.h>

void sight_is(const struct sight *sight, const char *what, uint64_t number, uint64_t expected, const char *text)
{
	if (number != expected)
		fail_msg("PROCVIRT_SEED=%u (%s): %s is %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT " in\n%s",
			 sight->random->seed, tree_layout_name(sight->tree->layout), what, number, expected, text);
}

char *sight_text(const struct sight *sight, const char *path)
{
	g_autoptr(GError) error = NULL;
	GString *text =
		gather_text(sight->registry, sight->container, rows_by_path(path), (struct gather_index){ 0 }, &error);

	check(sight->random, text, error ? error->message : path);
	check(sight->random, text->len > 0 && text->len == strlen(text->str), path);
	return g_string_free(text, FALSE);
}

uint64_t sight_field(const struct sight *sight, const char *text, const char *label)
{
	g_autofree char *inside = g_strconcat("\n", label, NULL);
	const char *found = strstr(text, inside);

	if (!g_str_has_prefix(text, label)) {
		check(sight->random, found, label);
		text = found + 1;
	}
	return g_ascii_strtoull(text + strlen(label), NULL, 10);
}

uint32_t sight_cpus(const struct sight *sight)
{
	uint32_t cpus = sight->expected.cpus;

	return sight->tree->renumber ? (1U << __builtin_popcount(cpus)) - 1 : cpus;
}
