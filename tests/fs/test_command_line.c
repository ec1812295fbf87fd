/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/command_line.h"

#include "cgroup/cg.h"
#include "tests/fs/harness.h"

#include <glib.h>

/* Parses words that are separated by spaces. */
static bool parse(struct command_line *line, const char *words, GError **error)
{
	g_autofree char *all = g_strconcat("procvirtd ", words, NULL);
	g_auto(GStrv) argv = g_strsplit(all, " ", -1);
	g_autofree char **loose = g_memdup2(argv, sizeof *argv * (g_strv_length(argv) + 1)); /* GLib moves the words */

	return command_line_parse(line, (int)g_strv_length(argv), loose, error);
}

static void assert_setting(const struct command_line *line, unsigned i, const char *key, const char *value)
{
	assert_true(line->settings->len > 2 * i + 1);
	assert_string_equal(line->settings->pdata[2 * i], key);
	assert_string_equal(line->settings->pdata[2 * i + 1], value);
}

static void everything_is_taken(void **state)
{
	cg_cleanup(command_line_clear) struct command_line line = { 0 };

	assert_true(parse(&line, "-f --config /c --cpu-count=shares --socket /s /mnt/x", NULL));
	assert_true(line.foreground);
	assert_false(line.version);
	assert_string_equal(line.config, "/c");
	assert_string_equal(line.mountpoint, "/mnt/x");
	assert_setting(&line, 0, "cpu-count", "shares");
	assert_setting(&line, 1, "socket", "/s");
	assert_int_equal(line.settings->len, 4);
}

static void what_is_true_or_false_needs_no_value(void **state)
{
	static const struct {
		const char *words, *key, *value;
	} cases[] = {
		{ "--renumber-cpus /m", "renumber-cpus", "true" },
		{ "/m --renumber-cpus", "renumber-cpus", "true" },
		{ "--renumber-cpus=true /m", "renumber-cpus", "true" },
		{ "--renumber-cpus=false /m", "renumber-cpus", "false" },
		{ "--cgroup-writes /m", "cgroup-writes", "true" },
		{ "/m --cgroup-writes", "cgroup-writes", "true" },
		{ "--cgroup-writes=false /m", "cgroup-writes", "false" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		cg_cleanup(command_line_clear) struct command_line line = { 0 };

		assert_true(parse(&line, cases[i].words, NULL));
		assert_string_equal(line.mountpoint, "/m");
		assert_setting(&line, 0, cases[i].key, cases[i].value);
	}
}

static void a_relative_mount_point_is_made_absolute(void **state)
{
	cg_cleanup(command_line_clear) struct command_line line = { 0 };

	assert_true(parse(&line, "m/../n", NULL));
	assert_true(g_path_is_absolute(line.mountpoint));
	assert_true(g_str_has_suffix(line.mountpoint, "/n"));
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *words, *part;
	} cases[] = { { "", "a mount point is needed" },
		      { "/a /b", "one mount point" },
		      { "--wings /a", "--wings" },
		      { "--unknown=perhaps /a", "--unknown: \"perhaps\" is none of its values: error, host" },
		      { "--renumber-cpus=maybe /a", "maybe" } };

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		cg_cleanup(command_line_clear) struct command_line line = { 0 };
		g_autoptr(GError) error = NULL;

		assert_false(parse(&line, cases[i].words, &error));
		assert_has(error->message, cases[i].part);
	}
}

static void what_is_only_printed_needs_no_mount_point(void **state)
{
	cg_cleanup(command_line_clear) struct command_line version = { 0 }, files = { 0 };

	assert_true(parse(&version, "--version", NULL));
	assert_true(version.version && !version.list_files);
	assert_true(parse(&files, "--list-files", NULL));
	assert_true(files.list_files && !files.version);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_taken),
		cmocka_unit_test(what_is_true_or_false_needs_no_value),
		cmocka_unit_test(a_relative_mount_point_is_made_absolute),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(what_is_only_printed_needs_no_mount_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
