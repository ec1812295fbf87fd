/* SPDX-License-Identifier: Apache-2.0
 *
 * From the store into the registry: again and again while another worker still writes there, so that little is left to do when it
 * has died. What is known of a record is not read a second time unless the record has changed.
 */
#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/host_private.h"
#include "fs/container/registry_private.h"

#include <errno.h>

/* So many records that are dropped are named in the log. */
#define NAMED 10

/* Where numbers begin in a rebuilt registry: a random place in the second sixteenth leaves most of them. */
#define REBUILT_FROM ((CONTAINER_MAX_SLOT + 1) / 16)

/* A record that was found: what was made of it, or why nothing was. */
struct found {
	uint64_t number, sequence;
	store_place place;
	unsigned pass; /* the last one in which it was there */
	Container *container;
	History *history;
	uint64_t history_number; /* a container's */
	bool kept;               /* a history's: some container has it */
	GError *why;
};

struct Restoring {
	Registry *registry;
	Store *store;
	GHashTable *containers, *histories; /* by number: struct found */
	unsigned pass;
	bool last;        /* nobody writes any more: what is missing now will not come */
	uint64_t highest; /* of the registered containers' numbers */
	struct saved_numbers numbers;
	store_place numbers_place;
};

static void found_free(gpointer pointer)
{
	struct found *found = pointer;

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

/* ---- histories ---- */

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

static Container *adopt(const Restoring *restoring, uint64_t number, const struct saved_container *saved,
			CgGroup *group, History *history, GError **error)
{
	struct container_birth birth = {
		.slot = number,
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
		.sampled = saved->sampled,
	};
	Container *container = registry_adopt(restoring->registry, &birth);

	if (!container)
		cg_fail(error, ESRCH, "another container has its place");
	return container;
}

static Container *restore(const Restoring *restoring, uint64_t number, const struct saved_container *saved,
			  History *history, GError **error)
{
	g_autoptr(CgGroup) group = NULL;

	if (!check_number(number, saved, error) || !check_init(restoring, saved, error))
		return NULL;
	group = open_group(restoring, saved, error);
	return group ? adopt(restoring, number, saved, group, history, error) : NULL;
}

/* What kept us from looking, as too many open files, is no reason to forget a container; the next pass looks again. */
static bool is_over(const GError *why)
{
	return why->code == ESRCH || why->code == EINVAL;
}

static void release(const Restoring *restoring, struct found *found)
{
	if (found->container)
		registry_forget(restoring->registry, found->container);
	g_clear_pointer(&found->container, container_unref);
}

/* A container may be born between our looking for histories and for containers: then it waits for the next pass. */
static void visit_container(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
			    void *data)
{
	Restoring *restoring = data;
	struct found *found = note(restoring->containers, restoring->pass, place, number, sequence);
	cg_cleanup(saved_container_clear) struct saved_container saved = { 0 };
	struct found *history;

	if (!found)
		return;
	release(restoring, found);
	if (!saved_container_read(bytes, length, &saved, &found->why))
		return;
	history = g_hash_table_lookup(restoring->histories, &saved.history);
	if (!history && !restoring->last) {
		found->sequence = 0;
		return;
	}
	found->history_number = saved.history;
	found->container = restore(restoring, number, &saved, history ? history->history : NULL, &found->why);
	if (!found->container && !is_over(found->why))
		found->sequence = 0;
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

static void pass(Restoring *restoring)
{
	restoring->pass++;
	store_each(restoring->store, STORE_HISTORY, visit_history, restoring);
	sweep(restoring, restoring->histories);
	store_each(restoring->store, STORE_CONTAINER, visit_container, restoring);
	sweep(restoring, restoring->containers);
}

void registry_restore(Registry *registry)
{
	Restoring *restoring = *registry_restoring(registry);

	if (restoring)
		pass(restoring);
}

/* ---- taking over ---- */

/* That a container has ended meanwhile is an everyday matter; what cannot be read is not. */
static void say_dropped(const struct found *found, const char *what, unsigned *said)
{
	if (++*said > NAMED)
		return;
	if (found->why->code == ESRCH)
		g_info("the state: %s %" G_GUINT64_FORMAT " is dropped: %s", what, found->number, found->why->message);
	else
		g_warning("the state: %s %" G_GUINT64_FORMAT " is dropped: %s", what, found->number,
			  found->why->message);
}

/*
 * The history that was found last is the container's. It is another object where a record had been missed that was just
 * being written.
 */
static void keep_container(const Restoring *restoring, struct found *found)
{
	struct found *history = g_hash_table_lookup(restoring->histories, &found->history_number);
	struct container_places places = { .container = found->place };
	History *own = container_history(found->container);

	if (history && history->history && (!history->kept || history->history == own)) {
		if (history->history != own)
			history_become(own, history->history);
		places.history = history->place;
		places.history_number = history->number;
		history->kept = true;
	}
	container_keep_in(found->container, restoring->store, &places);
}

/* One that was taken in may have given way to a registered one of the same cgroups, whose record came later. */
static void check_place(const Restoring *restoring, struct found *found)
{
	g_autoptr(Container) there = found->container ? registry_by_slot(restoring->registry, found->number) : NULL;

	if (there == found->container)
		return;
	g_clear_pointer(&found->container, container_unref);
	cg_fail(&found->why, ESRCH, "another container has its place");
}

static void keep_containers(Restoring *restoring, unsigned *said)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, restoring->containers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct found *found = value;

		check_place(restoring, found);
		if (found->number <= CONTAINER_MAX_SLOT)
			restoring->highest = MAX(restoring->highest, found->number);
		if (found->container) {
			keep_container(restoring, found);
			continue;
		}
		say_dropped(found, "container", said);
		if (is_over(found->why))
			store_drop(restoring->store, found->place);
	}
}

/* A history that no container has is one of a container that was dropped. */
static void drop_histories(const Restoring *restoring, unsigned *said)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, restoring->histories);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct found *found = value;

		if (found->why)
			say_dropped(found, "the history of container", said);
		if (!found->kept)
			store_drop(restoring->store, found->place);
	}
}

static void visit_numbers(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
			  void *data)
{
	Restoring *restoring = data;
	g_autoptr(GError) why = NULL;

	restoring->numbers_place = place;
	if (!saved_numbers_read(bytes, length, &restoring->numbers, &why))
		g_warning("the state: the numbers of containers: %s", why->message);
}

/* Where none were found. */
static struct saved_numbers new_numbers(bool fresh)
{
	return (struct saved_numbers){
		.last_slot = fresh ? 0 : REBUILT_FROM + container_random() % REBUILT_FROM,
		.generation = container_random(),
		.rebuilt = !fresh,
	};
}

void registry_take_over(Registry *registry, bool fresh)
{
	Restoring *restoring = g_steal_pointer(registry_restoring(registry));
	struct saved_numbers numbers = new_numbers(fresh);
	unsigned said = 0;

	if (restoring) {
		restoring->last = true;
		pass(restoring);
		keep_containers(restoring, &said);
		drop_histories(restoring, &said);
		store_each(restoring->store, STORE_REGISTRY, visit_numbers, restoring);
		if (restoring->numbers.generation != 0)
			numbers = restoring->numbers;
		numbers.last_slot = MAX(numbers.last_slot, restoring->highest);
	}
	if (said > NAMED)
		g_warning("the state: %u more records are dropped", said - NAMED);
	numbers.last_unregistered = MAX(numbers.last_unregistered, CONTAINER_MAX_SLOT);
	registry_begin_keeping(registry, restoring ? restoring->store : NULL, restoring ? restoring->numbers_place : 0,
			       &numbers);
	restoring_free(restoring);
}
