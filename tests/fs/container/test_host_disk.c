/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <unistd.h>

/* "8:0" links to there. */
static void link_disk(const struct world *world, const char *target)
{
	g_autofree char *dir = g_strconcat(world->dir, "/sys/dev/block", NULL);
	g_autofree char *path = g_strconcat(dir, "/8:0", NULL);

	assert_int_equal(g_mkdir_with_parents(dir, 0755), 0);
	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static void assert_is_at(const struct world *world, const char *target, const char *expected)
{
	g_autofree char *path = NULL;

	link_disk(world, target);
	path = host_disk_path(world->host, 8, 0);
	assert_string_equal(path, expected);
}

static void assert_is_nowhere(const struct world *world, const char *target)
{
	link_disk(world, target);
	assert_null(host_disk_path(world->host, 8, 0));
}

static void where_the_link_says(void **state)
{
	assert_is_at(*state, "../../devices/virtual/block/loop0", "/sys/devices/virtual/block/loop0");
	assert_is_at(*state, "../../devices/pci0000:00/./x/../0000:00:02.0/block/sda/",
		     "/sys/devices/pci0000:00/0000:00:02.0/block/sda");
}

/* The kernel makes no such links; a captured host may have any. */
static void nowhere_else(void **state)
{
	assert_is_nowhere(*state, "../../../etc");
	assert_is_nowhere(*state, "../../devices/../../etc/passwd");
	assert_is_nowhere(*state, "../../../../../../devices/x");
	assert_is_nowhere(*state, "/etc/passwd");
	assert_is_nowhere(*state, "../../devices");
	assert_is_nowhere(*state, "../8:1");
}

static void a_disk_that_is_not_there(void **state)
{
	const struct world *world = *state;

	assert_null(host_disk_path(world->host, 8, 0));
	link_disk(world, "../../devices/virtual/block/loop0");
	assert_null(host_disk_path(world->host, 8, 1));
	assert_null(host_disk_path(world->host, 0, 8));
}

/* The directory is read beneath the descriptor like any other: a link on the way is not followed. */
static void links_below_are_not_followed(void **state)
{
	const struct world *world = *state;
	g_autofree char *link = g_strconcat(world->dir, "/sys/devices/away", NULL);
	g_autofree char *file = NULL;
	g_autofree char *disk = NULL;

	scratch_write(world->dir, "proc/away/size", "7\n");
	assert_int_equal(symlink("../../proc/away", link), 0);
	link_disk(world, "../../devices/away");
	disk = host_disk_path(world->host, 8, 0);
	assert_string_equal(disk, "/sys/devices/away");
	file = g_strconcat(disk, "/size", NULL);
	assert_null(host_read(world->host, file, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(where_the_link_says, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(nowhere_else, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_disk_that_is_not_there, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(links_below_are_not_followed, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
