/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/container/handover.h"

#include "cgroup/path.h"
#include "tests/fs/harness.h"

#include <unistd.h>

static Store *open_store(int fd)
{
	g_autoptr(GError) error = NULL;
	Store *store = store_open(fd, &error);

	assert_null(error);
	return store;
}

static Registry *new_registry(const struct world *world, Store *store)
{
	static const struct container_options defaults = { 0 };
	Registry *registry = registry_new(world->host, world->hierarchies, &defaults);

	registry_keep_in(registry, store);
	return registry;
}

int handover_setup(void **state)
{
	struct handover *handover = g_new0(struct handover, 1);
	void *world;

	world_setup(&world);
	handover->world = world;
	handover->fd = store_make();
	handover->store = open_store(handover->fd);
	handover->next_store = open_store(handover->fd);
	handover->first = new_registry(world, handover->store);
	handover->next = new_registry(world, handover->next_store);
	store_claim(handover->store);
	registry_take_over(handover->first, true);
	*state = handover;
	return 0;
}

int handover_teardown(void **state)
{
	struct handover *handover = *state;
	void *world = handover->world;

	g_clear_pointer(&handover->first, registry_free);
	registry_free(handover->next);
	g_clear_pointer(&handover->store, store_close);
	store_close(handover->next_store);
	close(handover->fd);
	world_teardown(&world);
	g_free(handover);
	return 0;
}

void handover_do(struct handover *handover)
{
	store_claim(handover->next_store);
	registry_take_over(handover->next, false);
}

Container *handover_register(Registry *registry, const char *id, pid_t init)
{
	struct registration registration = { .id = id, .init = init };
	int pidfd = -1;
	Container *container = registry_register(registry, &registration, &pidfd, NULL);

	assert_non_null(container);
	close(pidfd);
	return container;
}

Container *handover_of_cgroup(const struct handover *handover, Registry *registry, const char *path)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(handover->world, path);
	Container *container = registry_of_cgroup(registry, &paths, 0, NULL);

	assert_non_null(container);
	return container;
}

static void count_record(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
			 void *data)
{
	++*(unsigned *)data;
}

unsigned handover_records(const struct handover *handover, enum store_kind kind)
{
	unsigned n = 0;

	store_each(handover->next_store, kind, count_record, &n);
	return n;
}
