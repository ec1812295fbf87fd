/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/mountpoint.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int make_scratch(void **state)
{
	*state = g_dir_make_tmp("procvirt-XXXXXX", NULL);
	return *state ? 0 : -1;
}

static int remove_scratch(void **state)
{
	g_autofree char *scratch = *state;
	g_autofree char *inner = g_build_filename(scratch, "mount", NULL);

	g_remove(inner);
	return g_rmdir(scratch);
}

static void a_missing_directory_is_made(void **state)
{
	g_autofree char *path = g_build_filename(*state, "mount", NULL);

	assert_true(mountpoint_prepare(path, NULL));
	assert_true(g_file_test(path, G_FILE_TEST_IS_DIR));
}

static void a_missing_parent_is_an_error(void **state)
{
	g_autofree char *path = g_build_filename(*state, "none", "mount", NULL);
	g_autofree char *sentence = g_strdup_printf("cannot make the mount point %s: its parent does not exist", path);
	g_autoptr(GError) error = NULL;

	assert_false(mountpoint_prepare(path, &error));
	assert_string_equal(error->message, sentence);
}

static void a_file_is_no_mount_point(void **state)
{
	g_autofree char *path = g_build_filename(*state, "mount", NULL);
	g_autoptr(GError) error = NULL;

	assert_true(g_file_set_contents(path, "", 0, NULL));
	assert_false(mountpoint_prepare(path, &error));
	assert_non_null(strstr(error->message, "is not a directory"));
}

static void a_directory_that_is_there_is_taken(void **state)
{
	assert_true(mountpoint_prepare(*state, NULL));
	assert_true(mountpoint_prepare(*state, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_missing_directory_is_made, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(a_missing_parent_is_an_error, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(a_file_is_no_mount_point, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(a_directory_that_is_there_is_taken, make_scratch, remove_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
