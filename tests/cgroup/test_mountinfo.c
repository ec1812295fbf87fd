/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/mountinfo.h"
#include "tests/cgroup/tree.h"

static void test_lines(void **state)
{
	static const char text[] =
		"22 27 0:21 / /proc rw,relatime - proc proc rw\n"
		"32 31 0:29 /a\\040b /sys/fs/cgroup/cpu rw,nosuid shared:9 master:1 - cgroup cgroup rw,cpu\n"
		"33 31 0:30 / /x\\134y\\011z rw - cgroup2  rw,nsdelegate\n"
		"34 31 0:4 net:[4026532000] /run/ns rw - nsfs nsfs rw";
	struct mountinfo mount;
	const char *cursor = text;
	bool more;

	assert_true(mountinfo_next(&cursor, "f", &mount, &more, NULL));
	assert_true(more);
	assert_int_equal(mountinfo_cgroup_version(&mount), 0);
	assert_true(mountinfo_next(&cursor, "f", &mount, &more, NULL));
	assert_int_equal(mountinfo_cgroup_version(&mount), 1);
	assert_true(mountinfo_is(&mount.super_options, "rw,cpu"));
	assert_false(mountinfo_is(&mount.super_options, "rw,cpuacct"));
	{
		g_autofree char *root = mountinfo_decode(&mount.root);

		assert_string_equal(root, "/a b");
	}
	assert_true(mountinfo_next(&cursor, "f", &mount, &more, NULL));
	assert_int_equal(mountinfo_cgroup_version(&mount), 2);
	{
		g_autofree char *point = mountinfo_decode(&mount.mount_point);

		assert_string_equal(point, "/x\\y\tz");
	}
	assert_true(mountinfo_next(&cursor, "f", &mount, &more, NULL));
	assert_true(more);
	assert_true(mountinfo_next(&cursor, "f", &mount, &more, NULL));
	assert_false(more);
}

static void test_odd_escapes(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = { { "a\\04", "a\\04" },         { "\\", "\\" }, { "\\9", "\\9" }, { "\\000x", "\\000x" },
		      { "\\303\\244", "\303\244" }, { "", "" } };

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct mountinfo_field field = { cases[i].in, strlen(cases[i].in) };
		g_autofree char *text = mountinfo_decode(&field);

		assert_string_equal(text, cases[i].out);
	}
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "\n",
					   "22\n",
					   "22 27 0:21 / /proc rw,relatime\n",
					   "22 27 0:21 / /proc rw,relatime -\n",
					   "22 27 0:21 / /proc rw - proc\n",
					   "22 27 0:21 / /proc rw - proc proc\n",
					   "22  27 0:21 / /proc rw - proc proc rw\n",
					   "22 27 0:21 / proc rw - proc proc rw\n",
					   "22 27 0:21 / /proc rw shared:1 proc proc rw\n" };
	g_autoptr(GError) error = NULL;
	struct mountinfo mount;
	bool more;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		const char *cursor = bad[i];

		assert_fails(mountinfo_next(&cursor, "/proc/7/mountinfo", &mount, &more, &error), &error, EINVAL,
			     "/proc/7/mountinfo");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_odd_escapes),
					    cmocka_unit_test(test_malformed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
