/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#define HEADING "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"

static void the_container_is_one_cgroup(void **state)
{
	struct view view = { .host = HEADING "cpuset\t3\t6\t1\n"
					     "memory\t4\t65\t0\n"
					     "net_cls\t0\t165\t1\n" };

	assert_renders(cgroups_render, &view,
		       HEADING "cpuset\t3\t1\t1\n"
			       "memory\t4\t1\t0\n"
			       "net_cls\t0\t1\t1\n");
}

static void those_within_count(void **state)
{
	struct view view = { .host = HEADING "cpuset\t3\t6\t1\n"
					     "cpu\t5\t6\t1\n"
					     "cpuacct\t5\t6\t1\n"
					     "memory\t4\t65\t1\n"
					     "devices\t7\t9\t1\n"
					     "hugetlb\t0\t165\t1\n" };

	view.cgroups.unified = 7;
	view.cgroups.of[CG_CPU] = 2;
	view.cgroups.of[CG_CPUACCT] = 3;
	view.cgroups.of[CG_MEMORY] = 4;
	view.cgroups.of[CG_HUGETLB] = 5;
	assert_renders(cgroups_render, &view,
		       HEADING "cpuset\t3\t1\t1\n"
			       "cpu\t5\t2\t1\n"
			       "cpuacct\t5\t3\t1\n"
			       "memory\t4\t4\t1\n"
			       "devices\t7\t1\t1\n"
			       "hugetlb\t0\t7\t1\n");
}

static void what_is_not_understood_is_left_out(void **state)
{
	struct view view = { .host = "cpuset 3 6 1\nmemory\t4\t65\ncpu\t4\t65\t1\t2\n\t4\t65\t1\nio\tx\t6\t1\n" };

	assert_renders(cgroups_render, &view, HEADING);
	view.host = NULL;
	assert_renders(cgroups_render, &view, HEADING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_container_is_one_cgroup),
		cmocka_unit_test(those_within_count),
		cmocka_unit_test(what_is_not_understood_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
