/* SPDX-License-Identifier: Apache-2.0
 *
 * The last look at what the worker before has left, and from then on the store is this one's.
 */
#include "cgroup/error.h"
#include "fs/container/restore_private.h"

#include <errno.h>

/* So many records that are dropped are named in the log. */
#define NAMED 10

/* Where numbers begin in a rebuilt registry: a random place in the second sixteenth leaves most of them. */
#define REBUILT_FROM ((CONTAINER_MAX_SLOT + 1) / 16)

/* That a container has ended meanwhile is an everyday matter; what cannot be read is not. */
static void say_dropped(const struct found *found, const char *what, unsigned *said)
{
	if (++*said > NAMED)
		return;
	if (found->why->code == ESRCH || found->why->code == EBUSY)
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
	cg_fail(&found->why, EBUSY, "another container has its place");
}

/* What kept us from looking, as too many open files, is no reason to forget a container: the next worker may look again. */
static bool is_over(const GError *why)
{
	return why->code == ESRCH || why->code == EINVAL || why->code == EBUSY;
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
		restoring_pass(restoring);
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
