/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include <limits.h>

static char *list_of(const struct cg_cpumask *mask)
{
	GString *text = g_string_new(NULL);

	cg_cpulist_append(text, mask);
	return g_string_free(text, FALSE);
}

struct choice {
	const char *online, *cpuset;
	uint64_t quota_us, period_us, shares;
	enum view_cpu_count count;
	const char *visible;
};

static void assert_choice(const struct choice *choice)
{
	struct cg_cpumask online = sample_mask(choice->online), cpuset = sample_mask(choice->cpuset);
	struct cg_cpu cpu = { .quota = { .quota_us = choice->quota_us, .period_us = choice->period_us },
			      .shares = choice->shares };
	struct view_cpus cpus;
	g_autofree char *visible = NULL;

	view_cpus_choose(&cpus, &online, 64, &cpuset, &cpu, choice->count, true);
	visible = list_of(&cpus.visible);
	assert_string_equal(visible, choice->visible);
	assert_int_equal(cpus.n, cg_cpumask_count(&cpus.visible));
	assert_int_equal(cpus.host_ids, 64);
	assert_true(cpus.renumber);
}

static void chooses(void **state)
{
	static const struct choice choices[] = {
		/* the quota: rounded up, at least one, no more than there are */
		{ "0-3", "", CG_UNLIMITED, 100000, 1024, VIEW_CPU_QUOTA, "0-3" },
		{ "0-3", "", 50000, 100000, 1024, VIEW_CPU_QUOTA, "0" },
		{ "0-3", "", 100000, 100000, 1024, VIEW_CPU_QUOTA, "0" },
		{ "0-3", "", 150000, 100000, 1024, VIEW_CPU_QUOTA, "0-1" },
		{ "0-3", "", 900000, 100000, 1024, VIEW_CPU_QUOTA, "0-3" },
		{ "0-3", "", 0, 100000, 1024, VIEW_CPU_QUOTA, "0" },
		{ "0-3", "", CG_UNLIMITED - 1, 1, 1024, VIEW_CPU_QUOTA, "0-3" },
		{ "0-3", "", 3, 0, 1024, VIEW_CPU_QUOTA, "0-2" },
		/* the cpuset, within what is online */
		{ "0-7", "1,3,5-7", CG_UNLIMITED, 100000, 1024, VIEW_CPU_QUOTA, "1,3,5-7" },
		{ "0-7", "1,3,5-7", 250000, 100000, 1024, VIEW_CPU_QUOTA, "1,3,5" },
		{ "0-1,4", "1,3-5", CG_UNLIMITED, 100000, 1024, VIEW_CPU_QUOTA, "1,4" },
		{ "0-1", "2-3", CG_UNLIMITED, 100000, 1024, VIEW_CPU_QUOTA, "0-1" },
		{ "", "", CG_UNLIMITED, 100000, 1024, VIEW_CPU_QUOTA, "0" },
		/* other policies */
		{ "0-7", "1,3,5-7", 50000, 100000, 1024, VIEW_CPU_CPUSET, "1,3,5-7" },
		{ "0-7", "1,3,5-7", 50000, 100000, 2048, VIEW_CPU_SHARES, "1,3" },
		{ "0-7", "1,3,5-7", 50000, 100000, 2049, VIEW_CPU_SHARES, "1,3,5" },
		{ "0-7", "1,3,5-7", 50000, 100000, 2, VIEW_CPU_SHARES, "1" },
		{ "0-7", "1,3,5-7", 50000, 100000, 0, VIEW_CPU_SHARES, "1" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(choices); i++)
		assert_choice(&choices[i]);
}

static void shows_physical_numbers(void **state)
{
	struct view_cpus cpus = sample_cpus("1,3,66", 128, false);

	assert_int_equal(view_cpus_shown(&cpus, 66), 66);
}

static void renumbers(void **state)
{
	struct view_cpus cpus = sample_cpus("1,3,66,8191", CG_MAX_CPUS, true);

	assert_int_equal(view_cpus_shown(&cpus, 1), 0);
	assert_int_equal(view_cpus_shown(&cpus, 3), 1);
	assert_int_equal(view_cpus_shown(&cpus, 66), 2);
	assert_int_equal(view_cpus_shown(&cpus, 8191), 3);
}

static void assert_shown(bool renumber, const char *set, const char *expected)
{
	struct view_cpus cpus = sample_cpus("1,3,66", 128, renumber);
	struct cg_cpumask mask = sample_mask(set);
	g_autofree char *shown = NULL;

	view_cpus_show(&cpus, &mask, &mask);
	shown = list_of(&mask);
	assert_string_equal(shown, expected);
}

static void shows_sets(void **state)
{
	assert_shown(false, "0-3", "1,3");
	assert_shown(false, "0,2", "");
	assert_shown(true, "0-3", "0-1");
	assert_shown(true, "66", "2");
	assert_shown(true, "0-127", "0-2");
}

static void names_policies(void **state)
{
	static const enum view_cpu_count all[] = { VIEW_CPU_QUOTA, VIEW_CPU_CPUSET, VIEW_CPU_SHARES };
	enum view_cpu_count count = VIEW_CPU_SHARES;

	assert_string_equal(view_cpu_count_name(VIEW_CPU_QUOTA), "quota");
	assert_string_equal(view_cpu_count_name(VIEW_CPU_CPUSET), "cpuset");
	assert_string_equal(view_cpu_count_name(VIEW_CPU_SHARES), "shares");
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		assert_true(view_cpu_count_parse(view_cpu_count_name(all[i]), &count));
		assert_int_equal(count, all[i]);
	}
	assert_false(view_cpu_count_parse("Quota", &count));
	assert_false(view_cpu_count_parse("", &count));
	assert_int_equal(count, VIEW_CPU_SHARES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses),    cmocka_unit_test(shows_physical_numbers), cmocka_unit_test(renumbers),
		cmocka_unit_test(shows_sets), cmocka_unit_test(names_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
