/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_arguments.h"

#include "tests/fs/harness.h"

#include <glib.h>

static void assert_makes(const char *line, const char *bundle, const char *config)
{
	g_auto(GStrv) argv = g_strsplit(line, " ", -1);
	const struct oci_arguments arguments = oci_arguments_parse(argv);

	assert_true(arguments.makes);
	assert_string_equal(arguments.bundle, bundle);
	assert_string_equal(arguments.config, config);
}

static void assert_other(const char *line)
{
	g_auto(GStrv) argv = g_strsplit(line, " ", -1);

	assert_false(oci_arguments_parse(argv).makes);
}

static void finds_the_bundle(void **state)
{
	static const char *const lines[] = {
		"runc create --bundle /b c1", "runc create --bundle=/b c1", "runc create -b /b c1",
		"runc run -b=/b c1",          "runc run -bundle /b c1",     "runc run -bundle=/b c1",
		"crun run -b/b c1",           "crun run c1 --bundle /b",    "crun run -d --bundle /b --keep c1",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++)
		assert_makes(lines[i], "/b", "config.json");
	assert_makes("runc create c1", ".", "config.json");
	assert_makes("runc create --bundle /a --bundle /b c1", "/b", "config.json");
	assert_makes("crun run --bundle /b --config=other.json c1", "/b", "other.json");
	assert_makes("crun run -f /x/other.json c1", ".", "/x/other.json");
}

/* As containerd's shim, podman's conmon and CRI-O's call them. */
static void passes_global_options(void **state)
{
	assert_makes("runc --root /r --log /b/log.json --log-format json --systemd-cgroup create --bundle /b "
		     "--pid-file /b/init.pid --console-socket /s --no-pivot c1",
		     "/b", "config.json");
	assert_makes("crun --systemd-cgroup --root=/r --log=/l --log-format=json --cgroup-manager systemd create -b /b "
		     "--preserve-fds 2 c1",
		     "/b", "config.json");
	assert_makes("runc --debug --rootless auto --criu /c run c1", ".", "config.json");
	assert_makes("runc -- run c1", ".", "config.json");
}

/* A value is no command and no option, an argument is no option. */
static void is_not_misled(void **state)
{
	assert_other("runc --root create state c1");
	assert_other("runc --log run --rootless create kill c1 KILL");
	assert_makes("runc create --pid-file --bundle -b /b c1", "/b", "config.json");
	assert_makes("runc create --bundle /b -- --bundle /x", "/b", "config.json");
	assert_makes("runc create --bundle /b -", "/b", "config.json");
}

static void lets_others_pass(void **state)
{
	static const char *const lines[] = {
		"runc",           "runc --version", "runc start c1",  "runc exec c1 run",     "runc state create",
		"runc --root /r", "runc --root",    "runc delete -f", "runc features create", "runc spec --bundle /b",
		"runc --",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++)
		assert_other(lines[i]);
}

/* Whatever is missing, the runtime will say so. */
static void survives_missing_values(void **state)
{
	char *nothing[] = { NULL };

	assert_false(oci_arguments_parse(nothing).makes);
	assert_makes("runc create --bundle", ".", "config.json");
	assert_makes("runc create --bundle=", "", "config.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_bundle),        cmocka_unit_test(passes_global_options),
		cmocka_unit_test(is_not_misled),           cmocka_unit_test(lets_others_pass),
		cmocka_unit_test(survives_missing_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
