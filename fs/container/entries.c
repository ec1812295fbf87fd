/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/entries.h"

#include "fs/container/each.h"
#include "fs/container/gather_private.h"

#include <string.h>

struct Entries {
	struct look look;
};

/* Of the directory itself, and of its entries. */
static unsigned needs_of(const struct row *directory)
{
	unsigned n, needs = each_needs(directory);
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		if (each_is(rows[i].kind) && rows_is_child(&rows[i], directory))
			needs |= rows[i].needs & ~VIEW_OF_HOST;
	}
	return needs;
}

bool entries_need_container(const struct row *directory)
{
	return needs_of(directory) != 0;
}

Entries *entries_new(Registry *registry, Container *container, const struct row *directory, GError **error)
{
	Entries *entries = g_new0(Entries, 1);

	if (look_begin(&entries->look, registry, container, error) &&
	    look_at(&entries->look, needs_of(directory), error))
		return entries;
	entries_free(entries);
	return NULL;
}

void entries_free(Entries *entries)
{
	look_clear(&entries->look);
	g_free(entries);
}

bool entries_have(const Entries *entries, const struct row *row, struct gather_index index)
{
	g_autofree char *path = NULL;

	/* cgroup_tree.h tells of those */
	if (row->shape != VIEW_SHAPE_HOST || row->kind == ROW_CGROUP_PATH)
		return false;
	if (!each_is_seen(&entries->look.view, row, index))
		return false;
	if (!(row->needs & VIEW_OF_HOST))
		return true;
	path = each_host_path(entries->look.host, row, index);
	return host_exists(entries->look.host, path);
}

GArray *entries_of(const Entries *entries, const struct row *row, struct gather_index parent)
{
	GArray *instances = g_array_new(FALSE, FALSE, sizeof(struct gather_index));

	if (each_is(row->kind))
		each_list(&entries->look.view, entries->look.host, row, parent, instances);
	else if (entries_have(entries, row, parent))
		g_array_append_val(instances, parent);
	return instances;
}

const struct view *entries_view(const Entries *entries)
{
	return &entries->look.view;
}

char *entries_name(const Entries *entries, const struct row *row, struct gather_index index)
{
	g_autofree char *path = NULL;

	if (!each_is(row->kind))
		return g_strdup(rows_name(row));
	path = each_shown_path(&entries->look.view, row, index);
	return g_path_get_basename(path);
}
