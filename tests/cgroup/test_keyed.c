/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/keyed.h"
#include "tests/cgroup/tree.h"

struct figures {
	uint64_t file, file_mapped, last;
};

static const struct keyed table[] = {
	{ "file", offsetof(struct figures, file), true },
	{ "file_mapped", offsetof(struct figures, file_mapped), false },
	{ "last", offsetof(struct figures, last), false },
};

static bool parse(const char *text, struct figures *figures, GError **error)
{
	return keyed_parse(text, "memory.stat", table, G_N_ELEMENTS(table), figures, error);
}

static void test_whole_keys(void **state)
{
	struct figures figures = { 0 };

	assert_true(parse("file_mapped 5\nfil 9\nfile 7\nfile_mappe 8\nfiles 6\nlast 18446744073709551615", &figures,
			  NULL));
	assert_int_equal(figures.file, 7);
	assert_int_equal(figures.file_mapped, 5);
	assert_int_equal(figures.last, UINT64_MAX);
}

static void test_absent_keys(void **state)
{
	struct figures figures = { .last = 3 };
	g_autoptr(GError) error = NULL;

	assert_true(parse("unknown 1\nfile 0\n", &figures, NULL));
	assert_int_equal(figures.last, 3);
	assert_fails(parse("file_mapped 5\n", &figures, &error), &error, EINVAL, "memory.stat: no line file");
	assert_fails(parse("", &figures, &error), &error, EINVAL, "memory.stat");
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "file\n",     "file 1\nfile_map",  "file -1\n",
					   "file 1\n\n", "file  1\n",         "file 1 2\n",
					   " file 1\n",  "file 1\nlast \n",   "file 1k\n",
					   "file\t1\n",  "file 1\nother x\n", "file 18446744073709551616\n",
					   "file 1\r\n", "file 1 2 3\n",      "file 1;last 3\n" };
	g_autoptr(GError) error = NULL;
	struct figures figures = { 0 };

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_fails(parse(bad[i], &figures, &error), &error, EINVAL, "memory.stat");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole_keys), cmocka_unit_test(test_absent_keys),
					    cmocka_unit_test(test_malformed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
