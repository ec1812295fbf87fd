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
	pthread_mutex_t lock; /* guards text */
	GBytes *text;
};

struct OpenFiles {
	Registry *registry;
	pthread_mutex_t lock; /* guards the table and the serial number */
	GHashTable *by_handle;
	uint64_t serial;
};

/* A table's entry: the key is kept beside the file. */
struct entry {
	uint64_t handle;
	OpenFile *file;
};

static void entry_free(void *data)
{
	struct entry *entry = data;

	open_file_unref(entry->file);
	g_free(entry);
}

OpenFiles *open_files_new(Registry *registry)
{
	OpenFiles *files = g_new0(OpenFiles, 1);

	files->registry = registry;
	pthread_mutex_init(&files->lock, NULL);
	files->by_handle = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, entry_free);
	return files;
}

void open_files_free(OpenFiles *files)
{
	g_hash_table_unref(files->by_handle);
	pthread_mutex_destroy(&files->lock);
	g_free(files);
}

static OpenFile *open_file_new(const struct node *node, Container *container)
{
	OpenFile *file = g_new0(OpenFile, 1);

	atomic_init(&file->references, 1);
	pthread_mutex_init(&file->lock, NULL);
	file->node = *node;
	file->container = container ? container_ref(container) : NULL;
	return file;
}

void open_file_unref(OpenFile *file)
{
	if (atomic_fetch_sub(&file->references, 1) != 1)
		return;
	g_clear_pointer(&file->text, g_bytes_unref);
	g_clear_pointer(&file->container, container_unref);
	pthread_mutex_destroy(&file->lock);
	g_free(file);
}

uint64_t open_files_add(OpenFiles *files, const struct node *node, Container *container)
{
	struct entry *entry = g_new(struct entry, 1);
	uint64_t handle;

	entry->file = open_file_new(node, container);
	pthread_mutex_lock(&files->lock);
	handle = (container ? container_slot(container) : 0) << SERIAL_BITS |
		 (++files->serial & ((UINT64_C(1) << SERIAL_BITS) - 1));
	entry->handle = handle;
	g_hash_table_replace(files->by_handle, &entry->handle, entry);
	pthread_mutex_unlock(&files->lock);
	return handle;
}

void open_files_remove(OpenFiles *files, uint64_t handle)
{
	void *entry = NULL;

	pthread_mutex_lock(&files->lock);
	g_hash_table_steal_extended(files->by_handle, &handle, NULL, &entry);
	pthread_mutex_unlock(&files->lock);
	if (entry)
		entry_free(entry);
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

static GBytes *current_text(OpenFile *file)
{
	GBytes *text;

	pthread_mutex_lock(&file->lock);
	text = file->text ? g_bytes_ref(file->text) : NULL;
	pthread_mutex_unlock(&file->lock);
	return text;
}

static void set_current_text(OpenFile *file, GBytes *text)
{
	GBytes *old;

	pthread_mutex_lock(&file->lock);
	old = file->text;
	file->text = g_bytes_ref(text);
	pthread_mutex_unlock(&file->lock);
	g_clear_pointer(&old, g_bytes_unref);
}

static GBytes *new_text(OpenFiles *files, OpenFile *file, GError **error)
{
	GString *text = gather_text(files->registry, file->container, file->node.row, file->node.index, error);
	GBytes *bytes;

	if (!text)
		return NULL;
	bytes = g_string_free_to_bytes(text);
	set_current_text(file, bytes);
	return bytes;
}

GBytes *open_file_read(OpenFiles *files, OpenFile *file, uint64_t offset, size_t size, GError **error)
{
	g_autoptr(GBytes) text = offset ? current_text(file) : NULL;
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
