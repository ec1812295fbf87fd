/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/path.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

static void the_longest_path_wins(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) outer = NULL;
	g_autoptr(Container) inner = NULL;
	pid_t first, second;

	world_cgroup(world, "/pod", "");
	world_cgroup(world, "/pod/x/y", "");
	first = world_child(world, "/pod", 40);
	second = world_child(world, "/pod/x/y", 50);
	inner = world_register(world, "inner", second, NULL);
	outer = world_register(world, "outer", first, NULL);
	world_assert_holder(world, "/pod", outer);
	world_assert_holder(world, "/pod/x", outer);
	world_assert_holder(world, "/pod/x/y", inner);
	world_assert_holder(world, "/pod/x/y/z", inner);
	registry_forget(world->registry, inner);
	world_assert_holder(world, "/pod/x/y/z", outer);
	registry_forget(world->registry, outer);
	world_end_child(world, first);
	world_end_child(world, second);
}

#define HYBRID(memory, cpu) "3:memory:" memory "\n2:cpu,cpuacct:" cpu "\n1:pids:/\n0::/\n"

/* Which container holds a process with this /proc/PID/cgroup. */
static void assert_holder_of(const struct world *world, const char *text, const Container *holder)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	g_autoptr(Container) found = NULL;

	assert_true(cg_paths_parse(world->hierarchies, text, "text", &paths, NULL));
	found = registry_by_paths(world->registry, &paths);
	assert_ptr_equal(found, holder);
}

/* Two containers share their cpu cgroup: that one of them is registered says nothing about the other. */
static void a_shared_cgroup_is_no_boundary(void **state)
{
	struct world world;
	Container *a, *b;
	pid_t first, second;

	world_begin(&world, true);
	world_cgroup(&world, "/pod/long/shared", "");
	world_cgroup(&world, "/a", "");
	world_cgroup(&world, "/b", "");
	first = world_child(&world, HYBRID("/a", "/pod/long/shared"), 40);
	second = world_child(&world, HYBRID("/b", "/pod/long/shared"), 40);
	a = world_register(&world, "a", first, NULL);
	assert_holder_of(&world, HYBRID("/b", "/pod/long/shared"), NULL);
	assert_holder_of(&world, HYBRID("/a", "/"), NULL);
	b = world_register(&world, "b", second, NULL);
	assert_holder_of(&world, HYBRID("/b/c", "/pod/long/shared"), b);
	assert_holder_of(&world, HYBRID("/a", "/pod/long/shared/d"), a);
	container_unref(a);
	container_unref(b);
	world_end_child(&world, first);
	world_end_child(&world, second);
	world_end(&world);
}

/* The same memory cgroup, but one has a cpu cgroup within the other's: it is the inner one. */
static void nested_in_one_controller_only(void **state)
{
	struct world world;
	Container *outer, *inner;
	pid_t first, second;

	world_begin(&world, true);
	world_cgroup(&world, "/long/path/m", "");
	world_cgroup(&world, "/c/d", "");
	first = world_child(&world, HYBRID("/long/path/m", "/c"), 40);
	second = world_child(&world, HYBRID("/long/path/m", "/c/d"), 40);
	inner = world_register(&world, "inner", second, NULL);
	outer = world_register(&world, "outer", first, NULL);
	assert_holder_of(&world, HYBRID("/long/path/m", "/c/d"), inner);
	assert_holder_of(&world, HYBRID("/long/path/m", "/c/e"), outer);
	container_unref(inner);
	container_unref(outer);
	world_end_child(&world, first);
	world_end_child(&world, second);
	world_end(&world);
}

/* Two that hold the caller, each in one controller: the longer path, whichever is looked at first. */
static void the_longest_over_all_controllers(void **state)
{
	struct world world;
	Container *cpu, *memory;
	pid_t first, second;

	world_begin(&world, true);
	world_cgroup(&world, "/long/c", "");
	world_cgroup(&world, "/m", "");
	first = world_child(&world, HYBRID("/", "/long/c"), 40);
	second = world_child(&world, HYBRID("/m", "/"), 40);
	cpu = world_register(&world, "cpu", first, NULL);
	memory = world_register(&world, "memory", second, NULL);
	assert_holder_of(&world, HYBRID("/m", "/long/c"), cpu);
	assert_holder_of(&world, HYBRID("/m", "/long/d"), memory);
	assert_holder_of(&world, HYBRID("/n", "/long/c/d"), cpu);
	container_unref(cpu);
	container_unref(memory);
	world_end_child(&world, first);
	world_end_child(&world, second);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_longest_path_wins, world_setup, world_teardown),
		cmocka_unit_test(a_shared_cgroup_is_no_boundary),
		cmocka_unit_test(nested_in_one_controller_only),
		cmocka_unit_test(the_longest_over_all_controllers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
