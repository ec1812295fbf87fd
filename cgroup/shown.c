/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/shown.h"

#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "cgroup/mountinfo.h"
#include "cgroup/path.h"

#include <string.h>

#define DEPTH_MAX 8 /* mounts from a hierarchy up to what is at /sys/fs/cgroup; the mount table is the container's */

struct mount {
	struct mountinfo info;
	uint64_t id, parent;
	bool hidden; /* another one is mounted on its root */
};

struct sight {
	const struct cg_shown_place *place;
	GArray *mounts;     /* struct mount */
	GHashTable *places; /* id, a pointer into mounts -> the mount itself */
};

static void sight_clear(struct sight *sight)
{
	g_hash_table_unref(sight->places);
	g_array_unref(sight->mounts);
}

/* ---- the mounts ---- */

static bool read_mounts(struct sight *sight, GError **error)
{
	const char *cursor = sight->place->mountinfo;

	for (;;) {
		struct mount mount = { 0 };
		const char *id, *parent;
		bool more;

		if (!mountinfo_next(&cursor, sight->place->file, &mount.info, &more, error))
			return false;
		if (!more)
			return true;
		id = mount.info.id.start;
		parent = mount.info.parent.start;
		if (!cg_take_u64(&id, &mount.id) || !cg_take_u64(&parent, &mount.parent))
			return cg_fail_text(error, sight->place->file, "the number of a mount", mount.info.id.start);
		g_array_append_val(sight->mounts, mount);
	}
}

static struct mount *mount_of(const struct sight *sight, uint64_t id)
{
	return g_hash_table_lookup(sight->places, &id);
}

/* What is mounted on a mount's root has the same mount point. */
static bool hides(const struct mount *upper, const struct mount *lower)
{
	const struct mountinfo_field *a = &upper->info.mount_point, *b = &lower->info.mount_point;

	return upper->parent == lower->id && upper != lower && a->length == b->length &&
	       memcmp(a->start, b->start, a->length) == 0;
}

static void note_hidden(struct sight *sight, const struct mount *upper)
{
	struct mount *lower = mount_of(sight, upper->parent);

	if (lower && hides(upper, lower))
		lower->hidden = true;
}

static bool sight_begin(struct sight *sight, const struct cg_shown_place *place, GError **error)
{
	*sight = (struct sight){ .place = place,
				 .mounts = g_array_new(FALSE, FALSE, sizeof(struct mount)),
				 .places = g_hash_table_new(g_int64_hash, g_int64_equal) };
	if (!read_mounts(sight, error))
		return false;
	for (guint i = 0; i < sight->mounts->len; i++) {
		struct mount *mount = &g_array_index(sight->mounts, struct mount, i);

		g_hash_table_insert(sight->places, &mount->id, mount);
	}
	for (guint i = 0; i < sight->mounts->len; i++)
		note_hidden(sight, &g_array_index(sight->mounts, struct mount, i));
	return true;
}

static bool is_base(const struct mount *mount)
{
	return mountinfo_cgroup_version(&mount->info) != 0 || mountinfo_is(&mount->info.type, "tmpfs");
}

/* It is the mount at /sys/fs/cgroup, or is seen below it. */
static bool is_seen(const struct sight *sight, const struct mount *mount)
{
	if (mount->hidden)
		return false;
	for (unsigned i = 0; i < DEPTH_MAX; i++) {
		const struct mount *lower = mount_of(sight, mount->parent);

		if (mount->id == sight->place->mount)
			return is_base(mount);
		if (!lower || (lower->hidden && !hides(mount, lower)))
			return false;
		mount = lower;
	}
	return false;
}

/* ---- the container's cgroup ---- */

/* A line of /proc/PID/cgroup, "ID:CONTROLLERS:PATH" (cgroups(7)), is of the hierarchy that is mounted there. */
static bool is_of(const char *const *line, const struct mountinfo *mount)
{
	g_auto(GStrv) controllers = g_strsplit(line[1], ",", -1);

	if (mountinfo_cgroup_version(mount) == 2)
		return strcmp(line[0], "0") == 0 && !*line[1];
	for (char **controller = controllers; *controller; controller++) {
		if (**controller && mountinfo_has(&mount->super_options, *controller))
			return true;
	}
	return false;
}

/* Newly allocated; NULL where no line is of that hierarchy. */
static char *own_path(const struct sight *sight, const struct mountinfo *mount)
{
	g_auto(GStrv) lines = g_strsplit(sight->place->cgroup, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) parts = g_strsplit(*line, ":", 3);

		if (g_strv_length(parts) == 3 && is_of((const char *const *)parts, mount))
			return g_steal_pointer(&parts[2]);
	}
	return NULL;
}

/* The root of the reader's cgroup namespace, or what is above it: "/..". */
static bool is_top(const char *path)
{
	return strcmp(path, "/") == 0 || g_str_has_suffix(path, "/..");
}

/* Own where it cannot be told, as that changes nothing. */
static bool shows_others(const struct sight *sight, const struct mountinfo *mount)
{
	g_autofree char *root = mountinfo_decode(&mount->root), *own = own_path(sight, mount);

	if (!own || is_top(own))
		return false;
	cg_path_strip_init_scope(own);
	if (cg_path_within(root, own))
		return false;
	return !sight->place->own_namespace || is_top(root) || !cg_path_within(own, root);
}

static bool is_writable(const struct sight *sight, const struct mount *mount)
{
	return mountinfo_is_writable(&mount->info) && !(sight->place->read_only && mount->id == sight->place->mount);
}

static enum cg_shown shown_by(const struct sight *sight, const struct mount *mount)
{
	if (!shows_others(sight, &mount->info))
		return CG_SHOWN_OWN;
	return is_writable(sight, mount) ? CG_SHOWN_MANAGED : CG_SHOWN_OTHERS;
}

bool cg_shown_look(const struct cg_shown_place *place, enum cg_shown *ret_shown, GError **error)
{
	__attribute__((cleanup(sight_clear))) struct sight sight;
	enum cg_shown shown = CG_SHOWN_NONE;

	if (!sight_begin(&sight, place, error))
		return false;
	for (guint i = 0; i < sight.mounts->len; i++) {
		const struct mount *mount = &g_array_index(sight.mounts, struct mount, i);

		if (mountinfo_cgroup_version(&mount->info) != 0 && is_seen(&sight, mount))
			shown = MAX(shown, shown_by(&sight, mount));
	}
	*ret_shown = shown;
	return true;
}
