/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/unlay.h"

#include "fs/mount/nesting.h"
#include "fs/mount/spot.h"
#include "fs/mount/visit.h"
#include "fs/mount/within.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TYPE    "fuse.procvirt" /* fs/serve/session.c mounts it so */
#define PINNED  "/containers/"
#define DELETED "//deleted" /* behind a root whose name is gone: fs/d_path.c, dentry_path() */

/* The fields of a line, as proc(5) counts them from 0. */
enum { FIELD_PARENT = 1, FIELD_DEVICE, FIELD_ROOT, FIELD_POINT, FIELD_OPTIONS, FIELDS };

static void laid_free(gpointer pointer)
{
	struct laid *laid = pointer;

	g_free(laid->path);
	g_free(laid);
}

/* The root is /containers/ID and then the path that it is mounted on. */
static bool is_laid(const char *root, const char *point)
{
	g_autofree char *name = g_strndup(root, strlen(root) - (g_str_has_suffix(root, DELETED) ? strlen(DELETED) : 0));
	const char *path;

	if (!g_str_has_prefix(name, PINNED))
		return false;
	path = strchr(name + strlen(PINNED), '/');
	return path && strcmp(path, point) == 0;
}

/* Where on its parent a mount is. */
static char *place_of(const char *parent, const char *point)
{
	return g_strconcat(parent, " ", point, NULL);
}

static GHashTable *places_of(char *const *lines)
{
	GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (; *lines; lines++) {
		g_auto(GStrv) fields = g_strsplit(*lines, " ", FIELDS);

		if (g_strv_length(fields) == FIELDS)
			g_hash_table_add(places, place_of(fields[FIELD_PARENT], fields[FIELD_POINT]));
	}
	return places;
}

/*
 * Another mount on the same parent is above it: a runtime that makes /proc/sys read-only binds it over itself with all that is
 * mounted below, and what was there before cannot be reached any more.
 */
static bool is_covered(GHashTable *places, const char *parent, const char *point)
{
	g_autofree char *above = g_strdup(point);
	char *slash;

	while ((slash = strrchr(above, '/')) && slash > above) {
		g_autofree char *place = NULL;

		*slash = '\0';
		place = place_of(parent, above);
		if (g_hash_table_contains(places, place))
			return true;
	}
	return false;
}

static struct laid *parse_line(const char *line, GHashTable *places)
{
	const char *separator = strstr(line, " - ");
	g_auto(GStrv) fields = g_strsplit(line, " ", FIELDS);
	unsigned major, minor;
	struct laid *laid;

	if (!separator || !g_str_has_prefix(separator, " - " TYPE " ") || g_strv_length(fields) < FIELDS ||
	    sscanf(fields[FIELD_DEVICE], "%u:%u", &major, &minor) != 2 ||
	    !is_laid(fields[FIELD_ROOT], fields[FIELD_POINT]) ||
	    is_covered(places, fields[FIELD_PARENT], fields[FIELD_POINT]))
		return NULL;
	laid = g_new0(struct laid, 1);
	*laid = (struct laid){ .path = g_strdup(fields[FIELD_POINT]), .dev = makedev(major, minor) };
	return laid;
}

GPtrArray *unlay_find(const char *mountinfo)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(laid_free);
	g_auto(GStrv) lines = g_strsplit(mountinfo, "\n", -1);
	g_autoptr(GHashTable) places = places_of(lines);

	for (char **line = lines; *line; line++) {
		struct laid *laid = parse_line(*line, places);

		if (laid)
			g_ptr_array_insert(found, 0, laid);
	}
	return found;
}

/* What lay under our directory goes with it. */
static void take_hoard(int parent, const char *name, int proc)
{
	const struct within how = { .path = name, .proc = proc };
	int fd = within_open(parent, &how);
	bool hoard = fd >= 0 && nesting_is_hoard(fd);

	if (fd >= 0)
		close(fd);
	if (hoard)
		(void)spot_unmount(parent, name);
}

/* The mount on the entry `name` of `parent`. NULL, or why not. */
static const char *take(int parent, const char *name, int proc, dev_t dev)
{
	const struct within how = { .path = name, .proc = proc };
	int fd = within_open(parent, &how);
	struct clone there;
	bool ours = fd >= 0 && clone_look(fd, &there) && there.dev == dev;

	if (fd >= 0)
		close(fd);
	if (fd < 0)
		return g_strerror(-fd);
	if (!ours)
		return "something else is mounted over it";
	if (!spot_unmount(parent, name))
		return g_strerror(errno);
	take_hoard(parent, name, proc);
	return NULL;
}

/* NULL, or why not. */
static const char *take_one(int rootfs, int proc, const struct laid *laid)
{
	g_autofree char *directory = g_path_get_dirname(laid->path + 1);
	g_autofree char *name = g_path_get_basename(laid->path);
	const struct within how = { .path = directory, .proc = proc };
	int parent = within_open(rootfs, &how);
	const char *why = parent < 0 ? g_strerror(-parent) : take(parent, name, proc, laid->dev);

	if (parent >= 0)
		close(parent);
	return why;
}

static unsigned take_all(int rootfs, int proc, const GPtrArray *found, GString *complaints)
{
	unsigned taken = 0;

	for (guint i = 0; i < found->len; i++) {
		const struct laid *laid = g_ptr_array_index(found, i);
		const char *why = take_one(rootfs, proc, laid);

		if (why)
			g_string_append_printf(complaints, "; %s: %s", laid->path, why);
		else
			taken++;
	}
	return taken;
}

static bool visit_and_take(pid_t pid, int pidfd, int rootfs, const GPtrArray *found, unsigned *ret_taken,
			   GError **error)
{
	g_autoptr(GString) complaints = g_string_new(NULL);
	struct visit visit = VISIT_NONE;

	if (!visit_begin(pid, pidfd, &visit, error))
		return false;
	*ret_taken = take_all(rootfs, visit.proc, found, complaints);
	if (!visit_end(&visit, error))
		return false;
	return complaints->len == 0 || cg_fail(error, EIO, "%u of %u files were not taken away%s",
					       found->len - *ret_taken, found->len, complaints->str);
}

bool unlay(pid_t pid, int pidfd, unsigned *ret_taken, GError **error)
{
	g_autofree char *table = g_strdup_printf("/proc/%d/mountinfo", (int)pid);
	g_autofree char *root = g_strdup_printf("/proc/%d/root", (int)pid);
	g_autofree char *mountinfo = NULL;
	g_autoptr(GPtrArray) found = NULL;
	g_autoptr(GError) why = NULL;
	int rootfs;
	bool done;

	*ret_taken = 0;
	if (!g_file_get_contents(table, &mountinfo, NULL, &why))
		return cg_fail(error, ESRCH, "process %d: %s", (int)pid, why->message);
	found = unlay_find(mountinfo);
	rootfs = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rootfs < 0)
		return cg_fail(error, errno, "opening the container's root %s: %s", root, g_strerror(errno));
	done = visit_and_take(pid, pidfd, rootfs, found, ret_taken, error);
	close(rootfs);
	return done;
}
