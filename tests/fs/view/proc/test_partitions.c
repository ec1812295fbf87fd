/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#define HEADER "major minor  #blocks  name\n\n"
#define SDA    "   8        0  488386584 sda\n"
#define SDA1   "   8        1  488385560 sda1\n"
#define SDB    "   8       16  488386584 sdb\n"

static void assert_partitions(unsigned n, const char *host, const char *expected)
{
	static const struct view_disk used[] = { { .name = "sdb", .io = { .major = 8, .minor = 16 } },
						 { .name = "sda", .io = { .major = 8 } } };
	struct view view = { .host = host, .io = { .n = n, .disk = used } };

	assert_renders(partitions_render, &view, expected);
}

static void whole_disks_that_were_used(void **state)
{
	assert_partitions(1, HEADER SDA SDA1 SDB, HEADER SDB);
	assert_partitions(2, HEADER SDA SDA1 SDB, HEADER SDA SDB);
}

/* As the kernel of a machine without disks. */
static void without_any_there_is_no_heading(void **state)
{
	assert_partitions(0, HEADER SDA SDA1 SDB, "");
	assert_partitions(2, HEADER, "");
	assert_partitions(2, NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_disks_that_were_used),
		cmocka_unit_test(without_any_there_is_no_heading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
