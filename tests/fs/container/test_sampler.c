/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/sampler.h"

#include "cgroup/path.h"
#include "fs/container/sampler_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

#include <unistd.h>

#define SECOND ((gint64)G_USEC_PER_SEC)

static void rests_after_a_long_pass(void **state)
{
	/* a quick pass: every five seconds, from when it was due */
	assert_int_equal(sampler_next(100 * SECOND, 100 * SECOND + 10, 100 * SECOND + 1000), 105 * SECOND);
	assert_int_equal(sampler_next(100 * SECOND, 103 * SECOND, 103 * SECOND + 1000), 105 * SECOND);
	/* one that took a second: twenty seconds of rest */
	assert_int_equal(sampler_next(100 * SECOND, 100 * SECOND, 101 * SECOND), 121 * SECOND);
	/* a machine that was stopped for an hour does not catch up */
	assert_int_equal(sampler_next(100 * SECOND, 3700 * SECOND, 3700 * SECOND), 3700 * SECOND + 5 * SECOND);
}

/* A real thread: the averages of a container that asked once rise by themselves. */
static void the_thread(void **state)
{
	struct world world;
	struct view_load load;
	Container *container, *gone;
	Sampler *sampler;
	gint64 began;

	world_begin(&world, false);
	world_cgroup(&world, "/a", "10\n");
	world_cgroup(&world, "/gone", "");
	world_process(&world, &(struct world_process){ .pid = 10, .state = 'R' });
	{
		cg_cleanup(cg_paths_clear) struct cg_paths a = world_paths(&world, "/a");
		cg_cleanup(cg_paths_clear) struct cg_paths b = world_paths(&world, "/gone");

		container = registry_of_cgroup(world.registry, &a, 0, NULL);
		gone = registry_of_cgroup(world.registry, &b, 0, NULL);
	}
	container_load(container);
	container_load(gone);
	world_remove_cgroup(&world, "/gone");
	sampler = sampler_start(world.registry);
	began = g_get_monotonic_time();
	do {
		usleep(50000);
		load = container_load(container);
	} while (load.avg[0] == 0 && g_get_monotonic_time() < began + 30 * SECOND);
	assert_int_equal(load.avg[0], 164);
	assert_true(g_get_monotonic_time() > began + 4 * SECOND);
	began = g_get_monotonic_time();
	sampler_stop(sampler); /* at once, though it waits */
	assert_true(g_get_monotonic_time() < began + 2 * SECOND);
	assert_null(registry_by_slot(world.registry, container_slot(gone)));
	container_unref(container);
	container_unref(gone);
	world_end(&world);
}

static void stops_nothing(void **state)
{
	sampler_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rests_after_a_long_pass),
		cmocka_unit_test(the_thread),
		cmocka_unit_test(stops_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
