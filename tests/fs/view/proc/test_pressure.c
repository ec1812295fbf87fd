/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#define HOSTS_SOME "some avg10=99.99 avg60=98.98 avg300=97.97 total=987654321\n"
#define HOSTS_FULL "full avg10=99.99 avg60=98.98 avg300=97.97 total=987654321\n"
#define SOME       "some avg10=12.34 avg60=0.05 avg300=100.00 total=18446744073709551615\n"
#define FULL       "full avg10=0.10 avg60=1.00 avg300=0.00 total=7\n"
#define NO_SOME    "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
#define NO_FULL    "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"

static const struct cg_pressure both = {
	.some = { .present = true, .avg10 = 1234, .avg60 = 5, .avg300 = 10000, .total_us = UINT64_MAX },
	.full = { .present = true, .avg10 = 10, .avg60 = 100, .total_us = 7 },
};

static void assert_pressure(const struct cg_pressure *pressure, const char *host, const char *expected)
{
	struct view view = { .host = host, .pressure = *pressure };

	assert_renders(pressure_render, &view, expected);
}

/* cpu before Linux 5.13 has only "some", irq only "full". */
static void the_lines_that_the_host_has(void **state)
{
	assert_pressure(&both, HOSTS_SOME HOSTS_FULL, SOME FULL);
	assert_pressure(&both, HOSTS_SOME, SOME);
	assert_pressure(&both, HOSTS_FULL, FULL);
	assert_pressure(&both, "someone\nfullness 1\nsome\n", "");
	assert_pressure(&both, NULL, "");
}

static void a_cgroup_without_pressure_has_none(void **state)
{
	assert_pressure(&(struct cg_pressure){ 0 }, HOSTS_SOME HOSTS_FULL, NO_SOME NO_FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lines_that_the_host_has),
		cmocka_unit_test(a_cgroup_without_pressure_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
