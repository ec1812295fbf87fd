/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/numa.h"
#include "tests/cgroup/tree.h"

static const struct keyed table[] = {
	{ "file", offsetof(struct cg_numa_node, stat.file), false },
	{ "hierarchical_total", offsetof(struct cg_numa_node, usage), false },
};

static bool parse(const char *text, uint64_t unit, struct cg_numa *numa, GError **error)
{
	return numa_parse(text, "memory.numa_stat", table, G_N_ELEMENTS(table), unit, numa, error);
}

static void test_bytes(void **state)
{
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };

	assert_true(parse("anon N0=1 N9=2\nfile N0=4096 N2=8192\nfile_mapped N0=7\n", 1, &numa, NULL));
	assert_int_equal(numa.n, 3);
	assert_int_equal(numa.node[0].stat.file, 4096);
	assert_int_equal(numa.node[1].stat.file, 0);
	assert_int_equal(numa.node[2].stat.file, 8192);
	assert_int_equal(numa.node[0].usage, 0);
}

/* "total" is the cgroup's alone: another key. */
static void test_pages(void **state)
{
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };

	assert_true(parse("total=3 N0=1 N1=2\nhierarchical_total=30 N0=10 N1=20", 4096, &numa, NULL));
	assert_int_equal(numa.n, 2);
	assert_int_equal(numa.node[0].usage, 40960);
	assert_int_equal(numa.node[1].usage, 81920);
}

static void test_large(void **state)
{
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };

	assert_true(parse("file N1023=18446744073709551615\n", 4096, &numa, NULL));
	assert_int_equal(numa.n, 1024);
	assert_int_equal(numa.node[1023].stat.file, UINT64_MAX);
}

static void test_nothing(void **state)
{
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };

	assert_true(parse("anon N0=1\n", 1, &numa, NULL));
	assert_int_equal(numa.n, 0);
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "",
					   "\n",
					   "file\n",
					   "file=1\n",
					   "file N0\n",
					   "file N0=\n",
					   "file 0=1\n",
					   "file  N0=1\n",
					   "file N0=1 \n",
					   "file N0=-1\n",
					   "file= N0=1\n",
					   "file=1N0=1\n",
					   "file N1024=1\n",
					   "file N0=1\n\nanon\n",
					   "file N0=1;\n",
					   " N0=1\n",
					   "anon N0=1 N1=x\n" };

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
		g_autoptr(GError) error = NULL;

		assert_fails(parse(bad[i], 1, &numa, &error), &error, EINVAL, "memory.numa_stat");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_bytes), cmocka_unit_test(test_pages),
					    cmocka_unit_test(test_large), cmocka_unit_test(test_nothing),
					    cmocka_unit_test(test_malformed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
