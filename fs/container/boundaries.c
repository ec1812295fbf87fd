/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/boundaries.h"

#include "cgroup/path.h"

#include <string.h>

struct Boundaries {
	GHashTable *by_path; /* path, in whichever controller -> GPtrArray of borrowed Container */
};

Boundaries *boundaries_new(void)
{
	Boundaries *boundaries = g_new0(Boundaries, 1);

	boundaries->by_path = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	return boundaries;
}

void boundaries_free(Boundaries *boundaries)
{
	if (!boundaries)
		return;
	g_hash_table_unref(boundaries->by_path);
	g_free(boundaries);
}

static bool is_own(const char *path)
{
	return path && strcmp(path, "/") != 0;
}

/* The path of a controller, once for all controllers that have the same one; NULL for the rest and the root. */
static const char *distinct(const struct cg_paths *paths, enum cg_controller controller)
{
	const char *path = paths->of[controller];

	if (!is_own(path))
		return NULL;
	for (unsigned i = 0; i < controller; i++)
		if (g_strcmp0(paths->of[i], path) == 0)
			return NULL;
	return path;
}

static void add_at(Boundaries *boundaries, const char *path, Container *container)
{
	GPtrArray *here = g_hash_table_lookup(boundaries->by_path, path);

	if (!here) {
		here = g_ptr_array_new();
		g_hash_table_insert(boundaries->by_path, g_strdup(path), here);
	}
	g_ptr_array_add(here, container);
}

static void remove_at(Boundaries *boundaries, const char *path, Container *container)
{
	GPtrArray *here = g_hash_table_lookup(boundaries->by_path, path);

	if (here && g_ptr_array_remove(here, container) && here->len == 0)
		g_hash_table_remove(boundaries->by_path, path);
}

static void for_each_path(Boundaries *boundaries, Container *container,
			  void (*act)(Boundaries *, const char *, Container *))
{
	const struct cg_paths *paths = container_paths(container);

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		const char *path = distinct(paths, c);

		if (path)
			act(boundaries, path, container);
	}
}

void boundaries_add(Boundaries *boundaries, Container *container)
{
	for_each_path(boundaries, container, add_at);
}

void boundaries_remove(Boundaries *boundaries, Container *container)
{
	for_each_path(boundaries, container, remove_at);
}

static bool holds(Container *container, const struct cg_paths *paths)
{
	const struct cg_paths *outer = container_paths(container);

	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		if (is_own(outer->of[i]) && (!paths->of[i] || !cg_path_within(paths->of[i], outer->of[i])))
			return false;
	return true;
}

/*
 * Of two with the same longest path, nested in another controller: the one that lies within the other. Of two that
 * are the same cgroups the later one, but never a user's in the place of root's.
 */
static bool better(Container *container, Container *than)
{
	if (!than)
		return true;
	if (!holds(than, container_paths(container)))
		return false;
	return container_owner(container) == 0 || container_owner(than) != 0 ||
	       !holds(container, container_paths(than));
}

static Container *find_at(const Boundaries *boundaries, const char *path, const struct cg_paths *paths)
{
	const GPtrArray *here = g_hash_table_lookup(boundaries->by_path, path);
	Container *found = NULL;

	for (unsigned i = 0; here && i < here->len; i++) {
		Container *container = g_ptr_array_index(here, i);

		if (holds(container, paths) && better(container, found))
			found = container;
	}
	return found;
}

/* Walks from `path` towards the root while there can be a longer path than the best one. */
static void find_above(const Boundaries *boundaries, char *path, const struct cg_paths *paths, Container **best,
		       size_t *best_length)
{
	for (size_t length = strlen(path); length > MAX(*best_length, 1); length = strlen(path)) {
		Container *found = find_at(boundaries, path, paths);

		if (found) {
			*best = found;
			*best_length = length;
			return;
		}
		*strrchr(path, '/') = '\0';
	}
}

Container *boundaries_find(const Boundaries *boundaries, const struct cg_paths *paths)
{
	Container *best = NULL;
	size_t best_length = 0;

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		const char *path = distinct(paths, c);
		g_autofree char *copy = path ? g_strdup(path) : NULL;

		if (copy)
			find_above(boundaries, copy, paths, &best, &best_length);
	}
	return best;
}
