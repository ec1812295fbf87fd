/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/convert.h"
#include "tests/cgroup/tree.h"

static const char *const no_numbers[] = { "",
					  "\n",
					  "-1",
					  "+1",
					  " 1",
					  "1 ",
					  "1\n\n",
					  "0x1",
					  "1\n2",
					  "1.5",
					  "abc",
					  "1 2",
					  "\n1",
					  "18446744073709551616",
					  "99999999999999999999999",
					  "1\r\n",
					  "max1",
					  "ma" };

static void test_numbers(void **state)
{
	g_autoptr(GError) error = NULL;
	uint64_t value = 7;

	assert_true(cg_parse_u64("0\n", "f", &value, &error));
	assert_int_equal(value, 0);
	assert_true(cg_parse_u64("18446744073709551615", "f", &value, &error));
	assert_int_equal(value, UINT64_MAX);
	value = 7;
	for (size_t i = 0; i < G_N_ELEMENTS(no_numbers); i++) {
		assert_fails(cg_parse_u64(no_numbers[i], "some.file", &value, &error), &error, EINVAL, "some.file");
		assert_fails(cg_parse_max(no_numbers[i], "some.file", &value, &error), &error, EINVAL, "some.file");
		assert_fails(cg_parse_v1_limit(no_numbers[i], "some.file", &value, &error), &error, EINVAL,
			     "some.file");
	}
	assert_fails(cg_parse_u64("max\n", "some.file", &value, &error), &error, EINVAL, "max");
	assert_int_equal(value, 7);
}

static void test_no_limit(void **state)
{
	/* The largest multiples of 4 KiB, 64 KiB and 1 GiB below 2^63, and what kernels before 3.19 said. */
	static const char *const unlimited[] = { "9223372036854771712\n", "9223372036854710272\n",
						 "9223372035781033984\n", "9223372036854775807\n",
						 "18446744073709551615\n" };
	uint64_t value;

	for (size_t i = 0; i < G_N_ELEMENTS(unlimited); i++) {
		value = 0;
		assert_true(cg_parse_v1_limit(unlimited[i], "f", &value, NULL));
		assert_int_equal(value, CG_UNLIMITED);
	}
	assert_true(cg_parse_v1_limit("1152921504606846976\n", "f", &value, NULL));
	assert_int_equal(value, UINT64_C(1) << 60);
	assert_true(cg_parse_max("max\n", "f", &value, NULL));
	assert_int_equal(value, CG_UNLIMITED);
	assert_true(cg_parse_max("9223372036854771712", "f", &value, NULL));
	assert_int_equal(value, UINT64_C(9223372036854771712));
}

static void test_quota(void **state)
{
	g_autoptr(GError) error = NULL;
	uint64_t quota = 1, period = 1;
	static const char *const bad[] = { "",       "max",      "100",     "max 0",     "100 0\n",
					   "-1 100", "max  100", "max100",  "100 100 1", "100 -5",
					   "100\t5", "100 100x", "max max", " max 100",  "18446744073709551616 1" };

	assert_true(cg_parse_cpu_max("max 100000\n", "cpu.max", &quota, &period, NULL));
	assert_int_equal(quota, CG_UNLIMITED);
	assert_int_equal(period, 100000);
	assert_true(cg_parse_cpu_max("50000 20000", "cpu.max", &quota, &period, NULL));
	assert_int_equal(quota, 50000);
	assert_int_equal(period, 20000);
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_fails(cg_parse_cpu_max(bad[i], "cpu.max", &quota, &period, &error), &error, EINVAL, "cpu.max");
	assert_int_equal(quota, 50000);
	assert_true(cg_parse_v1_quota("-1\n", "q", &quota, NULL));
	assert_int_equal(quota, CG_UNLIMITED);
	assert_true(cg_parse_v1_quota("5000\n", "q", &quota, NULL));
	assert_int_equal(quota, 5000);
	assert_fails(cg_parse_v1_quota("-2\n", "q", &quota, &error), &error, EINVAL, "q");
	assert_fails(cg_parse_v1_quota("-10\n", "q", &quota, &error), &error, EINVAL, "q");
}

static void test_weights(void **state)
{
	/* 1 and 10000 are the ends of both scales; 39 is what runtimes make of 1024 shares, 100 the default. */
	assert_int_equal(cg_weight_to_shares(1), 2);
	assert_int_equal(cg_weight_to_shares(10000), 262144);
	assert_int_equal(cg_weight_to_shares(39), 999);
	assert_int_equal(cg_weight_to_shares(100), 1024);
	assert_int_equal(cg_shares_to_weight(2), 1);
	assert_int_equal(cg_shares_to_weight(0), 1);
	assert_int_equal(cg_shares_to_weight(1024), 100);
	assert_int_equal(cg_shares_to_weight(262144), 10000);
	assert_int_equal(cg_shares_to_weight(UINT64_MAX), 10000);
	for (uint64_t weight = 1; weight <= 10000; weight++) /* the finer scale has room for each */
		assert_int_equal(cg_shares_to_weight(cg_weight_to_shares(weight)), weight);
	for (uint64_t shares = 2; shares <= 262144; shares++)
		assert_in_range(cg_weight_to_shares(cg_shares_to_weight(shares)), 2, shares);
	assert_int_equal(cg_weight_to_shares(0), 2);
	assert_int_equal(cg_weight_to_shares(UINT64_MAX), 262144);
}

static void test_saturation(void **state)
{
	assert_int_equal(cg_plus(UINT64_MAX, 1), UINT64_MAX);
	assert_int_equal(cg_plus(2, 3), 5);
	assert_int_equal(cg_minus(2, 3), 0);
}

static void test_error_text(void **state)
{
	g_autoptr(GError) error = NULL;
	uint64_t value;

	/* One line, printable, and not the whole of a huge text. */
	g_autofree char *huge = g_strnfill(100000, 'x');

	assert_false(cg_parse_u64("a\x01\nb", "f", &value, &error));
	assert_null(strchr(error->message, '\n'));
	g_clear_error(&error);
	assert_false(cg_parse_u64(huge, "f", &value, &error));
	assert_true(strlen(error->message) < 200);
	assert_false(cg_parse_u64(huge, "f", &value, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_no_limit),   cmocka_unit_test(test_quota),
		cmocka_unit_test(test_weights), cmocka_unit_test(test_saturation), cmocka_unit_test(test_error_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
