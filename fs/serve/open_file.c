/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/open_file.h"

#include <pthread.h>
#include <stdatomic.h>

/* The handle's lower bits: a serial number; the container's slot is above. */
#define SERIAL_BITS 36

struct OpenFile {
	atomic_uint references;
	struct node node;
	Container *container;
	bool closed;  /* this and the rest are guarded by the table's lock */
	GBytes *text; /* of the moment that is being read */
	GList link;   /* in the table's queue while there is a text */
};

struct OpenFiles {
	Registry *registry;
	pthread_mutex_t lock; /* guards all below, and the files' texts; never held over I/O */
	GHashTable *by_handle;
	uint64_t serial;
	GQueue texts; /* the files that have one, the oldest first */
	size_t text_bytes, text_budget;
};

/* A table's entry: the key is kept beside the file. */
struct entry {
	uint64_t handle;
	OpenFile *file;
};

OpenFiles *open_files_new(Registry *registry, size_t text_budget)
{
	OpenFiles *files = g_new0(OpenFiles, 1);

	files->registry = registry;
	files->text_budget = text_budget;
	pthread_mutex_init(&files->lock, NULL);
	files->by_handle = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	g_queue_init(&files->texts);
	return files;
}

/* ---- texts, with the lock held ---- */

static void drop_text(OpenFiles *files, OpenFile *file)
{
	if (!file->text)
		return;
	files->text_bytes -= g_bytes_get_size(file->text);
	g_queue_unlink(&files->texts, &file->link);
	g_clear_pointer(&file->text, g_bytes_unref);
}

static void keep_text(OpenFiles *files, OpenFile *file, GBytes *text)
{
	drop_text(files, file);
	file->text = g_bytes_ref(text);
	files->text_bytes += g_bytes_get_size(text);
	g_queue_push_tail_link(&files->texts, &file->link);
	while (files->text_bytes > files->text_budget && files->texts.length > 1)
		drop_text(files, files->texts.head->data);
}

/* ---- files ---- */

static OpenFile *open_file_new(const struct node *node, Container *container)
{
	OpenFile *file = g_new0(OpenFile, 1);

	atomic_init(&file->references, 1);
	file->link.data = file;
	file->node = *node;
	file->container = container ? container_ref(container) : NULL;
	return file;
}

void open_file_unref(OpenFile *file)
{
	if (atomic_fetch_sub(&file->references, 1) != 1)
		return;
	g_clear_pointer(&file->container, container_unref);
	g_free(file);
}

/* A container that is not registered has a slot that no inode and no handle carries. */
static uint64_t slot_for_handle(const Container *container)
{
	uint64_t slot = container ? container_slot(container) : 0;

	return slot <= CONTAINER_MAX_SLOT ? slot : 0;
}

uint64_t open_files_add(OpenFiles *files, const struct node *node, Container *container)
{
	struct entry *entry = g_new(struct entry, 1);
	uint64_t handle;

	entry->file = open_file_new(node, container);
	pthread_mutex_lock(&files->lock);
	handle = slot_for_handle(container) << SERIAL_BITS | (++files->serial & ((UINT64_C(1) << SERIAL_BITS) - 1));
	entry->handle = handle;
	g_hash_table_replace(files->by_handle, &entry->handle, entry);
	pthread_mutex_unlock(&files->lock);
	return handle;
}

/* A read that is still under way keeps no new text. */
void open_files_remove(OpenFiles *files, uint64_t handle)
{
	struct entry *entry = NULL;

	pthread_mutex_lock(&files->lock);
	g_hash_table_steal_extended(files->by_handle, &handle, NULL, (void **)&entry);
	if (entry) {
		entry->file->closed = true;
		drop_text(files, entry->file);
	}
	pthread_mutex_unlock(&files->lock);
	if (entry)
		open_file_unref(entry->file);
	g_free(entry);
}

void open_files_free(OpenFiles *files)
{
	GHashTableIter iter;
	struct entry *entry;

	g_hash_table_iter_init(&iter, files->by_handle);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&entry)) {
		drop_text(files, entry->file);
		open_file_unref(entry->file);
	}
	g_hash_table_unref(files->by_handle);
	pthread_mutex_destroy(&files->lock);
	g_free(files);
}

OpenFile *open_files_get(OpenFiles *files, uint64_t handle)
{
	struct entry *entry;
	OpenFile *file = NULL;

	pthread_mutex_lock(&files->lock);
	entry = g_hash_table_lookup(files->by_handle, &handle);
	if (entry) {
		file = entry->file;
		atomic_fetch_add(&file->references, 1);
	}
	pthread_mutex_unlock(&files->lock);
	return file;
}

const struct row *open_file_row(const OpenFile *file)
{
	return file->node.row;
}

static GBytes *current_text(OpenFiles *files, OpenFile *file)
{
	GBytes *text;

	pthread_mutex_lock(&files->lock);
	text = file->text ? g_bytes_ref(file->text) : NULL;
	pthread_mutex_unlock(&files->lock);
	return text;
}

static GBytes *new_text(OpenFiles *files, OpenFile *file, GError **error)
{
	GString *text = gather_text(files->registry, file->container, file->node.row, file->node.index, error);
	GBytes *bytes = text ? g_string_free_to_bytes(text) : NULL;

	pthread_mutex_lock(&files->lock);
	if (bytes && !file->closed)
		keep_text(files, file, bytes);
	pthread_mutex_unlock(&files->lock);
	return bytes;
}

GBytes *open_file_read(OpenFiles *files, OpenFile *file, uint64_t offset, size_t size, GError **error)
{
	g_autoptr(GBytes) text = offset ? current_text(files, file) : NULL;
	size_t length;

	if (!text)
		text = new_text(files, file, error);
	if (!text)
		return NULL;
	length = g_bytes_get_size(text);
	if (offset >= length)
		return g_bytes_new(NULL, 0);
	return g_bytes_new_from_bytes(text, offset, MIN(size, length - offset));
}
