/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#define HEADER "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

static struct view with_swap(uint64_t total, uint64_t used)
{
	struct view view = sample_unlimited(MIB(1024));

	view.host_swap = total;
	view.memory.has_swap = true;
	view.memory.swap_usage = used;
	return view;
}

static void without_swap_only_the_header(void **state)
{
	struct view view = sample_unlimited(MIB(1024));

	assert_renders(swaps_render, &view, HEADER);
	view.host_swap = MIB(512); /* not accounted */
	assert_renders(swaps_render, &view, HEADER);
	view.memory.has_swap = true;
	view.memory.swap_limit.value = 0;
	assert_renders(swaps_render, &view, HEADER);
}

static void one_row(void **state)
{
	struct view view = with_swap(MIB(512), MIB(2));

	assert_renders(swaps_render, &view,
		       HEADER "none                                    virtual\t\t524288\t\t2048\t\t0\n");
}

static void long_numbers_have_one_tab(void **state)
{
	struct view view = with_swap(KIB(10000000), KIB(9999999));

	assert_renders(swaps_render, &view,
		       HEADER "none                                    virtual\t\t10000000\t9999999\t\t0\n");
}

static void more_than_there_is_cannot_be_used(void **state)
{
	struct view view = with_swap(MIB(1), MIB(9));

	assert_renders(swaps_render, &view,
		       HEADER "none                                    virtual\t\t1024\t\t1024\t\t0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_swap_only_the_header),
		cmocka_unit_test(one_row),
		cmocka_unit_test(long_numbers_have_one_tab),
		cmocka_unit_test(more_than_there_is_cannot_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
