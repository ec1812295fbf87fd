/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/disks.h"
#include "tests/fs/view/sample.h"

static const struct view_disk used[] = {
	{ .name = "sda",
	  .io = { .major = 8, .rbytes = 8704, .wbytes = 1024, .rios = 3, .wios = 123456789, .dios = 5 } },
	{ .name = "cciss!c0d0", .io = { .major = 104 } },
};

static void assert_disk(void (*render)(const struct view *view, GString *text), unsigned major, const char *host,
			const char *expected)
{
	struct view view = { .host = host, .major = major, .io = { .n = G_N_ELEMENTS(used), .disk = used } };

	assert_renders(render, &view, expected);
}

static void columns_of_the_hosts_stat(void **state)
{
	assert_disk(disk_stat_render, 8, "91 92 93 94 95 96 97 98 99 90 89\n",
		    "       3        0       17        0 123456789        0        2        0        0        0        "
		    "0\n");
	assert_disk(
		disk_stat_render, 8, " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
		"       3        0       17        0 123456789        0        2        0        0        0        0"
		"        5        0        0        0        0        0\n");
	assert_disk(disk_stat_render, 9, "91 92\n", "       0        0\n");
	assert_disk(disk_stat_render, 8, NULL, "");
}

static void numbers_and_links(void **state)
{
	assert_disk(disk_dev_render, 104, "8:0\n", "104:0\n");
	assert_disk(disk_link_render, 8, NULL, "../../block/sda");
	assert_disk(disk_link_render, 104, NULL, "../../block/cciss!c0d0");
	assert_disk(disk_link_render, 9, NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_of_the_hosts_stat),
		cmocka_unit_test(numbers_and_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
