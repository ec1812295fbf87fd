/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static struct view of_cpu(unsigned cpu, const char *list, unsigned host_ids, bool renumber)
{
	return (struct view){ .cpus = sample_cpus(list, host_ids, renumber), .cpu = cpu };
}

static void siblings_are_the_visible_ones(void **state)
{
	struct view view = of_cpu(5, "1,5,9", 16, false);

	view.host = "1,5\n";
	assert_renders(cpu_siblings_list_render, &view, "1,5\n");
	view.host = "5,13\n";
	assert_renders(cpu_siblings_list_render, &view, "5\n");
	view.host = "0-15\n";
	assert_renders(cpu_siblings_list_render, &view, "1,5,9\n");
	view.cpus.renumber = true;
	assert_renders(cpu_siblings_list_render, &view, "0-2\n");
}

static void maps_are_as_wide_as_the_kernels(void **state)
{
	struct view view = of_cpu(5, "1,5,9", 16, false);

	view.host = "0022\n";
	assert_renders(cpu_siblings_map_render, &view, "0022\n");
	view.host = "ffff\n";
	assert_renders(cpu_siblings_map_render, &view, "0222\n");
	view.cpus.renumber = true;
	assert_renders(cpu_siblings_map_render, &view, "0007\n");
	view = of_cpu(33, "32-33", 64, false);
	view.host = "00000003,00000000\n";
	assert_renders(cpu_siblings_map_render, &view, "00000003,00000000\n");
	view.cpus.renumber = true;
	assert_renders(cpu_siblings_map_render, &view, "00000000,00000003\n");
	view = of_cpu(1, "0-1", 2, false);
	view.host = "3\n";
	assert_renders(cpu_siblings_map_render, &view, "3\n");
}

static void a_cpu_is_its_own_sibling(void **state)
{
	static const char *const texts[] = { NULL, "", "\n", "garbage\n", "0,,1\n", "99999999999999999999\n", "0\n" };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct view view = of_cpu(3, "2-3", 4, false);

		view.host = texts[i];
		assert_renders(cpu_siblings_list_render, &view, "3\n");
		assert_renders(cpu_siblings_map_render, &view, "8\n");
	}
}

static void a_cpu_that_is_none_is_no_sibling(void **state)
{
	struct view view = of_cpu(UINT32_MAX, "2-3", 4, false);

	view.host = "0-3\n";
	assert_renders(cpu_siblings_list_render, &view, "2-3\n");
	view.cpus.host_ids = 0;
	view.host = "f\n";
	assert_renders(cpu_siblings_map_render, &view, "0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siblings_are_the_visible_ones),
		cmocka_unit_test(maps_are_as_wide_as_the_kernels),
		cmocka_unit_test(a_cpu_is_its_own_sibling),
		cmocka_unit_test(a_cpu_that_is_none_is_no_sibling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
