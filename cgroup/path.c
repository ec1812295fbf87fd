/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/path.h"
#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "cgroup/hierarchy.h"
#include "cgroup/mountinfo.h"

#include <errno.h>
#include <string.h>

void cg_paths_clear(struct cg_paths *paths)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		g_clear_pointer(&paths->of[i], g_free);
}

void cg_paths_copy(struct cg_paths *to, const struct cg_paths *from)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		to->of[i] = g_strdup(from->of[i]);
}

bool cg_paths_equal(const struct cg_paths *a, const struct cg_paths *b)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		if (g_strcmp0(a->of[i], b->of[i]) != 0)
			return false;
	}
	return true;
}

/* One line of /proc/PID/cgroup, "ID:CONTROLLERS:PATH"; borrowed but the path. */
struct line {
	uint64_t id; /* 0 is the v2 hierarchy */
	const char *controllers, *controllers_end;
	char *path;
};

static void line_clear(struct line *line)
{
	g_clear_pointer(&line->path, g_free);
}

static bool take_line(const char **cursor, const char *file, struct line *ret, GError **error)
{
	const char *p = *cursor, *end = strchrnul(p, '\n'), *colon;

	if (!cg_take_u64(&p, &ret->id) || *p++ != ':')
		return cg_fail_text(error, file, "ID:CONTROLLERS:PATH", *cursor);
	colon = memchr(p, ':', (size_t)(end - p));
	if (!colon || colon[1] != '/')
		return cg_fail_text(error, file, "ID:CONTROLLERS:PATH", *cursor);
	ret->controllers = p;
	ret->controllers_end = colon;
	ret->path = g_strndup(colon + 1, (size_t)(end - colon - 1));
	*cursor = *end ? end + 1 : end;
	return true;
}

/* The line speaks of the hierarchy that carries this controller. */
static bool line_covers(const struct line *line, const struct hierarchy *hierarchy, enum cg_controller controller)
{
	if (hierarchy->version == 2)
		return line->id == 0 && line->controllers == line->controllers_end;
	for (const char *p = line->controllers; p < line->controllers_end;) {
		const char *comma = memchr(p, ',', (size_t)(line->controllers_end - p));
		const char *end = comma ? comma : line->controllers_end;

		if (hierarchy_controller(p, (size_t)(end - p)) == controller)
			return true;
		p = end + 1;
	}
	return false;
}

static bool set_path(const struct hierarchy *hierarchy, const struct line *line, const char *file, char **path,
		     GError **error)
{
	if (*path)
		return cg_fail(error, EINVAL, "%s: two lines for one hierarchy", file);
	/* fs/proc: a removed cgroup whose last process has not ended yet. */
	if (g_str_has_suffix(line->path, " (deleted)"))
		return cg_fail(error, ESRCH, "%s: the cgroup %s is gone", file, line->path);
	*path = hierarchy_strip(hierarchy, line->path, file, error);
	return *path != NULL;
}

static bool apply_line(const CgHierarchies *hierarchies, const struct line *line, const char *file,
		       struct cg_paths *paths, GError **error)
{
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		const struct hierarchy *hierarchy = hierarchy_of(hierarchies, c);

		if (hierarchy && line_covers(line, hierarchy, c) &&
		    !set_path(hierarchy, line, file, &paths->of[c], error))
			return false;
	}
	return true;
}

static bool has_path(const struct cg_paths *paths)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		if (paths->of[i])
			return true;
	}
	return false;
}

bool cg_paths_parse(const CgHierarchies *hierarchies, const char *text, const char *file, struct cg_paths *ret_paths,
		    GError **error)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	while (*text) {
		cg_cleanup(line_clear) struct line line = { 0 };

		if (!take_line(&text, file, &line, error) || !apply_line(hierarchies, &line, file, &paths, error))
			return false;
	}
	/* The kernel writes a line for each hierarchy: text without any is no answer, least of all "unlimited". */
	if (!has_path(&paths))
		return cg_fail(error, EINVAL, "%s: no line of a mounted hierarchy", file);
	*ret_paths = paths;
	memset(&paths, 0, sizeof(paths));
	return true;
}

/* A mount of cgroups where a container looks for them, decoded; NULL for another. */
static char *namespace_root(const struct mountinfo *mount)
{
	g_autofree char *point = NULL;

	if (!mountinfo_cgroup_version(mount) || mountinfo_is(&mount->root, "/"))
		return NULL;
	point = mountinfo_decode(&mount->mount_point);
	return cg_path_within(point, "/sys/fs/cgroup") ? mountinfo_decode(&mount->root) : NULL;
}

/* The mount is of the hierarchy that carries this controller: v1 says so among the options of the super block. */
static bool mount_covers(const struct mountinfo *mount, const struct hierarchy *hierarchy,
			 enum cg_controller controller)
{
	const struct mountinfo_field *options = &mount->super_options;
	struct line line = { .id = 1, .controllers = options->start };

	if (mountinfo_cgroup_version(mount) != hierarchy->version)
		return false;
	line.controllers_end = options->start + options->length;
	return hierarchy->version == 2 || line_covers(&line, hierarchy, controller);
}

/* A boundary above what this host has mounted, or one that does not hold `own`, says nothing. */
static bool apply_mount(const CgHierarchies *hierarchies, const struct mountinfo *mount, const char *root,
			const char *file, const struct cg_paths *own, struct cg_paths *paths)
{
	bool found = false;

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		const struct hierarchy *hierarchy = hierarchy_of(hierarchies, c);
		g_autofree char *path = NULL;

		if (!hierarchy || !own->of[c] || !mount_covers(mount, hierarchy, c))
			continue;
		path = hierarchy_strip(hierarchy, root, file, NULL);
		if (!path || strcmp(path, "/") == 0 || !cg_path_within(own->of[c], path))
			continue;
		g_free(paths->of[c]);
		paths->of[c] = g_steal_pointer(&path);
		found = true;
	}
	return found;
}

bool cg_paths_namespace_root(const CgHierarchies *hierarchies, const char *mountinfo, const char *file,
			     const struct cg_paths *own, struct cg_paths *ret_paths, bool *ret_found, GError **error)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	struct mountinfo mount;
	bool more, found = false;

	cg_paths_copy(&paths, own);
	for (;;) {
		g_autofree char *root = NULL;

		if (!mountinfo_next(&mountinfo, file, &mount, &more, error))
			return false;
		if (!more)
			break;
		root = namespace_root(&mount);
		if (root && apply_mount(hierarchies, &mount, root, file, own, &paths))
			found = true;
	}
	*ret_found = found;
	*ret_paths = paths;
	memset(&paths, 0, sizeof(paths));
	return true;
}

static bool mount_holds(const struct mountinfo *mount, const struct hierarchy *hierarchy, const char *file,
			const char *path)
{
	g_autofree char *decoded = mountinfo_decode(&mount->root);
	g_autofree char *root = hierarchy_strip(hierarchy, decoded, file, NULL);

	return root && cg_path_within(path, root);
}

bool cg_path_is_writable(const CgHierarchies *hierarchies, const char *mountinfo, const char *file,
			 enum cg_controller controller, const char *path)
{
	const struct hierarchy *hierarchy = hierarchy_of(hierarchies, controller);
	struct mountinfo mount;
	bool more = true;

	while (hierarchy && mountinfo_next(&mountinfo, file, &mount, &more, NULL) && more) {
		if (mountinfo_is_writable(&mount) && mount_covers(&mount, hierarchy, controller) &&
		    mount_holds(&mount, hierarchy, file, path))
			return true;
	}
	return false;
}

void cg_paths_strip_init_scope(struct cg_paths *paths)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		if (paths->of[i])
			cg_path_strip_init_scope(paths->of[i]);
	}
}
