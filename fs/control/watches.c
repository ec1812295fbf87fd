/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/watches.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

struct Watches {
	Registry *registry;
	GHashTable *table; /* Container * -> struct watch *; it owns the watch, which owns the reference */
};

/* A registered container and the pidfd of its init. */
struct watch {
	Watches *watches;
	Container *container;
	int pidfd;
	guint ended; /* source id */
};

static void watch_free(gpointer pointer)
{
	struct watch *watch = pointer;

	g_source_remove(watch->ended);
	close(watch->pidfd);
	container_unref(watch->container);
	g_free(watch);
}

static gboolean on_ended(gint pidfd, GIOCondition condition, gpointer pointer)
{
	struct watch *watch = pointer;

	g_info("container %s has ended", container_id(watch->container));
	registry_forget(watch->watches->registry, watch->container);
	watches_remove(watch->watches, watch->container);
	return G_SOURCE_CONTINUE; /* watch_free() has removed it */
}

void watches_add(Watches *watches, Container *container, int pidfd)
{
	struct watch *watch = g_new0(struct watch, 1);

	*watch = (struct watch){ .watches = watches, .container = container, .pidfd = pidfd };
	watch->ended = g_unix_fd_add(pidfd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_ended, watch);
	g_hash_table_replace(watches->table, container, watch);
}

void watches_remove(Watches *watches, Container *container)
{
	g_hash_table_remove(watches->table, container);
}

bool watches_has(const Watches *watches, Container *container)
{
	return g_hash_table_contains(watches->table, container);
}

unsigned watches_count(const Watches *watches)
{
	return g_hash_table_size(watches->table);
}

void watches_count_users(const Watches *watches, uid_t uid, unsigned *ret_own, unsigned *ret_all)
{
	GHashTableIter iter;
	gpointer container;

	*ret_own = *ret_all = 0;
	g_hash_table_iter_init(&iter, watches->table);
	while (g_hash_table_iter_next(&iter, &container, NULL)) {
		uid_t owner = container_owner(container);

		*ret_own += owner == uid;
		*ret_all += owner != 0;
	}
}

/*
 * One that the worker before us knew. Its init may have ended while nobody watched. One that cannot be watched for want of
 * descriptors or memory is served all the same; the next worker tries again.
 */
static void watch_known(Watches *watches, Container *container)
{
	int pidfd = registry_open_init(watches->registry, container);

	if (pidfd >= 0)
		watches_add(watches, container_ref(container), pidfd);
	else if (pidfd == -ESRCH)
		registry_forget(watches->registry, container);
	else
		g_warning("container %s: its end will not be noticed: %s", container_id(container), g_strerror(-pidfd));
}

Watches *watches_new(Registry *registry)
{
	g_autoptr(GPtrArray) known = registry_list(registry);
	Watches *watches = g_new0(Watches, 1);

	watches->registry = registry;
	watches->table = g_hash_table_new_full(NULL, NULL, NULL, watch_free);
	for (guint i = 0; i < known->len; i++)
		watch_known(watches, g_ptr_array_index(known, i));
	return watches;
}

void watches_free(Watches *watches)
{
	g_hash_table_unref(watches->table);
	g_free(watches);
}
