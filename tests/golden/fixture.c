/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/fixture.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/view/cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char *fixture_read(const struct fixture *fixture, const char *path, GError **error)
{
	g_autofree char *file = g_build_filename(fixture->directory, path, NULL);
	char *text = NULL;

	g_file_get_contents(file, &text, NULL, error);
	return text;
}

static bool read_options(struct fixture *fixture, struct container_options *ret)
{
	g_autofree char *word = g_key_file_get_string(fixture->keys, "container", "cpu-count", &fixture->error);

	if (!word)
		return false;
	if (!view_cpu_count_parse(word, &ret->cpu_count))
		return cg_fail(&fixture->error, EINVAL, "cpu-count=%s", word);
	ret->renumber_cpus = g_key_file_get_boolean(fixture->keys, "container", "renumber", &fixture->error);
	return !fixture->error;
}

/*
 * The container of the process `pid`, as the daemon's caller.c finds one that is
 * not registered, but from text alone: a dump has no namespaces to ask.
 */
static bool find_paths(struct fixture *fixture, pid_t init, struct cg_paths *ret_paths)
{
	int pid = g_key_file_get_integer(fixture->keys, "container", "pid", &fixture->error);
	g_autofree char *cgroup = g_strdup_printf("proc/%d/cgroup", pid);
	g_autofree char *mountinfo = g_strdup_printf("proc/%d/mountinfo", pid);
	g_autofree char *init_cgroup = g_strdup_printf("proc/%d/cgroup", (int)init);
	g_autofree char *own_text = fixture_read(fixture, cgroup, fixture->error ? NULL : &fixture->error);
	g_autofree char *mounts = fixture_read(fixture, mountinfo, NULL);
	g_autofree char *init_text = fixture_read(fixture, init_cgroup, NULL);
	cg_cleanup(cg_paths_clear) struct cg_paths own = { 0 };
	bool found = false;

	if (fixture->error || !cg_paths_parse(fixture->hierarchies, own_text, cgroup, &own, &fixture->error))
		return false;
	if (mounts &&
	    !cg_paths_namespace_root(fixture->hierarchies, mounts, mountinfo, &own, ret_paths, &found, &fixture->error))
		return false;
	if (found)
		return true;
	cg_paths_clear(ret_paths);
	if (!cg_paths_parse(fixture->hierarchies, init_text ? init_text : own_text, cgroup, ret_paths, &fixture->error))
		return false;
	cg_paths_strip_init_scope(ret_paths);
	return true;
}

static bool find_cpus(struct fixture *fixture)
{
	const struct row *row = rows_by_path("/sys/devices/system/cpu");
	g_autoptr(Entries) entries = entries_new(fixture->registry, fixture->container, row, &fixture->error);

	if (entries)
		fixture->cpus = entries_view(entries)->cpus;
	return entries != NULL;
}

static enum view_shape other_shape(const struct fixture *fixture)
{
	return cgroup_tree_shape(fixture->registry, fixture->container) == VIEW_SHAPE_V1 ? VIEW_SHAPE_V2
											 : VIEW_SHAPE_V1;
}

static bool find_other(struct fixture *fixture, const struct cg_paths *paths, pid_t init)
{
	struct container_options options = registry_defaults(fixture->registry);

	options.cgroup_shape = other_shape(fixture);
	fixture->other_registry = registry_new(fixture->host, fixture->hierarchies, &options);
	fixture->other = registry_of_cgroup(fixture->other_registry, paths, init, &fixture->error);
	return fixture->other != NULL;
}

static bool find_container(struct fixture *fixture)
{
	pid_t init = g_key_file_get_integer(fixture->keys, "container", "init", NULL);
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	fixture->reader = g_key_file_get_integer(fixture->keys, "container", "pid", NULL);
	if (!find_paths(fixture, init, &paths))
		return false;
	fixture->container = registry_of_cgroup(fixture->registry, &paths, init, &fixture->error);
	return fixture->container && find_cpus(fixture) && find_other(fixture, &paths, init);
}

static bool open_host(struct fixture *fixture, struct container_options *options)
{
	int cgroup = openat(fixture->fd, "cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (cgroup < 0)
		return cg_fail(&fixture->error, errno, "%s/cgroup", fixture->directory);
	fixture->hierarchies = cg_hierarchies_open_at(cgroup, &fixture->error);
	close(cgroup);
	if (fixture->hierarchies)
		fixture->host = host_open_at(fixture->fd, &fixture->error);
	if (fixture->host)
		fixture->registry = registry_new(fixture->host, fixture->hierarchies, options);
	return fixture->registry != NULL;
}

struct fixture *fixture_open(const char *directory, const char *name)
{
	struct fixture *fixture = g_new0(struct fixture, 1);
	struct container_options options = { 0 };
	g_autofree char *keys = g_build_filename(directory, name, "container", NULL);

	fixture->name = g_strdup(name);
	fixture->directory = g_build_filename(directory, name, NULL);
	fixture->keys = g_key_file_new();
	fixture->fd = open(fixture->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fixture->fd < 0)
		cg_fail(&fixture->error, errno, "%s: %s", fixture->directory, g_strerror(errno));
	else if (g_key_file_load_from_file(fixture->keys, keys, G_KEY_FILE_NONE, &fixture->error) &&
		 read_options(fixture, &options) && open_host(fixture, &options))
		find_container(fixture);
	return fixture;
}

void fixture_free(struct fixture *fixture)
{
	g_clear_pointer(&fixture->other, container_unref);
	g_clear_pointer(&fixture->other_registry, registry_free);
	g_clear_pointer(&fixture->container, container_unref);
	g_clear_pointer(&fixture->registry, registry_free);
	g_clear_pointer(&fixture->host, host_free);
	g_clear_pointer(&fixture->hierarchies, cg_hierarchies_free);
	g_clear_error(&fixture->error);
	g_key_file_free(fixture->keys);
	if (fixture->fd >= 0)
		close(fixture->fd);
	g_free(fixture->directory);
	g_free(fixture->name);
	g_free(fixture);
}

/* ---- instances ---- */

static void instance_free(gpointer data)
{
	struct instance *instance = data;

	g_free(instance->path);
	g_free(instance->name);
	g_free(instance);
}

static void add_entries(GPtrArray *all, struct fixture *fixture, const struct row *directory, struct gather_index index,
			const char *path);

/* ---- the cgroup tree ---- */

struct tree_walk {
	GPtrArray *all;
	struct fixture *fixture;
	bool other;
	const char *path;
};

static void add_tree(const struct tree_walk *walk, const struct row *directory, struct gather_index index);

static bool add_tree_entry(const struct cgroup_entry *entry, void *data)
{
	const struct tree_walk *walk = data;
	g_autofree char *path = g_strconcat(walk->path, "/", entry->name, NULL);
	const struct tree_walk below = { walk->all, walk->fixture, walk->other, path };
	struct instance *instance;

	if (entry->row->kind == ROW_CGROUP) {
		add_tree(&below, entry->row, entry->index);
		return true;
	}
	instance = g_new0(struct instance, 1);
	*instance = (struct instance){ .fixture = walk->fixture,
				       .other = walk->other,
				       .row = entry->row,
				       .index = entry->index,
				       .path = g_strdup(path) };
	instance->name = g_strdup_printf("%s %s", walk->fixture->name, path);
	g_ptr_array_add(walk->all, instance);
	return true;
}

static void add_tree(const struct tree_walk *walk, const struct row *directory, struct gather_index index)
{
	struct fixture *fixture = walk->fixture;
	Registry *registry = walk->other ? fixture->other_registry : fixture->registry;
	Container *container = walk->other ? fixture->other : fixture->container;
	g_autoptr(GError) error = NULL;

	if (!cgroup_tree_list(registry, container, directory, index, NULL, add_tree_entry, (void *)(uintptr_t)walk,
			      &error))
		fail_msg("%s %s: %s", fixture->name, walk->path, error->message);
}

/* In both shapes: the other one below a directory of its own. */
static void add_trees(GPtrArray *all, struct fixture *fixture, const struct row *row, const char *path)
{
	g_autofree char *other = g_strdup_printf("/as-%s%s", view_shape_name(other_shape(fixture)), path);

	add_tree(&(struct tree_walk){ all, fixture, false, path }, row, (struct gather_index){ 0 });
	add_tree(&(struct tree_walk){ all, fixture, true, other }, row, (struct gather_index){ 0 });
}

static void add_entry(GPtrArray *all, struct fixture *fixture, const struct row *row, struct gather_index index,
		      const char *path)
{
	struct instance *instance;

	if (row_in_tree(row)) {
		add_trees(all, fixture, row, path);
		return;
	}
	if (rows_is_directory(row)) {
		add_entries(all, fixture, row, index, path);
		return;
	}
	instance = g_new(struct instance, 1);
	*instance = (struct instance){ .fixture = fixture, .row = row, .index = index, .path = g_strdup(path) };
	instance->name = g_strdup_printf("%s %s", fixture->name, path);
	g_ptr_array_add(all, instance);
}

/* Blocks of memory are all alike: the first and the last stand for all. */
static unsigned step_of(const struct row *row, const GArray *each)
{
	return row->kind == ROW_EACH_BLOCK ? MAX(each->len, 2) - 1 : 1;
}

/* Like find(1) in the container. */
static void add_entries(GPtrArray *all, struct fixture *fixture, const struct row *directory, struct gather_index index,
			const char *path)
{
	g_autoptr(Entries) entries = entries_new(fixture->registry, fixture->container, directory, NULL);
	unsigned n;
	const struct row *rows = rows_all(&n);

	assert_non_null(entries);
	for (unsigned i = 0; i < n; i++) {
		g_autoptr(GArray) each = NULL;

		if (rows[i].kind == ROW_CONTAINERS || !rows_is_child(&rows[i], directory))
			continue;
		each = entries_of(entries, &rows[i], index);
		for (unsigned j = 0; j < each->len; j += step_of(&rows[i], each)) {
			struct gather_index own = g_array_index(each, struct gather_index, j);
			g_autofree char *name = entries_name(entries, &rows[i], own);
			g_autofree char *own_path = g_strdup_printf("%s/%s", path, name);

			add_entry(all, fixture, &rows[i], own, own_path);
		}
	}
}

GPtrArray *fixture_instances(struct fixture *fixture)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(instance_free);

	add_entries(all, fixture, rows_by_id(ROW_ROOT), (struct gather_index){ 0 }, "");
	return all;
}

char *instance_text(const struct instance *instance)
{
	struct fixture *fixture = instance->fixture;
	g_autoptr(GError) error = NULL;
	Registry *registry = instance->other ? fixture->other_registry : fixture->registry;
	Container *container = instance->other ? fixture->other : fixture->container;
	GString *text =
		row_in_tree(instance->row)
			? cgroup_tree_text(registry, container, instance->row, instance->index, fixture->reader, &error)
			: gather_text(registry, container, instance->row, instance->index, &error);

	if (!text)
		fail_msg("%s: %s", instance->name, error->message);
	return g_string_free(text, FALSE);
}

char *fixture_text(struct fixture *fixture, const char *path)
{
	g_autofree char *name = g_strdup_printf("%s %s", fixture->name, path);
	struct instance instance = { .fixture = fixture, .row = rows_by_path(path), .name = name };

	if (!instance.row)
		fail_msg("%s: no such row", name);
	return instance_text(&instance);
}
