/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cgroup/tree.h"

static void test_fail(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_fails(cg_fail(&error, ENOENT, "%s: %d", "memory.max", 5), &error, ENOENT, "memory.max: 5");
	assert_false(cg_fail(NULL, ENOENT, "nobody listens"));
	assert_string_equal(g_quark_to_string(CG_ERROR), "cg-error-quark");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fail) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
