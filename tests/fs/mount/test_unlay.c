/* SPDX-License-Identifier: Apache-2.0
 *
 * Which mounts are ours. That they go is seen in tests/live/test_ctl.py.
 */
#include "fs/mount/unlay.h"

#include "tests/fs/harness.h"

#include <sys/sysmacros.h>

#define OPTIONS " ro,nosuid - fuse.procvirt procvirt ro\n"

static void assert_path(const GPtrArray *found, guint i, const char *path)
{
	assert_string_equal(((struct laid *)found->pdata[i])->path, path);
}

static void finds_ours(void **state)
{
	g_autoptr(GPtrArray) found = unlay_find(
		"20 1 8:1 / / rw - ext4 /dev/sda rw\n"
		"21 20 0:21 / /proc rw shared:4 master:7 - proc proc rw\n"
		"22 21 0:50 /containers/c1/proc/meminfo /proc/meminfo" OPTIONS
		"23 21 0:50 /containers/1000:c1/proc/stat /proc/stat ro shared:4 - fuse.procvirt procvirt ro\n"
		"24 21 0:51 /containers/c1/proc/meminfo//deleted /proc/meminfo" OPTIONS
		"25 21 0:50 /containers/c1/sys/devices/system/cpu /sys/devices/system/cpu" OPTIONS);

	assert_int_equal(found->len, 4);
	assert_path(found, 0, "/sys/devices/system/cpu"); /* what came last goes first */
	assert_path(found, 1, "/proc/meminfo");
	assert_true(((struct laid *)found->pdata[1])->dev == makedev(0, 51));
	assert_path(found, 2, "/proc/stat");
	assert_path(found, 3, "/proc/meminfo");
	assert_true(((struct laid *)found->pdata[3])->dev == makedev(0, 50));
}

static void leaves_others(void **state)
{
	static const char *const lines[] = {
		"22 21 0:50 /containers/c1/proc/meminfo /mnt/meminfo" OPTIONS,
		"22 21 0:50 /containers/c1/proc/meminfo /proc/stat" OPTIONS,
		"22 21 0:50 /proc/meminfo /proc/meminfo" OPTIONS, /* by caller: an LXC mount entry */
		"22 21 0:50 / /var/lib/procvirt" OPTIONS,
		"22 21 0:50 /containers /containers" OPTIONS,
		"22 21 0:50 /containers/c1 /c1" OPTIONS,
		"22 21 0:50 /containers/c1/proc/meminfo /proc/meminfo ro - fuse.lxcfs lxcfs ro\n",
		"22 21 0:50 /containers/c1/proc/meminfo /proc/meminfo ro - fuse.procvirt2 x ro\n",
		"22 21 8:1 /containers/c1/proc/meminfo /proc/meminfo ro - ext4 procvirt ro\n",
		"22 21 x:y /containers/c1/proc/meminfo /proc/meminfo" OPTIONS,
		"22 21 0:50 /containers/c1/proc/meminfo\n",
		" - fuse.procvirt \n",
		"",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(GPtrArray) found = unlay_find(lines[i]);

		assert_int_equal(found->len, 0);
	}
}

/* As runc leaves it where /proc/sys is read-only: beneath the copy is what can neither be seen nor be taken away. */
static void leaves_what_is_covered(void **state)
{
	g_autoptr(GPtrArray) found =
		unlay_find("21 20 0:21 / /proc rw - proc proc rw\n"
			   "22 21 0:50 /containers/c1/proc/meminfo /proc/meminfo" OPTIONS
			   "23 21 0:50 /containers/c1/proc/sys/fs/aio-nr /proc/sys/fs/aio-nr" OPTIONS
			   "24 21 0:21 /sys /proc/sys ro - proc proc rw\n"
			   "25 24 0:50 /containers/c1/proc/sys/fs/aio-nr /proc/sys/fs/aio-nr" OPTIONS
			   "26 21 0:21 /me /proc/me ro - proc proc rw\n");

	assert_int_equal(found->len, 2);
	assert_path(found, 0, "/proc/sys/fs/aio-nr");
	assert_path(found, 1, "/proc/meminfo");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_what_is_covered),
		cmocka_unit_test(finds_ours),
		cmocka_unit_test(leaves_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
