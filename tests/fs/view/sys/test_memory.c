/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static struct view of_100_mib(void)
{
	return (struct view){ .host_memory = MIB(4096),
			      .block = 24,
			      .memory = { .limit = { MIB(100), 0 }, .headroom = *sample_no_limit() } };
}

static void numbers_are_hexadecimal(void **state)
{
	struct view view = of_100_mib();

	assert_renders(memory_block_size_render, &view, "400000\n");
	assert_renders(memory_block_index_render, &view, "00000018\n");
}

static void each_block_is_in_use(void **state)
{
	struct view view = of_100_mib();

	assert_renders(memory_block_state_render, &view, "online\n");
	assert_renders(memory_block_online_render, &view, "1\n");
	assert_renders(memory_block_removable_render, &view, "0\n");
	assert_renders(memory_block_zones_render, &view, "none\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_hexadecimal),
		cmocka_unit_test(each_block_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
