/* SPDX-License-Identifier: Apache-2.0
 *
 * A registry without cgroups, in the place of the real one: what registry.h
 * and container.h promise to the control socket and no more.
 */
#include "tests/fs/control/fake_registry.h"

#include "cgroup/error.h"
#include "fs/container/id.h"

#include <errno.h>
#include <string.h>
#include <sys/pidfd.h>

struct Container {
	int references;
	uint64_t slot;
	char *id;
	pid_t init;
	struct container_options options;
	uid_t owner;
};

struct Registry {
	GPtrArray *containers;
	uint64_t slots;
};

Container *container_ref(Container *container)
{
	container->references++;
	return container;
}

void container_unref(Container *container)
{
	if (--container->references > 0)
		return;
	g_free(container->id);
	g_free(container);
}

uint64_t container_slot(const Container *container)
{
	return container->slot;
}

const char *container_id(const Container *container)
{
	return container->id;
}

uid_t container_owner(const Container *container)
{
	return container->owner;
}

const char *container_cgroup(const Container *container)
{
	return "/box";
}

pid_t container_init(const Container *container)
{
	return container->init;
}

struct container_options container_options(const Container *container)
{
	return container->options;
}

static void drop(gpointer container)
{
	container_unref(container);
}

Registry *fake_registry_new(void)
{
	Registry *registry = g_new0(Registry, 1);

	registry->containers = g_ptr_array_new_with_free_func(drop);
	return registry;
}

void registry_free(Registry *registry)
{
	g_ptr_array_unref(registry->containers);
	g_free(registry);
}

struct container_options registry_defaults(const Registry *registry)
{
	return (struct container_options){ .cpu_count = VIEW_CPU_CPUSET, .renumber_cpus = true };
}

static Container *find(Registry *registry, const char *id)
{
	for (guint i = 0; i < registry->containers->len; i++) {
		Container *container = g_ptr_array_index(registry->containers, i);

		if (!strcmp(container->id, id))
			return container;
	}
	return NULL;
}

Container *registry_register(Registry *registry, const struct registration *registration, int *ret_pidfd,
			     GError **error)
{
	Container *container = find(registry, registration->id);
	int pidfd;

	if (strchr(registration->id, '/')) {
		cg_fail(error, EINVAL, "the id has a slash");
		return NULL;
	}
	if (container && container->init != registration->init) {
		cg_fail(error, EEXIST, "the id is taken");
		return NULL;
	}
	pidfd = pidfd_open(registration->init, 0);
	if (pidfd < 0) {
		cg_fail(error, ESRCH, "no such process");
		return NULL;
	}
	if (!container) {
		container = g_new0(Container, 1);
		*container =
			(Container){ 1, ++registry->slots, g_strdup(registration->id), registration->init, { 0 }, 0 };
		(void)container_id_parse(registration->id, &container->owner);
		g_ptr_array_add(registry->containers, container);
	}
	container->options = registration->options;
	*ret_pidfd = pidfd;
	return container_ref(container);
}

int registry_open_init(Registry *registry, const Container *container)
{
	int pidfd = pidfd_open(container->init, 0);

	return pidfd < 0 ? -errno : pidfd;
}

void registry_forget(Registry *registry, Container *container)
{
	g_ptr_array_remove(registry->containers, container);
}

Container *registry_by_id(Registry *registry, const char *id)
{
	Container *container = find(registry, id);

	return container ? container_ref(container) : NULL;
}

GPtrArray *registry_list(Registry *registry)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(drop);

	for (guint i = 0; i < registry->containers->len; i++)
		g_ptr_array_add(list, container_ref(g_ptr_array_index(registry->containers, i)));
	return list;
}
