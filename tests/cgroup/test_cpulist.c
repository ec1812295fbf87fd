/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpulist.h"
#include "tests/cgroup/tree.h"

static void assert_list(const struct cg_cpumask *mask, const char *expected)
{
	g_autoptr(GString) text = g_string_new("<");

	cg_cpulist_append(text, mask);
	assert_string_equal(text->str + 1, expected);
}

static void test_lists(void **state)
{
	static const struct {
		const char *in, *out;
		unsigned count;
	} cases[] = {
		{ "", "", 0 },           { "\n", "", 0 },
		{ "0\n", "0", 1 },       { "0-3,7\n", "0-3,7", 5 },
		{ "0-63", "0-63", 64 },  { "63-64,128", "63-64,128", 3 },
		{ "5,1,3", "1,3,5", 3 }, { "0-3,2-5", "0-5", 6 },
		{ "8191", "8191", 1 },   { "0-8191\n", "0-8191", 8192 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct cg_cpumask mask;

		assert_true(cg_cpulist_parse(cases[i].in, "f", &mask, NULL));
		assert_list(&mask, cases[i].out);
		assert_int_equal(cg_cpumask_count(&mask), cases[i].count);
		assert_int_equal(cg_cpumask_empty(&mask), cases[i].count == 0);
	}
}

static void test_malformed_lists(void **state)
{
	static const char *const bad[] = { "8192",
					   "0-8192",
					   "3-1",
					   "-1",
					   "1-",
					   ",",
					   "1,",
					   ",1",
					   "1,,2",
					   "a",
					   "0 1",
					   "1-2-3",
					   "0-3\n\n",
					   "0-3,\n",
					   "0x3",
					   "99999999999999999999",
					   "0-18446744073709551616",
					   "1:2" };
	g_autoptr(GError) error = NULL;
	struct cg_cpumask mask = { { 5 } };

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_fails(cg_cpulist_parse(bad[i], "cpuset.cpus", &mask, &error), &error, EINVAL, "cpuset.cpus");
	assert_int_equal(mask.word[0], 5);
}

static void test_maps(void **state)
{
	static const struct {
		const char *map, *list;
		unsigned nbits;
	} cases[] = {
		{ "3", "0-1", 2 },
		{ "0f", "0-3", 8 },
		{ "0000008f", "0-3,7", 32 },
		{ "00000000,0000008f", "0-3,7", 64 },
		{ "1,00000000", "32", 33 },
		{ "80000000,00000000,00000001", "0,95", 96 },
		{ "00001,ffffffff,00000000", "32-64", 81 },
		{ "0", "", 1 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		struct cg_cpumask mask;

		assert_true(cg_cpumap_parse(cases[i].map, "f", &mask, NULL));
		assert_list(&mask, cases[i].list);
		cg_cpumap_append(text, &mask, cases[i].nbits);
		assert_string_equal(text->str, cases[i].map);
		g_string_append_c(text, '\n');
		assert_true(cg_cpumap_parse(text->str, "f", &mask, NULL));
	}
}

static void test_malformed_maps(void **state)
{
	static const char *const bad[] = { "",    "\n",        ",",    "0,",        ",00000000",   "g",
					   "0x3", "000000000", "1,0",  "1,0000000", "1,000000000", "1,00000000,",
					   "-1",  "3 ",        "3\n\n" };
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) wide = g_string_new("1");
	struct cg_cpumask mask = { { 5 } };

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_fails(cg_cpumap_parse(bad[i], "map", &mask, &error), &error, EINVAL, "map");
	for (unsigned i = 0; i < CG_MAX_CPUS / 32; i++)
		g_string_append(wide, ",00000000");
	assert_fails(cg_cpumap_parse(wide->str, "map", &mask, &error), &error, EINVAL, "map");
	assert_int_equal(mask.word[0], 5);
	/* Bits above the most that are 0 are nothing. */
	wide->str[0] = '0';
	assert_true(cg_cpumap_parse(wide->str, "map", &mask, NULL));
	assert_true(cg_cpumask_empty(&mask));
}

static void test_sets(void **state)
{
	struct cg_cpumask a, b, none;
	unsigned visited = 0, sum = 0;

	cg_cpumask_zero(&none);
	assert_true(cg_cpulist_parse("1,64-66,8191", "f", &a, NULL));
	assert_true(cg_cpulist_parse("65-70", "f", &b, NULL));
	cg_cpumask_foreach (cpu, &a) {
		visited++;
		sum += cpu;
	}
	assert_int_equal(visited, 5);
	assert_int_equal(sum, 1 + 64 + 65 + 66 + 8191);
	assert_false(cg_cpumask_has(&a, CG_MAX_CPUS));
	assert_int_equal(cg_cpumask_next(&a, 67), 8191);
	assert_int_equal(cg_cpumask_next(&a, CG_MAX_CPUS), CG_MAX_CPUS);
	assert_int_equal(cg_cpumask_next(&none, 0), CG_MAX_CPUS);
	assert_false(cg_cpumask_equal(&a, &b));
	cg_cpumask_and(&a, &b);
	assert_list(&a, "65-66");
	cg_cpumask_and(&a, &none);
	assert_true(cg_cpumask_equal(&a, &none));
	cg_cpumask_set(&a, 63);
	assert_list(&a, "63");
}

static void test_wide_maps(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct cg_cpumask mask;

	assert_true(cg_cpulist_parse("0-8191", "f", &mask, NULL));
	cg_cpumap_append(text, &mask, 0);
	assert_string_equal(text->str, "");
	cg_cpumap_append(text, &mask, 100000);
	assert_int_equal(text->len, CG_MAX_CPUS / 32 * 9 - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists), cmocka_unit_test(test_malformed_lists),
		cmocka_unit_test(test_maps),  cmocka_unit_test(test_malformed_maps),
		cmocka_unit_test(test_sets),  cmocka_unit_test(test_wide_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
