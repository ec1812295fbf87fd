/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/wrapper_settings.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

static char *dir, *file;
static char *runtime, *strict; /* the environment */

static int setup(void **state)
{
	dir = scratch_new();
	file = g_build_filename(dir, "conf", NULL);
	runtime = strict = NULL;
	return 0;
}

static int teardown(void **state)
{
	g_clear_pointer(&file, g_free);
	g_clear_pointer(&dir, scratch_free);
	return 0;
}

static char *get(const char *name)
{
	if (g_str_equal(name, "PROCVIRT_RUNTIME"))
		return runtime;
	return g_str_equal(name, "PROCVIRT_STRICT") ? strict : NULL;
}

static void has_defaults(void **state)
{
	struct wrapper_settings settings = { 0 };

	assert_true(wrapper_settings_load(&settings, file, get, NULL));
	assert_null(settings.runtime);
	assert_null(settings.hook);
	assert_false(wrapper_settings_strict(&settings));
}

static void environment_is_stronger(void **state)
{
	struct wrapper_settings settings = { 0 };
	char crun[] = "crun", no[] = "false";

	scratch_write(dir, "conf", "[procvirt-runc]\nruntime=/opt/runc\nhook=/opt/hook\nstrict=true\n");
	assert_true(wrapper_settings_load(&settings, file, get, NULL));
	assert_string_equal(settings.runtime, "/opt/runc");
	assert_string_equal(settings.hook, "/opt/hook");
	assert_true(wrapper_settings_strict(&settings));
	runtime = crun;
	strict = no;
	assert_true(wrapper_settings_load(&settings, file, get, NULL));
	assert_string_equal(settings.runtime, "crun");
	assert_string_equal(settings.hook, "/opt/hook");
	assert_false(wrapper_settings_strict(&settings));
	wrapper_settings_clear(&settings);
	assert_null(settings.hook);
}

/* The example that we ship. */
static void reads_the_example(void **state)
{
	struct wrapper_settings settings = { 0 };
	g_autoptr(GError) error = NULL;

	assert_true(wrapper_settings_load(&settings, FIXTURES "/../../packaging/conf/procvirt-runc.conf", get, &error));
	g_assert_no_error(error);
	assert_string_equal(settings.runtime, "runc");
	assert_string_equal(settings.strict, "false");
	wrapper_settings_clear(&settings);
}

static void assert_refused(const char *text, const char *sentence)
{
	struct wrapper_settings settings = { 0 };
	g_autoptr(GError) error = NULL;

	scratch_write(dir, "conf", text);
	assert_false(wrapper_settings_load(&settings, file, get, &error));
	assert_has(error->message, sentence);
	wrapper_settings_clear(&settings);
}

static void names_what_is_wrong(void **state)
{
	assert_refused("[procvirtd]\n", "there is no group [procvirtd]");
	assert_refused("[procvirt-runc]\nruntim=x\n", "conf: runtim: there is no such key");
	assert_refused("[procvirt-runc]\nruntime=\n", "conf: runtime: \"\" is not a program");
	assert_refused("[procvirt-runc]\nhook=x\n", "conf: hook: \"x\" is not an absolute path");
	assert_refused("[procvirt-runc]\nstrict=yes\n", "conf: strict: \"yes\" is not true, false");
	assert_refused("runtime=x\n", "conf: ");
}

/* A wrong file must not make a strict wrapper lax, nor lose the runtime that the environment names. */
static void takes_what_it_can(void **state)
{
	struct wrapper_settings settings = { 0 };
	g_autoptr(GError) error = NULL;
	char crun[] = "crun", bad[] = "perhaps";

	scratch_write(dir, "conf", "[procvirt-runc]\nstrict=true\nwings=2\n");
	runtime = crun;
	strict = bad;
	assert_false(wrapper_settings_load(&settings, file, get, &error));
	assert_has(error->message, "wings");
	assert_string_equal(settings.runtime, "crun");
	assert_true(wrapper_settings_strict(&settings));
	wrapper_settings_clear(&settings);
}

#define with_dir(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(has_defaults),        with_dir(environment_is_stronger), with_dir(reads_the_example),
		with_dir(names_what_is_wrong), with_dir(takes_what_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
