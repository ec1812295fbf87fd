/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include "fs/view/memory.h"

static void without_a_limit_the_host_is_the_limit(void **state)
{
	struct view view = sample_unlimited(MIB(1024));

	view.memory.usage = MIB(100);
	assert_int_equal(memory_total(&view), MIB(1024));
	assert_int_equal(memory_free(&view), MIB(924));
	assert_int_equal(memory_available(&view), MIB(924));
}

static void a_limit_above_the_host_is_the_host(void **state)
{
	struct view view = sample_unlimited(MIB(1024));

	view.memory.usage = MIB(100);
	view.memory.limit.value = MIB(4096);
	view.memory.headroom.value = MIB(3996);
	assert_int_equal(memory_total(&view), MIB(1024));
	assert_int_equal(memory_free(&view), MIB(924));
}

static void the_tightest_level_decides(void **state)
{
	struct view view = sample_unlimited(MIB(1024));

	view.memory.limit.value = MIB(256);
	view.memory.usage = MIB(100);
	view.memory.headroom.value = MIB(10); /* a parent of 512 that others fill */
	view.memory.slack.value = MIB(30);
	view.memory.stat.active_file = MIB(5);
	view.memory.stat.inactive_file = MIB(6);
	view.memory.stat.slab_reclaimable = MIB(7);
	assert_int_equal(memory_free(&view), MIB(10));
	assert_int_equal(memory_available(&view), MIB(28));
	view.memory.stat.inactive_file = MIB(60);
	assert_int_equal(memory_available(&view), MIB(30));
}

static void over_the_limit_is_nothing_free(void **state)
{
	struct view view = sample_unlimited(MIB(1024));

	view.memory.usage = MIB(2000);
	assert_int_equal(memory_free(&view), 0);
	view.memory.limit.value = 0;
	assert_int_equal(memory_total(&view), 0);
	view.memory.stat.inactive_file = MIB(1);
	assert_int_equal(memory_available(&view), 0);
}

static void sums_do_not_wrap(void **state)
{
	struct view view = sample_unlimited(MIB(1024));

	view.memory.usage = MIB(1024);
	view.memory.stat.active_file = UINT64_MAX;
	view.memory.stat.inactive_file = 2;
	assert_int_equal(memory_available(&view), MIB(1024));
}

static void swap_is_the_smaller_amount(void **state)
{
	struct view view = sample_unlimited(MIB(1024));

	view.host_swap = MIB(512);
	assert_int_equal(memory_swap_total(&view), 0);
	assert_int_equal(memory_swap_free(&view), 0);
	view.memory.has_swap = true;
	assert_int_equal(memory_swap_total(&view), MIB(512));
	view.memory.swap_limit.value = MIB(64);
	view.memory.swap_usage = MIB(24);
	view.memory.swap_headroom.value = MIB(40);
	assert_int_equal(memory_swap_total(&view), MIB(64));
	assert_int_equal(memory_swap_free(&view), MIB(40));
	view.memory.swap_headroom.value = MIB(8);
	assert_int_equal(memory_swap_free(&view), MIB(8));
	view.memory.swap_usage = MIB(65);
	assert_int_equal(memory_swap_free(&view), 0);
}

static void assert_blocks(uint64_t total, uint64_t size, unsigned n)
{
	struct view view = { .host_memory = total, .memory.limit = *sample_no_limit() };

	assert_int_equal(memory_block_size(&view), size);
	assert_int_equal(memory_blocks(&view), n);
}

static void blocks_make_up_the_total(void **state)
{
	assert_blocks(MIB(256), MIB(128), 2);
	assert_blocks(MIB(100), MIB(4), 25);
	assert_blocks(MIB(1 << 20), MIB(4096), 256);
	assert_blocks(0, MIB(128), 0);
}

/* Not every total is of equal blocks that are not too many. */
static void less_than_a_block_is_left_over(void **state)
{
	assert_blocks(MIB(24576) + KIB(404), MIB(128), 192);
	assert_blocks(MIB(1) + KIB(4), KIB(8), 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit_the_host_is_the_limit),
		cmocka_unit_test(a_limit_above_the_host_is_the_host),
		cmocka_unit_test(the_tightest_level_decides),
		cmocka_unit_test(over_the_limit_is_nothing_free),
		cmocka_unit_test(sums_do_not_wrap),
		cmocka_unit_test(swap_is_the_smaller_amount),
		cmocka_unit_test(blocks_make_up_the_total),
		cmocka_unit_test(less_than_a_block_is_left_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
