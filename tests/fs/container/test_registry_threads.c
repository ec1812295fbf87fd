/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry under many hands at once, and beside it the next worker's, which reads along and takes over at last; its worth is under
 * ThreadSanitizer and AddressSanitizer.
 */
#include "cgroup/path.h"
#include "fs/container/caller.h"
#include "fs/container/container_private.h"
#include "fs/container/registry.h"
#include "tests/fs/container/handover.h"
#include "tests/fs/harness.h"

#include <stdio.h>
#include <unistd.h>

#define GROUPS 8
#define ROUNDS 300

struct shared {
	struct world world;
	struct handover *handover; /* its first registry is the world's */
	int over;                  /* atomic */
	pid_t init[GROUPS];
	int registered, found, refused; /* atomic */
};

static void path_of(unsigned i, char *ret_path, size_t size)
{
	snprintf(ret_path, size, "/g%u", i);
}

static void registers(struct shared *shared, unsigned i)
{
	char id[16];
	struct registration registration = { .id = id, .init = shared->init[i] };
	g_autoptr(Container) container = NULL;
	int pidfd = -1;

	snprintf(id, sizeof(id), "id%u", i / 2); /* two processes want each id */
	container = registry_register(shared->world.registry, &registration, &pidfd, NULL);
	if (!container) {
		g_atomic_int_inc(&shared->refused);
		return;
	}
	close(pidfd);
	g_atomic_int_inc(&shared->registered);
	container_options(container);
	if (i % 3 == 0)
		registry_forget(shared->world.registry, container);
}

static void asks(struct shared *shared, unsigned i)
{
	g_autoptr(Container) container = caller_container(shared->world.registry, shared->init[i], false, NULL, NULL);
	char path[16];

	path_of(i, path, sizeof(path));
	assert_non_null(container);
	assert_string_equal(container_paths(container)->of[CG_MEMORY], path); /* never another's */
	g_atomic_int_inc(&shared->found);
}

static void reads(struct shared *shared, unsigned i)
{
	char path[16];
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	g_autoptr(Container) container = NULL;
	g_autoptr(CgGroup) group = NULL;
	struct view_tasks tasks;

	path_of(i, path, sizeof(path));
	paths = world_paths(&shared->world, path);
	container = registry_of_cgroup(shared->world.registry, &paths, 0, NULL);
	group = container_group(container, NULL);
	assert_non_null(group);
	assert_true(container_tasks(container, &tasks, NULL));
	assert_true(container_sample(container, (uint64_t)g_get_monotonic_time(), NULL));
	container_load(container);
}

static void looks_after(struct shared *shared, unsigned i)
{
	Registry *registry = shared->world.registry;
	g_autoptr(GPtrArray) list = registry_list(registry);
	g_autoptr(GPtrArray) sampled = registry_sampled(registry);

	for (unsigned n = 0; n < list->len; n++) {
		Container *container = list->pdata[n];
		g_autoptr(Container) by_id = registry_by_id(registry, container_id(container));
		g_autoptr(Container) by_slot = registry_by_slot(registry, container_slot(container));

		assert_true(!by_slot || by_slot == container);
		assert_true(!by_id || container_id(by_id) != NULL);
	}
	for (unsigned n = 0; n < sampled->len; n++)
		assert_true(container_sampled(sampled->pdata[n]));
	registry_tidy(registry);
}

static void (*const acts[])(struct shared *, unsigned) = { registers, asks, reads, looks_after };

static gpointer work(gpointer data)
{
	struct shared *shared = data;
	g_autoptr(GRand) rand = g_rand_new();

	for (unsigned round = 0; round < ROUNDS; round++)
		acts[g_rand_int_range(rand, 0, G_N_ELEMENTS(acts))](shared, g_rand_int_range(rand, 0, GROUPS));
	return NULL;
}

static gpointer follow(gpointer data)
{
	struct shared *shared = data;

	while (!g_atomic_int_get(&shared->over))
		registry_restore(shared->handover->next);
	return NULL;
}

/* All that the one knew, and nothing else. */
static void assert_taken_over(struct handover *handover)
{
	g_autoptr(GPtrArray) before = registry_list(handover->first);
	g_autoptr(GPtrArray) after = NULL;

	handover_do(handover);
	after = registry_list(handover->next);
	assert_int_equal(after->len, before->len);
	for (unsigned i = 0; i < after->len; i++)
		assert_int_equal(container_slot(after->pdata[i]), container_slot(before->pdata[i]));
	assert_int_equal(registry_count(handover->next), registry_count(handover->first));
	assert_int_equal(handover_records(handover, STORE_CONTAINER), registry_count(handover->next));
	assert_int_equal(handover_records(handover, STORE_HISTORY), registry_count(handover->next));
}

static void many_hands(void **state)
{
	static struct shared shared;
	GThread *threads[6], *standby;

	shared.handover = *state;
	shared.world = *shared.handover->world;
	shared.world.registry = shared.handover->first;
	for (unsigned i = 0; i < GROUPS; i++) {
		char path[16];

		path_of(i, path, sizeof(path));
		world_cgroup(&shared.world, path, "");
		shared.init[i] = world_child(&shared.world, path, 10 + i);
	}
	standby = g_thread_new("standby", follow, &shared);
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("hand", work, &shared);
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	g_atomic_int_set(&shared.over, true);
	g_thread_join(standby);
	assert_true(shared.registered > 0 && shared.found > 0 && shared.refused > 0);
	assert_taken_over(shared.handover);
	for (unsigned i = 0; i < GROUPS; i++)
		world_end_child(&shared.world, shared.init[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(many_hands, handover_setup,
									    handover_teardown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
