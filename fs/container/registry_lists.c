/* SPDX-License-Identifier: Apache-2.0
 *
 * Those of the known containers that somebody asks for.
 */
#include "fs/container/registry_private.h"

static bool is_known(Container *container)
{
	return true;
}

static bool is_registered(Container *container)
{
	return container_id(container) != NULL;
}

GPtrArray *registry_list(Registry *registry)
{
	return registry_select(registry, is_registered);
}

GPtrArray *registry_sampled(Registry *registry)
{
	return registry_select(registry, container_sampled);
}

void registry_tidy(Registry *registry)
{
	g_autoptr(GPtrArray) all = registry_select(registry, is_known);

	known_callers_tidy(registry_known_callers(registry), registry_host(registry));
	for (unsigned i = 0; i < all->len; i++) {
		Container *container = g_ptr_array_index(all, i);

		if ((!container_id(container) || container_owner(container) != 0) && container_gone(container))
			registry_forget(registry, container);
		else
			container_trim(container);
	}
}
