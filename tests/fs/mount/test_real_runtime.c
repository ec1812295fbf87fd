/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/real_runtime.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <unistd.h>

static char *dir, *path; /* path: DIR/a:DIR/b */
static struct stat self; /* DIR/a/wrapper */

static char *program(const char *name, mode_t mode)
{
	char *file = g_build_filename(dir, name, NULL);

	scratch_write(dir, name, "#!/bin/sh\n");
	assert_int_equal(chmod(file, mode), 0);
	return file;
}

static void put(const char *name, mode_t mode)
{
	g_free(program(name, mode));
}

static int setup(void **state)
{
	g_autofree char *wrapper = NULL;

	dir = scratch_new();
	path = g_strdup_printf("%s/a:%s/b", dir, dir);
	wrapper = program("a/wrapper", 0755);
	return stat(wrapper, &self);
}

static int teardown(void **state)
{
	g_clear_pointer(&path, g_free);
	g_clear_pointer(&dir, scratch_free);
	return 0;
}

static void assert_found(const char *wanted, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *found = real_runtime_find(wanted, path, &self, &error);

	g_assert_no_error(error);
	assert_string_equal(found, expected);
}

static void assert_nothing(const char *wanted, const char *where, const char *sentence)
{
	g_autoptr(GError) error = NULL;

	assert_null(real_runtime_find(wanted, where, &self, &error));
	assert_int_equal(error->code, ENOENT);
	assert_has(error->message, sentence);
}

static void looks_for_runc_then_crun(void **state)
{
	g_autofree char *crun = program("a/crun", 0755), *runc = NULL;

	assert_found(NULL, crun);
	runc = program("b/runc", 0755);
	assert_found(NULL, runc);
	assert_found("crun", crun);
}

static void passes_over_what_is_no_program(void **state)
{
	g_autofree char *runc = program("b/runc", 0755);

	put("a/crun", 0644);
	put("a/runc/x", 0755);
	assert_found(NULL, runc);
	assert_nothing("crun", path, "no crun in ");
}

static void is_never_itself(void **state)
{
	g_autofree char *link = g_build_filename(dir, "a/runc", NULL),
			*wrapper = g_build_filename(dir, "a/wrapper", NULL);
	g_autofree char *runc = NULL;

	assert_int_equal(symlink("wrapper", link), 0);
	assert_nothing(NULL, path, "no runc and no crun in ");
	assert_nothing(wrapper, path, "or is procvirt-runc itself");
	runc = program("b/runc", 0755);
	assert_found(NULL, runc);
}

static void takes_a_path_as_it_is(void **state)
{
	g_autofree char *other = program("c/youki", 0755);

	assert_found(other, other);
	assert_nothing("/nowhere/runc", path, "/nowhere/runc is no program");
}

static void needs_absolute_directories(void **state)
{
	g_autofree char *here = g_get_current_dir();

	put("b/runc", 0755);
	assert_int_equal(chdir(dir), 0);
	assert_nothing("runc", "b::./b", "no runc in ");
	assert_int_equal(chdir(here), 0);
}

#define with_dir(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(looks_for_runc_then_crun), with_dir(passes_over_what_is_no_program), with_dir(is_never_itself),
		with_dir(takes_a_path_as_it_is),    with_dir(needs_absolute_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
