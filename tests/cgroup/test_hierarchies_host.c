/* SPDX-License-Identifier: Apache-2.0
 *
 * On the host that runs the test, whatever its layout; passed over where no
 * cgroups are mounted.
 */
#include "cgroup/hierarchy.h"
#include "tests/cgroup/tree.h"

static CgHierarchies *open_or_skip(void)
{
	g_autoptr(GError) error = NULL;
	CgHierarchies *hierarchies = cg_hierarchies_open_host(&error);

	if (!hierarchies && g_error_matches(error, CG_ERROR, ENOENT))
		skip();
	assert_non_null(hierarchies);
	return hierarchies;
}

/* Each controller is found where a mount of the right kind says so. */
static void test_controllers(void **state)
{
	g_autoptr(CgHierarchies) hierarchies = open_or_skip();
	g_autofree char *mounts = NULL;

	assert_true(g_file_get_contents("/proc/self/mountinfo", &mounts, NULL, NULL));
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		const struct hierarchy *h = hierarchy_of(hierarchies, c);
		g_autofree char *v1 = h ? g_strdup_printf(" %s ", h->where) : NULL;

		if (!h)
			continue;
		assert_true(h->kernel);
		assert_true(h->version == 1 || h->version == 2);
		assert_non_null(strstr(mounts, v1));
		assert_int_equal(faccessat(h->fd, "cgroup.procs", F_OK, 0), 0);
	}
	if (strstr(mounts, " - cgroup2 "))
		assert_int_equal(cg_hierarchies_version(hierarchies, CG_CORE), 2);
	if (strstr(mounts, " - cgroup cgroup rw,memory\n"))
		assert_int_equal(cg_hierarchies_version(hierarchies, CG_MEMORY), 1);
}

static void test_own_group(void **state)
{
	g_autoptr(CgHierarchies) hierarchies = open_or_skip();
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	g_autoptr(CgGroup) group = NULL;
	g_autofree char *text = NULL;
	struct cg_cputime time;
	bool found = false;

	assert_true(g_file_get_contents("/proc/self/cgroup", &text, NULL, NULL));
	if (!cg_paths_parse(hierarchies, text, "/proc/self/cgroup", &paths, NULL))
		skip();
	group = cg_group_open(hierarchies, &paths, NULL);
	assert_non_null(group);
	assert_true(cg_group_processes(group, ids, NULL));
	for (unsigned i = 0; i < ids->len; i++)
		found = found || g_array_index(ids, pid_t, i) == getpid();
	assert_true(found);
	assert_true(cg_group_cputime(group, &time, NULL));
	assert_true(time.usage_us > 0);
	assert_int_equal(time.usage_us, time.user_us + time.system_us);
	cg_cputime_clear(&time);
	assert_false(cg_group_gone(group));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_controllers), cmocka_unit_test(test_own_group) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
