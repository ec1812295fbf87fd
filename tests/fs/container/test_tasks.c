/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/tasks.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/tasks_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

#include <errno.h>

static CgGroup *open_group(const struct world *world, const char *path)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(world, path);

	return cg_group_open(world->hierarchies, &paths, NULL);
}

static void counts_states(void **state)
{
	struct world *world = *state;
	struct view_tasks tasks = { .forks = 99 };
	g_autoptr(CgGroup) group = NULL;

	world_cgroup(world, "/a", "10\n11\n12\n13\n14\n15\n");
	world_cgroup(world, "/a/nested", "16\n");
	world_process(world, &(struct world_process){ .pid = 10, .state = 'R', .start_s = 5 });
	world_process(world, &(struct world_process){ .pid = 11, .state = 'R', .start_s = 9 });
	world_process(world, &(struct world_process){ .pid = 12, .state = 'D', .start_s = 5 });
	world_process(world, &(struct world_process){ .pid = 13, .state = 'S', .start_s = 5 });
	world_process(world, &(struct world_process){ .pid = 14, .state = 'Z', .start_s = 9 });
	/* 15 has ended meanwhile */
	world_process(world, &(struct world_process){ .pid = 16, .state = 'D', .start_s = 9 });
	group = open_group(world, "/a");
	assert_true(tasks_count(world->host, group, 0, &tasks, NULL));
	assert_int_equal(tasks.running, 2);
	assert_int_equal(tasks.blocked, 2);
	assert_int_equal(tasks.total, 6);
	assert_int_equal(tasks.last_pid, 16); /* three are equally young */
	assert_int_equal(tasks.forks, 0);
}

static uint64_t last_pid(const struct world *world, CgGroup *group, pid_t init)
{
	struct view_tasks tasks;

	assert_true(tasks_count(world->host, group, init, &tasks, NULL));
	return tasks.last_pid;
}

static void last_pid_as_the_container_numbers_it(void **state)
{
	struct world *world = *state;
	g_autoptr(CgGroup) group = NULL;

	world_cgroup(world, "/b", "20\n21\n22\n");
	world_process(world, &(struct world_process){ .pid = 20, .start_s = 5, .nspid = "20\t1" });
	world_process(world, &(struct world_process){ .pid = 21, .start_s = 6, .nspid = "21\t8" });
	group = open_group(world, "/b");
	assert_int_equal(last_pid(world, group, 20), 8);
	assert_int_equal(last_pid(world, group, 0), 21);
	assert_int_equal(last_pid(world, group, 23), 0); /* init is gone: unknown, not the host's */
	/* the youngest is in a namespace within */
	world_process(world, &(struct world_process){ .pid = 22, .start_s = 7, .nspid = "22\t9\t1" });
	assert_int_equal(last_pid(world, group, 20), 9);
	assert_int_equal(last_pid(world, group, 22), 1);
	/* the youngest came from the host */
	world_process(world, &(struct world_process){ .pid = 22, .start_s = 7, .nspid = "22" });
	assert_int_equal(last_pid(world, group, 20), 0);
	assert_true(tasks_has_pid_namespace(world->host, 20));
	assert_false(tasks_has_pid_namespace(world->host, 21));
	assert_false(tasks_has_pid_namespace(world->host, 22));
	assert_false(tasks_has_pid_namespace(world->host, 0));
}

static void a_removed_cgroup_is_an_error(void **state)
{
	struct world *world = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(CgGroup) group = NULL;
	struct view_tasks tasks;

	world_cgroup(world, "/c", "10\n");
	group = open_group(world, "/c");
	world_remove_cgroup(world, "/c");
	assert_false(tasks_count(world->host, group, 0, &tasks, &error));
	assert_true(g_error_matches(error, CG_ERROR, ESRCH));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_states),
		cmocka_unit_test(last_pid_as_the_container_numbers_it),
		cmocka_unit_test(a_removed_cgroup_is_an_error),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
