/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static struct view with_cpus(const char *list, bool renumber, const char *host)
{
	return (struct view){ .cpus = sample_cpus(list, 256, renumber), .host = host };
}

static void lists_the_visible(void **state)
{
	struct view view = with_cpus("1,3,5-7", false, "0-255\n");

	assert_renders(cpu_visible_render, &view, "1,3,5-7\n");
	view.cpus.renumber = true;
	assert_renders(cpu_visible_render, &view, "0-4\n");
	view.cpus = sample_cpus("255", 256, false);
	assert_renders(cpu_visible_render, &view, "255\n");
}

static void nothing_is_offline(void **state)
{
	struct view view = with_cpus("1", false, "0,2-255\n");

	assert_renders(cpu_offline_render, &view, "\n");
	assert_renders(cpu_is_online_render, &view, "1\n");
}

static void isolated_ones_are_among_the_visible(void **state)
{
	struct view view = with_cpus("1,3,5-7", false, "2-5\n");

	assert_renders(cpu_among_render, &view, "3,5\n");
	view.cpus.renumber = true;
	assert_renders(cpu_among_render, &view, "1-2\n");
	view.host = "2,4\n";
	assert_renders(cpu_among_render, &view, "\n");
}

static void what_is_no_list_is_empty(void **state)
{
	static const char *const texts[] = { NULL, "", "\n", "(null)\n", "1,x\n", "7-1\n", "1-99999\n" };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct view view = with_cpus("1-3", false, texts[i]);

		assert_renders(cpu_among_render, &view, "\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_the_visible),
		cmocka_unit_test(nothing_is_offline),
		cmocka_unit_test(isolated_ones_are_among_the_visible),
		cmocka_unit_test(what_is_no_list_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
