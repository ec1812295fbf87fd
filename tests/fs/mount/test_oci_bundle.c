/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_bundle.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDED ",\"hooks\":{\"createRuntime\":[{\"path\":\"/hook\",\"args\":[\"procvirt-hook\"]}]}}"

static const char *const args[] = { "procvirt-hook", NULL };
static const struct oci_hook hook = { "/hook", args };

static char *dir, *config;

static int setup(void **state)
{
	dir = scratch_new();
	config = g_build_filename(dir, "config.json", NULL);
	return 0;
}

static int teardown(void **state)
{
	g_clear_pointer(&config, g_free);
	g_clear_pointer(&dir, scratch_free);
	return 0;
}

static unsigned files_in(const char *path)
{
	g_autoptr(GDir) open = g_dir_open(path, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(open))
		n++;
	return n;
}

static void assert_config(const char *expected)
{
	g_autofree char *text = scratch_read(config);

	assert_string_equal(text, expected);
	assert_int_equal(files_in(dir), 1); /* nothing is left beside it */
}

static void rewrites(void **state)
{
	g_autoptr(GError) error = NULL;
	struct stat st;

	scratch_write(dir, "config.json", "{\"a\":1}");
	assert_int_equal(chmod(config, 0640), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(config, 1234, 5678), 0);
	assert_true(oci_bundle_add_hook(dir, "config.json", &hook, &error));
	g_assert_no_error(error);
	assert_config("{\"a\":1" ADDED);
	assert_int_equal(stat(config, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_uid, geteuid() == 0 ? 1234 : geteuid());
	assert_int_equal(st.st_gid, geteuid() == 0 ? 5678 : getegid());
}

static void leaves_what_is_right(void **state)
{
	struct stat before, after;

	scratch_write(dir, "config.json", "{\"a\":1" ADDED);
	assert_int_equal(stat(config, &before), 0);
	assert_true(oci_bundle_add_hook(dir, "config.json", &hook, NULL));
	assert_int_equal(stat(config, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void takes_another_name(void **state)
{
	g_autofree char *path = g_build_filename(dir, "other.json", NULL), *text = NULL;

	scratch_write(dir, "other.json", "{\"a\":1}");
	assert_true(oci_bundle_add_hook("/nowhere", path, &hook, NULL));
	text = scratch_read(path);
	assert_string_equal(text, "{\"a\":1" ADDED);
}

static void assert_refused(int code, const char *sentence)
{
	g_autoptr(GError) error = NULL;

	assert_false(oci_bundle_add_hook(dir, "config.json", &hook, &error));
	assert_int_equal(error->code, code);
	assert_has(error->message, sentence);
	assert_has(error->message, config);
}

static void keeps_what_it_cannot_read(void **state)
{
	scratch_write(dir, "config.json", "{\"a\":");
	assert_refused(EINVAL, "is not JSON");
	assert_config("{\"a\":");
}

/* None of these may make us wait, or write elsewhere. */
static void refuses_what_is_no_file(void **state)
{
	assert_refused(ENOENT, "opening ");
	assert_int_equal(mkfifo(config, 0600), 0);
	assert_refused(EINVAL, "is no regular file");
	unlink(config);
	scratch_write(dir, "target", "{}");
	assert_int_equal(symlink("target", config), 0);
	assert_refused(ELOOP, "opening ");
	unlink(config);
	assert_int_equal(mkdir(config, 0700), 0);
	assert_refused(EINVAL, "is no regular file");
}

static void says_that_a_bundle_is_missing(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_false(oci_bundle_add_hook("/nowhere", "config.json", &hook, &error));
	assert_int_equal(error->code, ENOENT);
	assert_has(error->message, "opening /nowhere: ");
}

#define with_dir(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(rewrites),
		with_dir(leaves_what_is_right),
		with_dir(takes_another_name),
		with_dir(keeps_what_it_cannot_read),
		with_dir(refuses_what_is_no_file),
		with_dir(says_that_a_bundle_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
