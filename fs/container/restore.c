/* SPDX-License-Identifier: Apache-2.0
 *
 * From the store into the registry: again and again while another worker still writes there, so that little is left to do when it
 * has died. What is known of a record is not read a second time unless the record has changed.
 */
#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/host_private.h"
#include "fs/container/restore_private.h"

#include <errno.h>

static void found_free(gpointer pointer)
{
	struct found *found = pointer;

	saved_container_clear(&found->saved);
	container_unref(found->container);
	history_unref(found->history);
	g_clear_error(&found->why);
	g_free(found);
}

static GHashTable *table_new(void)
{
	return g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, found_free);
}

void restoring_free(Restoring *restoring)
{
	if (!restoring)
		return;
	g_hash_table_unref(restoring->containers);
	g_hash_table_unref(restoring->histories);
	g_free(restoring);
}

void registry_keep_in(Registry *registry, Store *store)
{
	Restoring *restoring = g_new0(Restoring, 1);

	restoring->registry = registry;
	restoring->store = store;
	restoring->containers = table_new();
	restoring->histories = table_new();
	restoring_free(*registry_restoring(registry));
	*registry_restoring(registry) = restoring;
}

/* A record was seen; NULL where it is known as it is. Beside a writer the same number may be seen twice: the newer record counts. */
static struct found *note(GHashTable *table, unsigned pass, store_place place, uint64_t number, uint64_t sequence)
{
	struct found *found = g_hash_table_lookup(table, &number);

	if (!found) {
		found = g_new0(struct found, 1);
		found->number = number;
		g_hash_table_insert(table, &found->number, found);
	}
	found->pass = pass;
	if (sequence <= found->sequence)
		return NULL;
	found->sequence = sequence;
	found->place = place;
	g_clear_error(&found->why);
	return found;
}

/* A record that is known as it is need not be looked at. */
static bool is_new(Restoring *restoring, GHashTable *table, uint64_t number, uint64_t sequence)
{
	struct found *found = g_hash_table_lookup(table, &number);

	if (!found || sequence > found->sequence)
		return true;
	found->pass = restoring->pass;
	return false;
}

/* ---- histories ---- */

static bool wants_history(uint64_t number, uint64_t sequence, void *data)
{
	return is_new(data, ((Restoring *)data)->histories, number, sequence);
}

/* Of a malformed record the state before it is kept, where there is one. */
static void visit_history(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
			  void *data)
{
	Restoring *restoring = data;
	struct found *found = note(restoring->histories, restoring->pass, place, number, sequence);
	g_autoptr(History) loaded = found ? history_from_record(bytes, length, &found->why) : NULL;

	if (!loaded)
		return;
	if (found->history)
		history_become(found->history, loaded);
	else
		found->history = g_steal_pointer(&loaded);
}

/* ---- containers ---- */

static bool check_number(uint64_t number, const struct saved_container *saved, GError **error)
{
	bool fits = saved->id ? number <= CONTAINER_MAX_SLOT
			      : number > CONTAINER_MAX_SLOT && number <= CONTAINER_MAX_NUMBER;

	return (number > 0 && fits) || cg_fail(error, EINVAL, "not a number for it");
}

/* A hierarchy that only one of the two hosts had says nothing; but none in common is no cgroup of ours. */
static bool check_identity(const CgGroup *group, const struct saved_container *saved, GError **error)
{
	const struct cg_identity *now = cg_group_identity(group);
	bool any = false;

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		uint64_t then = saved->identity.inode[c];

		if (then != 0 && now->inode[c] != 0 && then != now->inode[c])
			return cg_fail(error, ESRCH, "its cgroup was removed");
		any = any || (then != 0 && now->inode[c] != 0);
	}
	return any || cg_fail(error, ESRCH, "none of its hierarchies is mounted");
}

static CgGroup *open_group(const Restoring *restoring, const struct saved_container *saved, GError **error)
{
	g_autoptr(CgGroup) group = cg_group_open(registry_hierarchies(restoring->registry), &saved->paths, error);

	return group && check_identity(group, saved, error) ? g_steal_pointer(&group) : NULL;
}

static bool check_init(const Restoring *restoring, const struct saved_container *saved, GError **error)
{
	return saved->init == 0 || host_lives(registry_host(restoring->registry), saved->init, saved->init_start_us) ||
	       cg_fail(error, ESRCH, "its process %d has ended", saved->init);
}

static Container *adopt(const Restoring *restoring, const struct found *found, CgGroup *group, History *history,
			GError **error)
{
	const struct saved_container *saved = &found->saved;
	struct container_birth birth = {
		.slot = found->number,
		.id = saved->id,
		.options = saved->options,
		.init = saved->init,
		.init_start_us = saved->init_start_us,
		.start_us = saved->start_us,
		.own_pids = saved->own_pids,
		.has_boot_offset = saved->has_boot_offset,
		.boot_offset_us = saved->boot_offset_us,
		.group = group,
		.history = history,
		.generation = saved->generation,
		.former = saved->history != found->number ? saved->history : 0,
		.sampled = saved->sampled,
	};
	Container *container = registry_adopt(restoring->registry, &birth);

	if (!container)
		cg_fail(error, EBUSY, "another container has its place");
	return container;
}

static Container *restore(const Restoring *restoring, const struct found *found, History *history, GError **error)
{
	g_autoptr(CgGroup) group = NULL;

	if (!check_number(found->number, &found->saved, error) || !check_init(restoring, &found->saved, error))
		return NULL;
	group = open_group(restoring, &found->saved, error);
	return group ? adopt(restoring, found, group, history, error) : NULL;
}

/* Such a failure is for good. Others, as too many open files, are not, and another container may be about to leave its place. */
static bool is_for_good(const GError *why)
{
	return why->code == ESRCH || why->code == EINVAL;
}

/* A container may be born between our looking for histories and for containers: then it waits for the next pass. */
static void restore_pending(const Restoring *restoring, struct found *found)
{
	const struct found *history = g_hash_table_lookup(restoring->histories, &found->saved.history);

	if (history || restoring->last)
		found->container = restore(restoring, found, history ? history->history : NULL, &found->why);
	if (!found->container && !(found->why && is_for_good(found->why)))
		found->sequence = 0;
	found->history_number = found->saved.history;
	found->pending = false;
	saved_container_clear(&found->saved);
}

static void release(const Restoring *restoring, struct found *found)
{
	if (found->container)
		registry_forget(restoring->registry, found->container);
	g_clear_pointer(&found->container, container_unref);
}

static bool wants_container(uint64_t number, uint64_t sequence, void *data)
{
	return is_new(data, ((Restoring *)data)->containers, number, sequence);
}

static void visit_container(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
			    void *data)
{
	Restoring *restoring = data;
	struct found *found = note(restoring->containers, restoring->pass, place, number, sequence);

	if (!found)
		return;
	release(restoring, found);
	saved_container_clear(&found->saved);
	found->pending = saved_container_read(bytes, length, &found->saved, &found->why);
}

/* ---- a pass ---- */

static void sweep(const Restoring *restoring, GHashTable *table)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct found *found = value;

		if (found->pass == restoring->pass)
			continue;
		release(restoring, found);
		g_hash_table_iter_remove(&iter);
	}
}

static void restore_all_pending(const Restoring *restoring)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, restoring->containers);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (((struct found *)value)->pending)
			restore_pending(restoring, value);
}

/* New containers come when those that are gone have left their places: an id or a cgroup may be the next one's by now. */
void restoring_pass(Restoring *restoring)
{
	restoring->pass++;
	store_each_wanted(restoring->store, STORE_HISTORY, wants_history, visit_history, restoring);
	sweep(restoring, restoring->histories);
	store_each_wanted(restoring->store, STORE_CONTAINER, wants_container, visit_container, restoring);
	sweep(restoring, restoring->containers);
	restore_all_pending(restoring);
}

void registry_restore(Registry *registry)
{
	Restoring *restoring = *registry_restoring(registry);

	if (restoring)
		restoring_pass(restoring);
}
