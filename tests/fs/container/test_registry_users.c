/* SPDX-License-Identifier: Apache-2.0
 *
 * registry.c, registration.c: what users other than root register.
 */
#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/registry_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

#include <errno.h>

/* The world's processes are in the daemon's user namespace, where nothing is a user's. */
static void users_own_nothing_here(void **state)
{
	struct world *world = *state;
	struct registration registration = { .uid = 1000 };
	g_autoptr(GError) bad = NULL, not_own = NULL;
	int pidfd = -1;

	world_cgroup(world, "/box/a", "");
	registration.init = world_child(world, "/box/a", 40);
	registration.id = "web";
	assert_null(registry_register(world->registry, &registration, &pidfd, &bad));
	assert_true(g_error_matches(bad, CG_ERROR, EPERM));
	assert_has(bad->message, "the id is not one of uid 1000");
	registration.id = "1000:web";
	assert_null(registry_register(world->registry, &registration, &pidfd, &not_own));
	assert_true(not_own->code == EPERM || not_own->code == ENOENT); /* a captured host has no namespaces to open */
	assert_int_equal(pidfd, -1);
	world_assert_holder(world, "/box/a", NULL);
	world_end_child(world, registration.init);
}

/* Their numbers end earlier, whoever of them took them. */
static void root_keeps_half_of_the_slots(void **state)
{
	struct world *world = *state;
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(world, "/box/a");
	struct container_birth birth = { .id = "1000:web", .uid = 1000 };
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(Container) last = NULL;
	g_autoptr(Container) refused = NULL;
	g_autoptr(Container) roots = NULL;
	g_autoptr(Container) other = NULL;

	world_cgroup(world, "/box/a", "");
	group = cg_group_open(world->hierarchies, &paths, NULL);
	birth.group = group;
	registry_set_last(world->registry, CONTAINER_MAX_SLOT / 2 - 1);
	last = registry_admit(world->registry, &birth, &other);
	assert_non_null(last);
	birth.id = "1001:web";
	birth.uid = 1001;
	refused = registry_admit(world->registry, &birth, &other);
	assert_null(refused);
	assert_null(other);
	birth.id = "web";
	birth.uid = 0;
	roots = registry_admit(world->registry, &birth, &other);
	assert_non_null(roots);
	registry_forget(world->registry, last);
	registry_forget(world->registry, roots);
}

static void root_may_speak_for_a_user(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) users = NULL;
	g_autoptr(Container) roots = NULL;
	g_autoptr(Container) later = NULL;
	pid_t init;

	world_cgroup(world, "/box/a", "");
	init = world_child(world, "/box/a", 40);
	users = world_register(world, "1000:web", init, NULL);
	assert_int_equal(container_owner(users), 1000);
	assert_string_equal(container_cgroup(users), "/box/a");
	world_assert_holder(world, "/box/a", users);
	roots = world_register(world, "web", init, NULL);
	assert_int_equal(container_owner(roots), 0);
	world_assert_holder(world, "/box/a", roots);
	later = world_register(world, "1000:later", init, NULL);
	world_assert_holder(world, "/box/a", roots); /* no user's takes the place of root's */
	registry_forget(world->registry, roots);
	world_assert_holder(world, "/box/a", later);
	world_end_child(world, init);
}

static void a_users_one_whose_cgroup_is_gone_is_dropped(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) users = NULL;
	g_autoptr(Container) found = NULL;
	pid_t init;

	world_cgroup(world, "/box/a", "");
	init = world_child(world, "/box/a", 40);
	users = world_register(world, "1000:web", init, NULL);
	registry_tidy(world->registry);
	world_assert_holder(world, "/box/a", users);
	world_remove_cgroup(world, "/box/a");
	registry_tidy(world->registry);
	world_assert_holder(world, "/box/a", NULL);
	found = registry_by_id(world->registry, "1000:web");
	assert_null(found);
	world_end_child(world, init);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(users_own_nothing_here, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(root_keeps_half_of_the_slots, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(root_may_speak_for_a_user, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_users_one_whose_cgroup_is_gone_is_dropped, world_setup,
						world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
