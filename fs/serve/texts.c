/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/texts.h"

#include <pthread.h>
#include <string.h>

#define SERIAL_BITS 32

/* One container's texts, the oldest first. */
struct shelf {
	uint64_t container;
	GQueue texts;
	size_t bytes;
};

struct text {
	uint64_t handle, taken_by;
	GBytes *bytes;
	store_place place; /* 0: not in the store */
	struct shelf *shelf;
	GList link; /* in its shelf */
};

struct Texts {
	Store *store;
	size_t budget, budget_each;
	pthread_mutex_t lock; /* guards all below; never held over I/O */
	GHashTable *by_handle;
	GHashTable *shelves; /* by container; only those with a text */
	size_t bytes;
};

/* In the store: who took it, then the text itself. */
struct record {
	uint64_t taken_by;
	char text[];
};

Texts *texts_new(Store *store, size_t budget, size_t budget_each)
{
	Texts *texts = g_new0(Texts, 1);

	texts->store = store;
	texts->budget = budget;
	texts->budget_each = budget_each;
	pthread_mutex_init(&texts->lock, NULL);
	texts->by_handle = g_hash_table_new(g_int64_hash, g_int64_equal);
	texts->shelves = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	return texts;
}

uint64_t texts_handle(uint64_t container, uint32_t serial)
{
	return container << SERIAL_BITS | serial;
}

uint64_t texts_container(uint64_t handle)
{
	return handle >> SERIAL_BITS;
}

/* ---- with the lock held ---- */

static struct shelf *shelf_of(Texts *texts, uint64_t container)
{
	struct shelf *shelf = g_hash_table_lookup(texts->shelves, &container);

	if (shelf)
		return shelf;
	shelf = g_new0(struct shelf, 1);
	shelf->container = container;
	g_queue_init(&shelf->texts);
	g_hash_table_insert(texts->shelves, &shelf->container, shelf);
	return shelf;
}

static void set_bytes(Texts *texts, struct text *text, GBytes *bytes)
{
	size_t before = text->bytes ? g_bytes_get_size(text->bytes) : 0;
	size_t now = bytes ? g_bytes_get_size(bytes) : 0;

	g_clear_pointer(&text->bytes, g_bytes_unref);
	text->bytes = bytes ? g_bytes_ref(bytes) : NULL;
	text->shelf->bytes += now - before;
	texts->bytes += now - before;
}

/* Out of our memory; what the store has of it stays. */
static void forget(Texts *texts, struct text *text)
{
	struct shelf *shelf = text->shelf;

	set_bytes(texts, text, NULL);
	g_hash_table_remove(texts->by_handle, &text->handle);
	g_queue_unlink(&shelf->texts, &text->link);
	if (shelf->texts.length == 0)
		g_hash_table_remove(texts->shelves, &shelf->container);
	g_free(text);
}

static void drop(Texts *texts, struct text *text)
{
	if (text->place)
		store_drop(texts->store, text->place);
	forget(texts, text);
}

static struct text *make(Texts *texts, uint64_t handle)
{
	struct text *text = g_new0(struct text, 1);

	text->handle = handle;
	text->shelf = shelf_of(texts, texts_container(handle));
	text->link.data = text;
	g_queue_push_tail_link(&text->shelf->texts, &text->link);
	g_hash_table_insert(texts->by_handle, &text->handle, text);
	return text;
}

static void set(Texts *texts, struct text *text, uint64_t taken_by, GBytes *bytes)
{
	text->taken_by = taken_by;
	set_bytes(texts, text, bytes);
	g_queue_unlink(&text->shelf->texts, &text->link);
	g_queue_push_tail_link(&text->shelf->texts, &text->link); /* the newest */
}

/* A text that does not fit into the store is still read from our memory. */
static void save(Texts *texts, struct text *text)
{
	size_t length;
	const void *bytes = g_bytes_get_data(text->bytes, &length);
	g_autofree struct record *record = NULL;
	store_place place;

	if (!texts->store)
		return;
	record = g_malloc(sizeof *record + length);
	record->taken_by = text->taken_by;
	if (length > 0)
		memcpy(record->text, bytes, length);
	place = store_put(texts->store, text->place, STORE_TEXT, text->handle, record, sizeof *record + length);
	if (!place && text->place)
		store_drop(texts->store, text->place); /* what it holds is another moment */
	text->place = place;
}

static struct text *oldest(const struct shelf *shelf)
{
	return shelf->texts.head->data;
}

/* The oldest of the container that has the most, but not `newest`. */
static struct text *next_to_go(Texts *texts, const struct text *newest)
{
	struct shelf *largest = NULL;
	struct shelf *shelf;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, texts->shelves);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&shelf))
		if (oldest(shelf) != newest && (!largest || shelf->bytes > largest->bytes))
			largest = shelf;
	return largest ? oldest(largest) : NULL;
}

/* The newest one stays in any case. */
static void keep_to_budget(Texts *texts, struct text *newest)
{
	struct shelf *shelf = newest->shelf;
	struct text *text;

	while (shelf->bytes > texts->budget_each && oldest(shelf) != newest)
		drop(texts, oldest(shelf));
	while (texts->bytes > texts->budget && (text = next_to_go(texts, newest)))
		drop(texts, text);
}

/* ---- the doors ---- */

GBytes *texts_get(Texts *texts, uint64_t handle, uint64_t taken_by)
{
	struct text *text;
	GBytes *bytes = NULL;

	pthread_mutex_lock(&texts->lock);
	text = g_hash_table_lookup(texts->by_handle, &handle);
	if (text && (taken_by == 0 || text->taken_by == taken_by))
		bytes = g_bytes_ref(text->bytes);
	pthread_mutex_unlock(&texts->lock);
	return bytes;
}

void texts_keep(Texts *texts, uint64_t handle, uint64_t taken_by, GBytes *bytes)
{
	struct text *text;

	if (texts_container(handle) == TEXTS_NO_CONTAINER)
		return;
	pthread_mutex_lock(&texts->lock);
	text = g_hash_table_lookup(texts->by_handle, &handle);
	if (!text)
		text = make(texts, handle);
	if (text->taken_by <= taken_by) {
		set(texts, text, taken_by, bytes);
		save(texts, text);
		keep_to_budget(texts, text);
	}
	pthread_mutex_unlock(&texts->lock);
}

void texts_drop(Texts *texts, uint64_t handle)
{
	struct text *text;

	pthread_mutex_lock(&texts->lock);
	text = g_hash_table_lookup(texts->by_handle, &handle);
	if (text)
		drop(texts, text);
	pthread_mutex_unlock(&texts->lock);
}

static void restore(store_place place, uint64_t handle, uint64_t sequence, const void *bytes, size_t length, void *data)
{
	Texts *texts = data;
	const struct record *record = bytes;
	g_autoptr(GBytes) kept = NULL;
	struct text *text;

	if (length < sizeof *record || texts_container(handle) == TEXTS_NO_CONTAINER ||
	    g_hash_table_contains(texts->by_handle, &handle)) {
		store_drop(texts->store, place);
		return;
	}
	kept = g_bytes_new(record->text, length - sizeof *record);
	text = make(texts, handle);
	set(texts, text, record->taken_by, kept);
	text->place = place;
}

void texts_restore(Texts *texts)
{
	struct text *text;

	if (!texts->store)
		return;
	pthread_mutex_lock(&texts->lock);
	store_each(texts->store, STORE_TEXT, restore, texts);
	while (texts->bytes > texts->budget && (text = next_to_go(texts, NULL)))
		drop(texts, text);
	pthread_mutex_unlock(&texts->lock);
}

void texts_count(Texts *texts, unsigned *ret_texts, size_t *ret_bytes)
{
	pthread_mutex_lock(&texts->lock);
	*ret_texts = g_hash_table_size(texts->by_handle);
	*ret_bytes = texts->bytes;
	pthread_mutex_unlock(&texts->lock);
}

void texts_free(Texts *texts)
{
	g_autoptr(GList) all = g_hash_table_get_values(texts->by_handle);

	for (GList *link = all; link; link = link->next)
		forget(texts, link->data); /* the next worker goes on with what the store has */
	g_hash_table_destroy(texts->by_handle);
	g_hash_table_destroy(texts->shelves);
	pthread_mutex_destroy(&texts->lock);
	g_free(texts);
}
