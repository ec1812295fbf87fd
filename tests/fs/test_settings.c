/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool load(struct settings *settings, const char *text, GError **error)
{
	return settings_load_text(settings, text, strlen(text), "procvirtd.conf", error);
}

/* The text is refused with exactly this sentence, and changes nothing. */
static void refused(const char *text, const char *sentence)
{
	cg_cleanup(settings_clear) struct settings settings;
	cg_cleanup(settings_clear) struct settings before;
	g_autoptr(GError) error = NULL;

	settings_init(&settings);
	settings_init(&before);
	assert_false(load(&settings, text, &error));
	assert_string_equal(error->message, sentence);
	assert_string_equal(settings.socket, before.socket);
	assert_int_equal(settings.log_level, before.log_level);
	assert_int_equal(settings.containers.cpu_count, before.containers.cpu_count);
}

static void every_key_is_read(void **state)
{
	cg_cleanup(settings_clear) struct settings settings;

	settings_init(&settings);
	assert_true(load(&settings,
			 "# a comment\n[procvirtd]\nlog-level=debug\nsocket=/run/x\ncgroup=/a/b\nunknown=host\n"
			 "cpu-count=shares\nrenumber-cpus=true\ncgroup-shape=v1\ncgroup-writes=true\n",
			 NULL));
	assert_int_equal(settings.log_level, G_LOG_LEVEL_DEBUG);
	assert_string_equal(settings.socket, "/run/x");
	assert_string_equal(settings.cgroup, "/a/b");
	assert_true(settings.unknown_host);
	assert_int_equal(settings.containers.cpu_count, VIEW_CPU_SHARES);
	assert_true(settings.containers.renumber_cpus);
	assert_true(settings.cgroup_writes);
	assert_int_equal(settings.containers.cgroup_shape, VIEW_SHAPE_V1);
}

static void an_empty_file_leaves_the_defaults(void **state)
{
	cg_cleanup(settings_clear) struct settings settings;

	settings_init(&settings);
	assert_true(load(&settings, "", NULL));
	assert_true(load(&settings, "[procvirtd]\n", NULL));
	assert_int_equal(settings.log_level, G_LOG_LEVEL_INFO);
	assert_string_equal(settings.socket, SETTINGS_SOCKET);
	assert_null(settings.cgroup);
	assert_false(settings.unknown_host);
	assert_int_equal(settings.containers.cpu_count, VIEW_CPU_QUOTA);
	assert_false(settings.containers.renumber_cpus);
	assert_false(settings.cgroup_writes);
	assert_int_equal(settings.containers.cgroup_shape, VIEW_SHAPE_HOST);
}

static void bad_files_are_refused_by_name(void **state)
{
	refused("[procvirtd]\nlog-level=debug\ncpus=3\n", "procvirtd.conf: cpus: there is no such key");
	refused("[procvirtd]\nsocket=/run/x\ncpu-count=some\n",
		"procvirtd.conf: cpu-count: \"some\" is none of its values: quota, cpuset, shares");
	refused("[procvirtd]\nsocket=control\n",
		"procvirtd.conf: socket: \"control\" is none of its values: an absolute path");
	refused("[procvirtd]\ncgroup=/a/../b\n",
		"procvirtd.conf: cgroup: \"/a/../b\" is none of its values: an absolute path other than /");
	refused("[procvirtd]\nrenumber-cpus=yes\n",
		"procvirtd.conf: renumber-cpus: \"yes\" is none of its values: true, false");
	refused("[procvirtd]\ncgroup-shape=2\n",
		"procvirtd.conf: cgroup-shape: \"2\" is none of its values: host, v1, v2, kernel");
	refused("[daemon]\n", "procvirtd.conf: [daemon]: there is no such group, only [procvirtd]");
}

static void an_empty_cgroup_is_none(void **state)
{
	cg_cleanup(settings_clear) struct settings settings;

	settings_init(&settings);
	assert_true(load(&settings, "[procvirtd]\ncgroup=/a\n", NULL));
	assert_true(settings_set(&settings, "cgroup", "", NULL));
	assert_null(settings.cgroup);
}

static void text_that_is_no_key_file_is_refused(void **state)
{
	cg_cleanup(settings_clear) struct settings settings;
	g_autoptr(GError) error = NULL;

	settings_init(&settings);
	assert_false(load(&settings, "log-level=debug\n", &error));
	assert_true(g_str_has_prefix(error->message, "procvirtd.conf: "));
}

static void a_missing_file_is_an_error_only_if_it_was_named(void **state)
{
	cg_cleanup(settings_clear) struct settings settings;
	g_autoptr(GError) error = NULL;

	settings_init(&settings);
	assert_true(settings_load(&settings, "/nowhere/procvirtd.conf", false, &error));
	assert_null(error);
	assert_false(settings_load(&settings, "/nowhere/procvirtd.conf", true, &error));
	assert_non_null(strstr(error->message, "/nowhere/procvirtd.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(an_empty_file_leaves_the_defaults),
		cmocka_unit_test(bad_files_are_refused_by_name),
		cmocka_unit_test(an_empty_cgroup_is_none),
		cmocka_unit_test(text_that_is_no_key_file_is_refused),
		cmocka_unit_test(a_missing_file_is_an_error_only_if_it_was_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
