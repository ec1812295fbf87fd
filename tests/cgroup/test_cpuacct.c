/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpuacct.h"
#include "tests/cgroup/tree.h"

static void test_percpu(void **state)
{
	cg_cleanup(cg_cputime_clear) struct cg_cputime time = { 0 };

	assert_true(cpuacct_parse_percpu("1500 2600 \n", "f", &time, NULL));
	assert_int_equal(time.n_percpu, 2);
	assert_int_equal(time.percpu_us[0], 1);
	assert_int_equal(time.percpu_us[1], 2);
	assert_int_equal(time.usage_us, 4);
	cg_cputime_clear(&time);
	assert_true(cpuacct_parse_percpu("7000", "f", &time, NULL));
	assert_int_equal(time.n_percpu, 1);
}

static void test_malformed_percpu(void **state)
{
	static const char *const bad[] = { "",
					   "\n",
					   " \n",
					   "-1 \n",
					   "1  2 \n",
					   "1 x \n",
					   "1\n2\n",
					   "1,2",
					   "18446744073709551616 \n",
					   "18446744073709551615 1 \n" };
	g_autoptr(GError) error = NULL;
	struct cg_cputime time = { 0 };
	g_autoptr(GString) many = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_fails(cpuacct_parse_percpu(bad[i], "percpu", &time, &error), &error, EINVAL, "percpu");
	for (unsigned i = 0; i <= CG_MAX_CPUS; i++)
		g_string_append(many, "1 ");
	assert_fails(cpuacct_parse_percpu(many->str, "percpu", &time, &error), &error, EINVAL, "percpu");
}

static void test_splits(void **state)
{
	static const char *const bad_all[] = { "",
					       "cpu user system",
					       "0 1 2\n",
					       "cpu user system\n0 1\n",
					       "cpu user system\n0 1 2 3\n",
					       "cpu user system\n0 1 2\n\n",
					       "cpu user system\n0 18446744073709551615 1\n1 1 1\n" };
	g_autoptr(GError) error = NULL;
	struct cpuacct_split split = { 0 };

	assert_true(cpuacct_parse_usage_all("cpu user system\n0 21 13\n1 24 23", "f", &split, NULL));
	assert_int_equal(split.user, 45);
	assert_int_equal(split.system, 36);
	assert_true(cpuacct_parse_stat("user 4949\nsystem 3984\n", "f", &split, NULL));
	assert_int_equal(split.user, 4949);
	assert_int_equal(split.system, 3984);
	assert_fails(cpuacct_parse_stat("user 4949\n", "cpuacct.stat", &split, &error), &error, EINVAL, "system");
	for (size_t i = 0; i < G_N_ELEMENTS(bad_all); i++)
		assert_fails(cpuacct_parse_usage_all(bad_all[i], "all", &split, &error), &error, EINVAL, "all");
}

static void test_divide(void **state)
{
	struct cg_cputime time = { .usage_us = 1000 };

	cpuacct_divide(&time, &(struct cpuacct_split){ 3, 1 });
	assert_int_equal(time.user_us, 750);
	assert_int_equal(time.system_us, 250);
	cpuacct_divide(&time, &(struct cpuacct_split){ 0, 0 });
	assert_int_equal(time.user_us, 1000);
	assert_int_equal(time.system_us, 0);
	time.usage_us = UINT64_MAX;
	cpuacct_divide(&time, &(struct cpuacct_split){ UINT64_MAX, UINT64_MAX });
	assert_int_equal(time.user_us, (UINT64_MAX >> 1) + 1);
	assert_int_equal(time.system_us, UINT64_MAX >> 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_percpu), cmocka_unit_test(test_malformed_percpu),
					    cmocka_unit_test(test_splits), cmocka_unit_test(test_divide) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
