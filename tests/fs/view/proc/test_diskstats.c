/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static const struct view_disk used[] = {
	{ .name = "sda",
	  .io = { .major = 8, .rbytes = 8704, .wbytes = 1023, .rios = 3, .wios = 4, .dbytes = 4096, .dios = 5 } },
	{ .name = "dm-300", .io = { .major = 253, .minor = 300, .rbytes = UINT64_MAX, .rios = UINT64_MAX } },
};

static void assert_diskstats(const char *host, const char *expected)
{
	struct view view = { .host = host, .io = { .n = G_N_ELEMENTS(used), .disk = used } };

	assert_renders(diskstats_render, &view, expected);
}

/* Linux before 4.18, before 5.5, and since. */
static void as_many_columns_as_the_hosts(void **state)
{
	assert_diskstats("   8       0 sda 91 92 93 94 95 96 97 98 99 90 89\n",
			 "   8       0 sda 3 0 17 0 4 0 1 0 0 0 0\n");
	assert_diskstats("   8       0 sda 91 92 93 94 95 96 97 98 99 90 89 88 87 86 85\n",
			 "   8       0 sda 3 0 17 0 4 0 1 0 0 0 0 5 0 8 0\n");
	assert_diskstats("   8       0 sda 91 92 93 94 95 96 97 98 99 90 89 88 87 86 85 84 83\n",
			 "   8       0 sda 3 0 17 0 4 0 1 0 0 0 0 5 0 8 0 0 0\n");
	assert_diskstats("   8       0 sda 91 92 93 94 95 96 97 98 99 90 89 88 87 86 85 84 83 82 81\n",
			 "   8       0 sda 3 0 17 0 4 0 1 0 0 0 0 5 0 8 0 0 0 0 0\n");
}

static void only_disks_that_were_used(void **state)
{
	assert_diskstats("   8      16 sdb 1 2 3 4 5 6 7 8 9 10 11\n   8       1 sda1 1 2 3 4 5 6 7 8 9 10 11\n", "");
	assert_diskstats(" 253     300 dm-300 1 2 3 4 5 6 7 8 9 10 11\n   8       0 sda 1 2 3\n 253     301 x 1\n",
			 " 253     300 dm-300 18446744073709551615 0 36028797018963967 0 0 0 0 0 0 0 0\n"
			 "   8       0 sda 3 0 17\n");
}

static void what_is_no_line_is_left_out(void **state)
{
	assert_diskstats("8\n8 0\n8 0 \n-8 0 sda 1\n8 0x sda 1\n4294967304 0 sda 1\n8 4294967296 sda 1\n", "");
	assert_diskstats("8 0 sda", "8 0 sda\n");
	assert_diskstats(NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_columns_as_the_hosts),
		cmocka_unit_test(only_disks_that_were_used),
		cmocka_unit_test(what_is_no_line_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
