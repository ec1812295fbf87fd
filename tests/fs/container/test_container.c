/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/container.h"

#include "cgroup/cpulist.h"
#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/container_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIME_NS 4026532888

static Container *of_cgroup(const struct world *world, const char *path, pid_t init)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(world, path);

	return registry_of_cgroup(world->registry, &paths, init, NULL);
}

static struct view_tasks tasks_of(Container *container)
{
	struct view_tasks tasks;

	assert_true(container_tasks(container, &tasks, NULL));
	return tasks;
}

static void threads_are_counted_ten_times_a_second(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) container = NULL;

	world_cgroup(world, "/t", "10\n11\n");
	world_process(world,
		      &(struct world_process){ .pid = 10, .state = 'R', .start_s = 9, .nspid = "10\t1", .pidns = 7 });
	world_process(world, &(struct world_process){ .pid = 11, .start_s = 10, .nspid = "11\t6", .pidns = 7 });
	container = of_cgroup(world, "/t", 10);
	assert_int_equal(tasks_of(container).running, 1);
	assert_int_equal(tasks_of(container).total, 2);
	assert_int_equal(tasks_of(container).last_pid, 6);
	assert_int_equal(tasks_of(container).forks, 6);
	world_process(world, &(struct world_process){ .pid = 11, .state = 'R', .start_s = 11, .nspid = "11\t4" });
	assert_int_equal(tasks_of(container).running, 1);
	host_set_now_us(world->host, WORLD_NOW_US + 200000);
	assert_int_equal(tasks_of(container).running, 2);
	assert_int_equal(tasks_of(container).last_pid, 4);
	assert_int_equal(tasks_of(container).forks, 6);
}

/* More threads than a request counts: asked once, it is the sampler that counts them. */
static void many_threads(void **state)
{
	struct world *world = *state;
	g_autoptr(GString) pids = g_string_new(NULL);
	g_autoptr(Container) container = NULL;

	for (pid_t pid = 1000; pid < 2100; pid++) {
		g_autofree char *dir = g_strdup_printf("%s/proc/%d", world->dir, pid);
		g_autofree char *stat = g_strconcat(dir, "/stat", NULL);

		g_string_append_printf(pids, "%d\n", pid);
		assert_int_equal(g_mkdir_with_parents(dir, 0755), 0);
		assert_true(g_file_set_contents_full(stat, "7 (x) S 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 8\n", -1,
						     G_FILE_SET_CONTENTS_NONE, 0644, NULL));
	}
	world_cgroup(world, "/many", pids->str);
	container = of_cgroup(world, "/many", 0);
	assert_false(container_sampled(container));
	assert_int_equal(tasks_of(container).total, 1100);
	assert_true(container_sampled(container));
	world_cgroup(world, "/many", "1000\n");
	host_set_now_us(world->host, WORLD_NOW_US + 5000000);
	assert_int_equal(tasks_of(container).total, 1100);
	assert_true(container_sample(container, 1, NULL));
	assert_int_equal(tasks_of(container).total, 1);
}

/* One thread only, but counting it takes longer than a request should. */
static void generations_are_random(void **state)
{
	struct world *world = *state;
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	for (unsigned i = 0; i < 16; i++) {
		g_autofree char *path = g_strdup_printf("/generation%u", i);
		g_autoptr(Container) container = NULL;

		world_cgroup(world, path, "");
		container = of_cgroup(world, path, 0);
		assert_int_not_equal(container_generation(container), 0);
		assert_int_equal(container_generation(container), container_generation(container));
		g_hash_table_add(seen, GUINT_TO_POINTER(container_generation(container)));
	}
	assert_in_range(g_hash_table_size(seen), 15, 16); /* two of them may be the same once in 36 million runs */
}

static void load_is_sampled_once_it_was_asked_for(void **state)
{
	struct world *world = *state;
	uint64_t now = (uint64_t)g_get_monotonic_time();
	g_autoptr(Container) container = NULL;

	world_cgroup(world, "/load", "20\n21\n22\n");
	world_process(world, &(struct world_process){ .pid = 20, .state = 'R' });
	world_process(world, &(struct world_process){ .pid = 21, .state = 'D' });
	world_process(world, &(struct world_process){ .pid = 22, .state = 'S' });
	container = of_cgroup(world, "/load", 0);
	assert_false(container_sampled(container));
	assert_int_equal(container_load(container).avg[0], 0);
	assert_true(container_sampled(container));
	assert_true(container_sample(container, now + 5000000, NULL));
	assert_int_equal(container_load(container).avg[0], 2 * 164);
	assert_int_equal(container_load(container).avg[2], 2 * 11);
}

static void a_removed_container_has_nothing(void **state)
{
	struct world *world = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Container) container = NULL;
	struct view_tasks tasks;

	world_cgroup(world, "/rm", "");
	container = of_cgroup(world, "/rm", 0);
	world_remove_cgroup(world, "/rm");
	assert_false(container_tasks(container, &tasks, &error));
	assert_true(g_error_matches(error, CG_ERROR, ESRCH));
	assert_false(container_sample(container, 1, NULL));
	assert_null(container_group(container, NULL));
}

static bool offset_of(const struct world *world, const char *offsets, uint64_t time, int64_t *ret_us)
{
	g_autoptr(Container) container = NULL;

	world_cgroup(world, "/time", "30\n");
	world_process(world, &(struct world_process){ .pid = 30, .time = time });
	scratch_write(world->dir, "proc/30/timens_offsets", offsets);
	container = of_cgroup(world, "/time", 0);
	world_remove_cgroup(world, "/time"); /* the next one is another container */
	return container_boot_offset_us(container, ret_us);
}

static void time_namespaces(void **state)
{
	struct world *world = *state;
	int64_t us = 77;

	assert_false(offset_of(world, "boottime 100 0\n", 0, &us)); /* the daemon's own */
	assert_false(offset_of(world, "nonsense\n", TIME_NS, &us));
	assert_false(offset_of(world, "monotonic 1 2\n", TIME_NS, &us));
	assert_int_equal(us, 77);
	assert_true(
		offset_of(world, "monotonic           0         0\nboottime       86400 500000000\n", TIME_NS, &us));
	assert_int_equal(us, 86400500000);
	assert_true(offset_of(world, "boottime -10 0\n", TIME_NS, &us));
	assert_int_equal(us, -10000000);
	assert_true(offset_of(world, "1 1 1\n7 5 0\n", TIME_NS, &us));
	assert_int_equal(us, 5000000);
}

/* The link from cgroup's numbers to those of /proc/stat; the arithmetic has its own tests. */
static void cpu_times_begin_with_the_container(void **state)
{
	struct world *world = *state;
	uint64_t percpu[2] = { 3000000, 1000000 };
	struct cg_cputime used = { .usage_us = 4000000, .user_us = 3000000, .system_us = 1000000 };
	struct view_cpus cpus = { .n = 2, .host_ids = 2 };
	struct view_ticks total, each[2];
	g_autoptr(Container) container = NULL;

	cg_cpumask_set(&cpus.visible, 0);
	cg_cpumask_set(&cpus.visible, 1);
	used.n_percpu = 2;
	used.percpu_us = percpu;
	world_cgroup(world, "/cpu", "40\n");
	world_process(world, &(struct world_process){ .pid = 40, .start_s = 990 });
	container = of_cgroup(world, "/cpu", 40);
	container_cpu_times(container, &cpus, &used, 500000, CG_LEVEL_NONE, WORLD_NOW_US, &total, each);
	assert_int_equal(total.user, 300);
	assert_int_equal(total.system, 100);
	assert_int_equal(total.steal, 50);
	assert_int_equal(total.idle, 1550);
	assert_int_equal(each[0].user + each[0].system, 300);
	assert_int_equal(each[1].user + each[1].system, 100);
	/* its own cgroup gets a quota: still the same total */
	container_cpu_times(container, &cpus, &used, 700000, 0, WORLD_NOW_US + 1000000, &total, each);
	assert_int_equal(total.steal, 70);
	/* its parent's is tighter: another total */
	container_cpu_times(container, &cpus, &used, 1400000, 1, WORLD_NOW_US + 2000000, &total, each);
	assert_int_equal(total.steal, 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(threads_are_counted_ten_times_a_second, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(many_threads, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(generations_are_random, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(load_is_sampled_once_it_was_asked_for, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_removed_container_has_nothing, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(time_namespaces, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(cpu_times_begin_with_the_container, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
