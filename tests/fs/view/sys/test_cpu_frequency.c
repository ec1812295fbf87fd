/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static struct view of_cpu(unsigned cpu, const char *list, bool renumber, const char *host)
{
	return (struct view){ .cpus = sample_cpus(list, 256, renumber), .cpu = cpu, .host = host };
}

static void the_visible_ones_share_it(void **state)
{
	struct view view = of_cpu(3, "1,3,5-7", false, "2 3 6 7\n");

	assert_renders(cpu_frequency_cpus_render, &view, "3 6 7\n");
	view.cpus.renumber = true;
	assert_renders(cpu_frequency_cpus_render, &view, "1 3 4\n");
}

static void it_shares_with_itself(void **state)
{
	static const char *const texts[] = { NULL, "", "\n", "2", "x 7", "7  6", "5,6 x" };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct view view = of_cpu(3, "1,3,5-7", false, texts[i]);

		assert_renders(cpu_frequency_cpus_render, &view, "3\n");
	}
}

static void no_speed_can_be_set(void **state)
{
	struct view view = of_cpu(3, "1,3", false, NULL);

	assert_renders(cpu_frequency_setspeed_render, &view, "<unsupported>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_visible_ones_share_it),
		cmocka_unit_test(it_shares_with_itself),
		cmocka_unit_test(no_speed_can_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
