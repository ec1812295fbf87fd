/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/pressure.h"
#include "tests/cgroup/tree.h"

#define SOME "some avg10=0.05 avg60=12.15 avg300=100.00 total=26476899\n"
#define FULL "full avg10=0.00 avg60=0.12 avg300=2.13 total=25975394\n"

static void test_lines(void **state)
{
	struct cg_pressure pressure;

	assert_true(pressure_parse(SOME FULL, "f", &pressure, NULL));
	assert_true(pressure.some.present && pressure.full.present);
	assert_int_equal(pressure.some.avg10, 5);
	assert_int_equal(pressure.some.avg60, 1215);
	assert_int_equal(pressure.some.avg300, 10000);
	assert_int_equal(pressure.some.total_us, 26476899);
	assert_int_equal(pressure.full.avg300, 213);
	/* irq.pressure has no "some", cpu.pressure of old kernels no "full". */
	assert_true(pressure_parse(FULL, "f", &pressure, NULL));
	assert_false(pressure.some.present);
	assert_int_equal(pressure.full.total_us, 25975394);
	assert_true(pressure_parse("some avg10=0.00 avg60=0.00 avg300=0.00 total=7", "f", &pressure, NULL));
	assert_false(pressure.full.present);
	assert_int_equal(pressure.some.total_us, 7);
}

static void test_malformed(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		SOME SOME,
		SOME "\n",
		"most avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
		"some avg10=0.0 avg60=0.00 avg300=0.00 total=0\n",
		"some avg10=0.000 avg60=0.00 avg300=0.00 total=0\n",
		"some avg10=101.00 avg60=0.00 avg300=0.00 total=0\n",
		"some avg10=-1.00 avg60=0.00 avg300=0.00 total=0\n",
		"some avg60=0.00 avg10=0.00 avg300=0.00 total=0\n",
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=\n",
		"some avg10=0.00 avg60=0.00 avg300=0.00\n",
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551616\n",
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=1 x\n",
		"some avg10=0",
		"some",
	};
	g_autoptr(GError) error = NULL;
	struct cg_pressure pressure;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_fails(pressure_parse(bad[i], "io.pressure", &pressure, &error), &error, EINVAL, "io.pressure");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_malformed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
