/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/attach.h"
#include "fs/mount/nesting.h"

#include "tests/fs/harness.h"
#include "tests/fs/mount/cage.h"
#include "tests/fs/scratch.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMINFO "/proc/meminfo"
#define CPU     "/sys/devices/system/cpu"
#define PROCFS  CPU "/clean-procfs"
#define SYSFS   CPU "/clean-sysfs"

static char *dir;
static struct cage cage;

static int setup(void **state)
{
	dir = scratch_new();
	scratch_write(dir, "tree" MEMINFO, "ours");
	scratch_write(dir, "tree" CPU "/online", "0\n");
	scratch_write(dir, "later" CPU "/online", "1\n");
	return 0;
}

static int teardown(void **state)
{
	cage_stop(&cage);
	scratch_free(dir);
	return 0;
}

/* Lays DIR/TREE's files and tells what became of nesting; -1: it was not concluded. */
static int lay(const char *tree, bool nesting, const char *const *files, const char *note)
{
	g_autofree char *tree_path = g_build_filename(dir, tree, NULL), *rootfs = g_build_filename(dir, "rootfs", NULL);
	const struct attach_target target = { .tree = tree_path,
					      .files = files,
					      .pid = cage.pid,
					      .pidfd = cage.pidfd,
					      .rootfs = rootfs,
					      .nesting = nesting };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) results = attach_lay(&target, &error);
	const struct attach_result *last;

	g_assert_no_error(error);
	last = g_ptr_array_index(results, results->len - 1);
	if (strcmp(last->path, ATTACH_NESTING) != 0)
		return -1;
	if (note)
		assert_has(last->note, note);
	else
		assert_null(last->note);
	return (int)last->outcome;
}

static void expect_kept(unsigned procfs, unsigned sysfs, unsigned at_cpu)
{
	assert_int_equal(cage_mounts(&cage, PROCFS), procfs);
	assert_int_equal(cage_mounts(&cage, SYSFS), sysfs);
	assert_int_equal(cage_mounts(&cage, CPU), at_cpu);
}

static const char *const both[] = { MEMINFO, CPU, NULL };

static void keeps(void **state)
{
	g_autofree char *online = NULL;

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	assert_int_equal(lay("tree", true, both, NULL), ATTACH_LAID);
	expect_kept(1, 1, 2);
	online = cage_read(&cage, dir, CPU "/online");
	assert_string_equal(online, "0\n");
	assert_null(cage_read(&cage, dir, PROCFS "/version"));
	assert_int_equal(lay("tree", true, both, NULL), ATTACH_PRESENT);
	expect_kept(1, 1, 2);
}

static void is_not_asked_for(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	assert_int_equal(lay("tree", false, both, NULL), -1);
	expect_kept(0, 0, 1);
}

/* Ours goes and comes; what is kept stays, whether or not it is asked for again. */
static void stays_under_another(void **state)
{
	g_autofree char *online = NULL;

	cage_start(&cage, dir, CAGE_USER, cage_fill);
	assert_int_equal(lay("tree", true, both, NULL), ATTACH_LAID);
	assert_int_equal(lay("later", false, both, NULL), -1);
	expect_kept(1, 1, 2);
	online = cage_read(&cage, dir, CPU "/online");
	assert_string_equal(online, "1\n");
	assert_int_equal(lay("tree", true, both, NULL), ATTACH_PRESENT);
	expect_kept(1, 1, 2);
}

static void needs_a_directory(void **state)
{
	static const char *const one[] = { MEMINFO, NULL };

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	assert_int_equal(lay("tree", true, one, "the container has no directory that ours covers"), ATTACH_FAILED);
	expect_kept(0, 0, 0);
	assert_int_equal(cage_mounts(&cage, MEMINFO), 1);
}

static void fill_nothing(void)
{
}

static void has_nothing_to_keep(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_nothing);
	assert_int_equal(lay("tree", true, both, "neither procfs nor sysfs"), ATTACH_ABSENT);
}

static void fill_sysfs(void)
{
	cage_insist(mount("sysfs", "sys", "sysfs", MS_RDONLY, NULL) == 0, "mounting sysfs");
	cage_insist(mount("/proc/sys", "proc", NULL, MS_BIND, NULL) == 0, "/proc/sys");
}

/* A part of procfs is no procfs. */
static void keeps_what_is_whole(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_sysfs);
	assert_int_equal(lay("tree", true, both, NULL), ATTACH_LAID);
	expect_kept(0, 1, 2);
}

static void fill_covered(void)
{
	cage_fill();
	cage_insist(mount("x", "sys/devices/system", "tmpfs", 0, NULL) == 0, "tmpfs");
}

static void leaves_nothing_behind(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_covered);
	assert_int_equal(lay("tree", true, both, "the container has no directory that ours covers"), ATTACH_FAILED);
	expect_kept(0, 0, 0);
}

static void knows_a_hoard(void **state)
{
	static const char *const others[] = { "/", "/proc", "/sys", "/dev", "/dev/null" };

	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
		int fd = open(others[i], O_PATH | O_CLOEXEC);

		assert_false(nesting_is_hoard(fd));
		close(fd);
	}
	assert_false(nesting_is_hoard(-1));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps),
		TEST(is_not_asked_for),
		TEST(stays_under_another),
		TEST(needs_a_directory),
		TEST(has_nothing_to_keep),
		TEST(keeps_what_is_whole),
		TEST(leaves_nothing_behind),
		cmocka_unit_test(knows_a_hoard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
