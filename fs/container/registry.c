/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/registry.h"

#include "cgroup/error.h"
#include "fs/container/boundaries.h"
#include "fs/container/numbers.h"
#include "fs/container/registry_private.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* Numbers are never given twice; whatever users do, root keeps half of them. */
#define USERS_MAX_SLOT (CONTAINER_MAX_SLOT / 2)

struct Registry {
	const Host *host;
	const CgHierarchies *hierarchies;
	struct container_options defaults;
	pthread_mutex_t lock; /* of all below; never held over I/O, of which writing to the store is none */
	Store *store;         /* NULL: nothing is kept */
	struct numbers numbers;
	GHashTable *by_slot;   /* uint64_t -> Container with a reference: every known one */
	GHashTable *by_former; /* number of one that gave way -> borrowed: who goes on with its history */
	GHashTable *by_id;     /* borrowed; the registered ones */
	GHashTable *by_cgroup; /* key_of() -> borrowed */
	Boundaries *boundaries;
	unsigned registrations; /* counted without the lock */
	KnownCallers *callers;  /* locks for itself */
	Restoring *restoring;   /* of the one thread that restores; NULL where there is nothing to restore from */
};

Registry *registry_new(const Host *host, const CgHierarchies *hierarchies, const struct container_options *defaults)
{
	Registry *registry = g_new0(Registry, 1);

	registry->host = host;
	registry->hierarchies = hierarchies;
	registry->defaults = *defaults;
	pthread_mutex_init(&registry->lock, NULL);
	numbers_init(&registry->numbers);
	registry->by_slot = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)container_unref);
	registry->by_former = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	registry->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	registry->by_cgroup = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	registry->boundaries = boundaries_new();
	registry->callers = known_callers_new();
	return registry;
}

void registry_free(Registry *registry)
{
	if (!registry)
		return;
	restoring_free(registry->restoring);
	known_callers_free(registry->callers);
	boundaries_free(registry->boundaries);
	g_hash_table_unref(registry->by_cgroup);
	g_hash_table_unref(registry->by_id);
	g_hash_table_unref(registry->by_former);
	g_hash_table_unref(registry->by_slot);
	pthread_mutex_destroy(&registry->lock);
	g_free(registry);
}

const Host *registry_host(const Registry *registry)
{
	return registry->host;
}

const CgHierarchies *registry_hierarchies(const Registry *registry)
{
	return registry->hierarchies;
}

struct container_options registry_defaults(const Registry *registry)
{
	return registry->defaults;
}

/* All paths as one text; no path has a newline in it (kernel/cgroup/cgroup.c forbids it). "=" repeats the last one. */
static char *key_of(const struct cg_paths *paths)
{
	GString *key = g_string_sized_new(256);
	const char *last = "";

	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		const char *path = paths->of[i] ? paths->of[i] : "";

		g_string_append(key, i > 0 && strcmp(path, last) == 0 ? "=" : path);
		g_string_append_c(key, '\n');
		last = path;
	}
	return g_string_free(key, FALSE);
}

unsigned registry_registrations(Registry *registry)
{
	return __atomic_load_n(&registry->registrations, __ATOMIC_ACQUIRE);
}

KnownCallers *registry_known_callers(Registry *registry)
{
	return registry->callers;
}

Restoring **registry_restoring(Registry *registry)
{
	return &registry->restoring;
}

uint32_t registry_generation(Registry *registry)
{
	return registry->numbers.given.generation; /* fixed before anybody asks */
}

bool registry_is_rebuilt(Registry *registry)
{
	return registry->numbers.given.rebuilt; /* likewise */
}

void registry_set_last(Registry *registry, uint64_t number)
{
	struct saved_numbers *numbers = &registry->numbers.given;

	pthread_mutex_lock(&registry->lock);
	*(number > CONTAINER_MAX_SLOT ? &numbers->last_unregistered : &numbers->last_slot) = number;
	pthread_mutex_unlock(&registry->lock);
}

static Container *ref_or_null(Container *container)
{
	return container ? container_ref(container) : NULL;
}

static uint64_t *number_key(uint64_t number)
{
	return g_memdup2(&number, sizeof(number));
}

/* The tables, with the lock held. */

/* Takes the reference. */
static void insert(Registry *registry, Container *container)
{
	g_hash_table_insert(registry->by_slot, number_key(container_slot(container)), container);
	if (container_former(container))
		g_hash_table_replace(registry->by_former, number_key(container_former(container)), container);
	g_hash_table_replace(registry->by_cgroup, key_of(container_paths(container)), container);
	if (!container_id(container))
		return;
	g_hash_table_insert(registry->by_id, (gpointer)(uintptr_t)container_id(container), container);
	boundaries_add(registry->boundaries, container);
	__atomic_fetch_add(&registry->registrations, 1, __ATOMIC_RELEASE);
}

/* Removes exactly this container; its last reference may go. */
static void drop(Registry *registry, Container *container)
{
	g_autofree char *key = key_of(container_paths(container));
	const char *id = container_id(container);
	uint64_t slot = container_slot(container), former = container_former(container);

	if (g_hash_table_lookup(registry->by_slot, &slot) != container)
		return;
	if (g_hash_table_lookup(registry->by_cgroup, key) == container)
		g_hash_table_remove(registry->by_cgroup, key);
	if (id) {
		g_hash_table_remove(registry->by_id, id);
		boundaries_remove(registry->boundaries, container);
		__atomic_fetch_add(&registry->registrations, 1, __ATOMIC_RELEASE);
	}
	container_let_go(container);
	if (g_hash_table_lookup(registry->by_former, &former) == container)
		g_hash_table_remove(registry->by_former, &former);
	g_hash_table_remove(registry->by_slot, &slot);
}

/* Borrowed: the registry has the reference. */
static Container *make(Registry *registry, struct container_birth *birth, uint64_t slot)
{
	Container *container;

	birth->slot = slot;
	container = container_new(registry->host, birth);
	if (registry->store)
		container_keep_in(container, registry->store, &(struct container_places){ 0 });
	insert(registry, container);
	return container;
}

/* One of the same cgroups that is not registered gives way; with its reference. */
static Container *give_way(Registry *registry, Container *before)
{
	if (!before || container_id(before))
		return NULL;
	container_ref(before);
	drop(registry, before);
	return before;
}

/* With a reference; NULL where no slot is left. *ret_before is one that gave way, whose history may be the new one's, too. */
static Container *replace(Registry *registry, struct container_birth *birth, Container **ret_before)
{
	g_autofree char *key = key_of(cg_group_paths(birth->group));
	Container *before = g_hash_table_lookup(registry->by_cgroup, key);
	Container *container;

	if (registry->numbers.given.last_slot >= (birth->uid == 0 ? CONTAINER_MAX_SLOT : USERS_MAX_SLOT))
		return NULL;
	if (before && !container_id(before) && birth->history && birth->history == container_history(before))
		birth->former = container_slot(before);
	container = container_ref(make(registry, birth, numbers_next_slot(&registry->numbers)));
	*ret_before = give_way(registry, before);
	return container;
}

/*
 * A container of the same cgroups that is known without an id gives way to the registered one. (Whose history
 * the new one keeps is not decided here: that needs a look at the kernel.)
 */
Container *registry_admit(Registry *registry, struct container_birth *birth, Container **ret_other)
{
	g_autoptr(Container) before = NULL; /* its last reference goes after the lock */
	Container *container = NULL;
	Container *other;

	pthread_mutex_lock(&registry->lock);
	other = g_hash_table_lookup(registry->by_id, birth->id);
	if (!other)
		container = replace(registry, birth, &before);
	else
		*ret_other = container_ref(other);
	pthread_mutex_unlock(&registry->lock);
	if (before)
		container_close(before);
	return container;
}

static bool is_taken(Registry *registry, const struct container_birth *birth, const Container *same_cgroup)
{
	return g_hash_table_contains(registry->by_slot, &birth->slot) ||
	       (birth->id ? g_hash_table_contains(registry->by_id, birth->id) : same_cgroup != NULL);
}

Container *registry_adopt(Registry *registry, const struct container_birth *birth)
{
	g_autofree char *key = key_of(cg_group_paths(birth->group));
	g_autoptr(Container) before = NULL;
	Container *container = NULL;
	Container *same;

	pthread_mutex_lock(&registry->lock);
	same = g_hash_table_lookup(registry->by_cgroup, key);
	if (!is_taken(registry, birth, same)) {
		container = container_ref(container_new(registry->host, birth));
		insert(registry, container);
		before = give_way(registry, same);
	}
	pthread_mutex_unlock(&registry->lock);
	return container;
}

void registry_begin_keeping(Registry *registry, Store *store, store_place place, const struct saved_numbers *numbers)
{
	pthread_mutex_lock(&registry->lock);
	registry->store = store;
	numbers_keep_in(&registry->numbers, store, place, numbers);
	pthread_mutex_unlock(&registry->lock);
}

void registry_forget(Registry *registry, Container *container)
{
	pthread_mutex_lock(&registry->lock);
	drop(registry, container);
	pthread_mutex_unlock(&registry->lock);
	container_close(container);
}

static Container *look_up(Registry *registry, GHashTable *table, gconstpointer key)
{
	Container *container;

	pthread_mutex_lock(&registry->lock);
	container = ref_or_null(g_hash_table_lookup(table, key));
	pthread_mutex_unlock(&registry->lock);
	return container;
}

Container *registry_by_id(Registry *registry, const char *id)
{
	return look_up(registry, registry->by_id, id);
}

Container *registry_successor(Registry *registry, uint64_t slot)
{
	return look_up(registry, registry->by_former, &slot);
}

Container *registry_by_slot(Registry *registry, uint64_t slot)
{
	return look_up(registry, registry->by_slot, &slot);
}

Container *registry_by_paths(Registry *registry, const struct cg_paths *paths)
{
	Container *container;

	pthread_mutex_lock(&registry->lock);
	container = ref_or_null(boundaries_find(registry->boundaries, paths));
	pthread_mutex_unlock(&registry->lock);
	return container;
}

/* One whose cgroup is gone makes room for a new cgroup of the same name. */
static void retire(Registry *registry, const char *key, Container *container)
{
	pthread_mutex_lock(&registry->lock);
	if (!container_id(container))
		drop(registry, container);
	else if (g_hash_table_lookup(registry->by_cgroup, key) == container)
		g_hash_table_remove(registry->by_cgroup, key);
	pthread_mutex_unlock(&registry->lock);
	container_close(container); /* it is gone: nothing opens them again */
}

Container *registry_known_cgroup(Registry *registry, const struct cg_paths *paths)
{
	g_autofree char *key = key_of(paths);
	g_autoptr(Container) container = NULL;

	pthread_mutex_lock(&registry->lock);
	container = ref_or_null(g_hash_table_lookup(registry->by_cgroup, key));
	pthread_mutex_unlock(&registry->lock);
	if (!container || !container_gone(container))
		return g_steal_pointer(&container);
	retire(registry, key, container);
	return NULL;
}

Container *registry_of_cgroup(Registry *registry, const struct cg_paths *paths, pid_t init, GError **error)
{
	struct container_birth birth = { .options = registry->defaults, .init = init };
	g_autofree char *key = key_of(paths);
	g_autoptr(CgGroup) group = NULL;
	Container *container = registry_known_cgroup(registry, paths);

	if (container)
		return container;
	group = cg_group_open(registry->hierarchies, paths, error);
	if (!group)
		return NULL;
	birth.group = group;
	container_birth_look(&birth, registry->host);

	pthread_mutex_lock(&registry->lock);
	container = g_hash_table_lookup(registry->by_cgroup, key); /* another thread was first */
	container = container_ref(
		container ? container
			  : make(registry, &birth, numbers_next_unregistered(&registry->numbers, registry->by_slot)));
	pthread_mutex_unlock(&registry->lock);
	return container;
}

static int compare_slots(gconstpointer a, gconstpointer b)
{
	uint64_t left = container_slot(*(Container *const *)a);
	uint64_t right = container_slot(*(Container *const *)b);

	return (left > right) - (left < right);
}

GPtrArray *registry_select(Registry *registry, bool (*wanted)(Container *))
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)container_unref);
	GHashTableIter iter;
	gpointer container;

	pthread_mutex_lock(&registry->lock);
	g_hash_table_iter_init(&iter, registry->by_slot);
	while (g_hash_table_iter_next(&iter, NULL, &container))
		if (wanted(container))
			g_ptr_array_add(list, container_ref(container));
	pthread_mutex_unlock(&registry->lock);
	g_ptr_array_sort(list, compare_slots);
	return list;
}

unsigned registry_count(Registry *registry)
{
	unsigned n;

	pthread_mutex_lock(&registry->lock);
	n = g_hash_table_size(registry->by_slot);
	pthread_mutex_unlock(&registry->lock);
	return n;
}
