/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/host_private.h"

struct layout {
	char *text;
	uint64_t read_us;
};

static void layout_free(gpointer pointer)
{
	struct layout *layout = pointer;

	g_free(layout->text);
	g_free(layout);
}

struct layouts *layouts_new(void)
{
	struct layouts *layouts = g_new0(struct layouts, 1);

	g_mutex_init(&layouts->lock);
	layouts->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, layout_free);
	return layouts;
}

void layouts_free(struct layouts *layouts)
{
	g_hash_table_unref(layouts->texts);
	g_mutex_clear(&layouts->lock);
	g_free(layouts);
}

/* NULL: there is none, or it is too old. */
static char *copy_kept(struct layouts *layouts, const char *path, uint64_t now_us)
{
	const struct layout *layout;
	char *text = NULL;

	g_mutex_lock(&layouts->lock);
	layout = g_hash_table_lookup(layouts->texts, path);
	if (layout && now_us < layout->read_us + HOST_LAYOUT_S * G_USEC_PER_SEC)
		text = g_strdup(layout->text);
	g_mutex_unlock(&layouts->lock);
	return text;
}

static void keep(struct layouts *layouts, const char *path, const char *text, uint64_t now_us)
{
	struct layout *layout = g_new(struct layout, 1);

	*layout = (struct layout){ .text = g_strdup(text), .read_us = now_us };
	g_mutex_lock(&layouts->lock);
	g_hash_table_insert(layouts->texts, g_strdup(path), layout);
	g_mutex_unlock(&layouts->lock);
}

char *host_read_layout(const Host *host, const char *path, GError **error)
{
	uint64_t now_us = host_now_us(host);
	char *text = copy_kept(host->layouts, path, now_us);

	if (text)
		return text;
	text = host_read(host, path, error);
	if (text)
		keep(host->layouts, path, text, now_us);
	return text;
}
