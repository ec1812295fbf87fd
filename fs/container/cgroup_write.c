/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/cgroup_write.h"

#include "cgroup/change.h"
#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/beneath.h"
#include "fs/container/caller.h"
#include "fs/container/cgroup_tree_private.h"
#include "fs/container/credentials.h"
#include "fs/container/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

/* As in caller.c: whoever has a user namespace can make thousands of mounts. A runtime mounts the cgroups among the first. */
#define MOUNTINFO_MOST (64 * 1024)

#define LISTS (VIEW_TREE_PROCESSES | VIEW_TREE_THREADS)

/* One thing that is to be done. */
struct change {
	const struct cgroup_writer *writer;
	const struct row *row; /* of the file, or of the directory in which something is made or removed */
	struct tree_place place;
	CgGroup *container;
	enum cg_controller controller;
	struct credentials credentials;
	char *path;
	struct cg_spot spot;
};

static void change_clear(struct change *change)
{
	tree_place_clear(&change->place);
	g_clear_pointer(&change->container, cg_group_unref);
	g_clear_pointer(&change->path, g_free);
	credentials_clear(&change->credentials);
}

/* ---- what is refused, one function a reason ---- */

static bool is_native(const struct change *change, GError **error)
{
	const struct tree_place *place = &change->place;

	if (!tree_is_native(place, change->row) ||
	    !cg_group_same(place->look.group, change->controller, place->hierarchy))
		return cg_fail(error, EROFS, "%s: in another shape than the host's nothing is written",
			       change->row->path);
	return !cg_group_is_host(change->container) ||
	       cg_fail(error, EPERM, "%s: the caller is in no cgroup of its own", change->row->path);
}

static bool is_inside(const struct change *change, GError **error)
{
	const struct cgroup_writer *writer = change->writer;
	g_autoptr(Container) callers = caller_container(writer->registry, writer->tid, false, NULL, error);
	struct tree_moved self;

	if (!callers)
		return false;
	if (container_slot(callers) != container_slot(writer->container))
		return cg_fail(error, EPERM, "process %d is not in the container", writer->tid);
	/* It may see the container for its pid namespace's sake, and be in another cgroup: caller.h. */
	if (!tree_moved_find(writer, change->container, change->controller, true, 0, &self, error))
		return false;
	tree_moved_clear(&self);
	return true;
}

static bool is_mounted(const struct change *change, GError **error)
{
	const CgHierarchies *hierarchies = registry_hierarchies(change->writer->registry);
	g_autofree char *file = g_strdup_printf("/proc/%d/mountinfo", change->writer->tid);
	g_autoptr(GString) text = g_string_new(NULL);
	int r, fd = host_open_small(registry_host(change->writer->registry), change->writer->tid, "mountinfo");

	r = fd < 0 ? fd : beneath_read_lines(fd, text, MOUNTINFO_MOST);
	if (fd >= 0)
		close(fd);
	if (r < 0)
		return cg_fail(error, r == -ENOENT ? ESRCH : -r, "%s: %s", file, g_strerror(-r));
	return cg_path_is_writable(hierarchies, text->str, file, change->controller,
				   cg_group_paths(change->place.look.group)->of[change->controller]) ||
	       cg_fail(error, EROFS, "%s: no mount of the cgroup that can be written to", file);
}

/* ---- a change, from its beginning ---- */

static bool find_spot(struct change *change, GError **error)
{
	struct tree_place *place = &change->place;

	change->path = cg_group_nested_path(change->container, place->hierarchy, place->number);
	if (!change->path)
		return cg_fail(error, ENOENT, "%s: the cgroup is not there any more", change->row->path);
	change->spot = (struct cg_spot){
		.group = change->container,
		.controller = place->hierarchy,
		.path = change->path,
		.number = place->number,
	};
	return true;
}

/* `directory` is the row of the cgroup's directory. */
static bool begin(struct change *change, const struct row *directory, struct gather_index index, GError **error)
{
	const struct cgroup_writer *writer = change->writer;

	if (!tree_place_open(&change->place, writer->registry, writer->container, directory, cgroup_tree_number(index),
			     error))
		return false;
	change->container = container_group(writer->container, error);
	change->controller = tree_controller_of(&change->place, change->row);
	return change->container && is_native(change, error) && is_inside(change, error) && is_mounted(change, error) &&
	       find_spot(change, error) &&
	       credentials_of(registry_host(writer->registry), writer->tid, writer->uid, writer->gid,
			      &change->credentials, error);
}

/* What of the container's own cgroup is handed down to it (CFTYPE_NS_DELEGATABLE of kernel/cgroup/cgroup.c). */
static bool is_delegated(const struct row *row)
{
	return row->needs & (LISTS | VIEW_TREE_CONTROLLERS);
}

static bool may_write(const struct tree_place *place, const struct row *row)
{
	return row->writable && (place->number != 0 || is_delegated(row));
}

static bool begin_file(struct change *change, struct gather_index index, GError **error)
{
	const struct row *row = change->row;

	if (!row->writable)
		return cg_fail(error, EACCES, "%s: nothing is written to it", row->path);
	if (!begin(change, rows_parent(row), index, error))
		return false;
	return may_write(&change->place, row) ||
	       cg_fail(error, EPERM, "%s: the container's own limits are its maker's", row->path);
}

static bool begin_directory(struct change *change, struct gather_index index, GError **error)
{
	const struct row *row = change->row;

	return begin(change, row, index, error) &&
	       (tree_is_cgroup(&change->place, row) || cg_fail(error, EPERM, "%s: it is no cgroup", row->path));
}

/* ---- with the caller's credentials ---- */

struct act {
	const struct cg_spot *spot;
	const char *name;
	int flags;
	mode_t mode;
	const void *data;
	size_t size;
	uint32_t number;
};

static int act_open(void *data)
{
	const struct act *act = data;

	return cg_change_open(act->spot, act->name, act->flags);
}

static int act_write(void *data)
{
	const struct act *act = data;

	return cg_change_write(act->spot, act->name, act->data, act->size);
}

static int act_mkdir(void *data)
{
	struct act *act = data;

	return cg_change_mkdir(act->spot, act->name, act->mode, &act->number);
}

static int act_rmdir(void *data)
{
	const struct act *act = data;

	return cg_change_rmdir(act->spot, act->name);
}

static bool conclude(const struct change *change, const char *name, int r, GError **error)
{
	return r == 0 || cg_fail(error, -r, "%s: \"%s\" of cgroup \"/%s\" for user %u: %s", change->row->path, name,
				 change->path, change->credentials.uid, g_strerror(-r));
}

/* 0 or -errno, for conclude(). */
static int run(const struct change *change, uint64_t keep, int (*work)(void *data), struct act *act)
{
	act->spot = &change->spot;
	return credentials_run(&change->credentials, keep, work, act);
}

bool cgroup_tree_open(const struct cgroup_writer *writer, const struct row *row, struct gather_index index, int mode,
		      uint32_t *ret_mark, GError **error)
{
	cg_cleanup(change_clear) struct change change = { .writer = writer, .row = row };
	struct act act = { .name = rows_name(row), .flags = mode };

	if (!begin_file(&change, index, error) || !conclude(&change, act.name, run(&change, 0, act_open, &act), error))
		return false;
	*ret_mark = credentials_mark(&change.credentials, writer->key);
	return true;
}

/* ---- writing ---- */

/*
 * A process that gets another set of CPUs must not have capabilities that who moves it lacks, or he has CAP_SYS_NICE (cpuset_can_attach()
 * of kernel/cgroup/cpuset.c, cap_safe_nice() of security/commoncap.c). The thread that writes has none, so the first is asked
 * here, and where it is so the thread has the other, which nothing else asks for when a process is moved.
 */
static uint64_t needed_to_move(const struct change *change, pid_t id)
{
	cg_cleanup(credentials_clear) struct credentials its = { 0 };

	if (credentials_look(registry_host(change->writer->registry), id, &its) < 0)
		return 0;
	return its.permitted & ~change->credentials.permitted ? 0 : UINT64_C(1) << CAP_SYS_NICE;
}

/* The number is replaced by the host's. What was moved must be there afterwards, too: else another one may have had its number. */
static bool move(const struct change *change, const void *data, size_t size, GError **error)
{
	const struct cgroup_writer *writer = change->writer;
	bool threads = change->row->needs & VIEW_TREE_THREADS, done;
	struct act act = { .name = rows_name(change->row) };
	struct tree_moved moved;
	char text[16];
	pid_t number;

	if (!cgroup_tree_parse_id(data, size, &number))
		return cg_fail(error, EINVAL, "%s: not one number of a process", change->row->path);
	if (!tree_moved_find(writer, change->container, change->controller, threads, number, &moved, error))
		return false;
	act.size = (size_t)g_snprintf(text, sizeof text, "%d", moved.id);
	act.data = text;
	done = conclude(change, act.name, run(change, needed_to_move(change, moved.id), act_write, &act), error) &&
	       tree_moved_stands(writer, change->container, change->controller, &moved, error);
	tree_moved_clear(&moved);
	return done;
}

bool cgroup_tree_write(const struct cgroup_writer *writer, const struct row *row, struct gather_index index,
		       uint32_t mark, const void *data, size_t size, GError **error)
{
	cg_cleanup(change_clear) struct change change = { .writer = writer, .row = row };
	struct act act = { .name = rows_name(row), .data = data, .size = size };

	if (!begin_file(&change, index, error))
		return false;
	if (credentials_mark(&change.credentials, writer->key) != mark)
		return cg_fail(error, EPERM, "%s: it was opened by somebody with other credentials", row->path);
	if (row->needs & LISTS)
		return move(&change, data, size, error);
	return conclude(&change, act.name, run(&change, 0, act_write, &act), error);
}

/* ---- cgroups within ---- */

bool cgroup_tree_mkdir(const struct cgroup_writer *writer, const struct row *directory, struct gather_index index,
		       const char *name, mode_t mode, bool again, struct gather_index *ret_index, GError **error)
{
	cg_cleanup(change_clear) struct change change = { .writer = writer, .row = directory };
	struct act act = { .name = name, .mode = mode };
	int r;

	if (!begin_directory(&change, index, error))
		return false;
	r = run(&change, 0, act_mkdir, &act);
	if (!conclude(&change, name, r == -EEXIST && again && act.number != 0 ? 0 : r, error))
		return false;
	*ret_index = cgroup_tree_index(act.number);
	return true;
}

bool cgroup_tree_rmdir(const struct cgroup_writer *writer, const struct row *directory, struct gather_index index,
		       const char *name, bool again, GError **error)
{
	cg_cleanup(change_clear) struct change change = { .writer = writer, .row = directory };
	struct act act = { .name = name };
	int r;

	if (!begin_directory(&change, index, error))
		return false;
	r = run(&change, 0, act_rmdir, &act);
	return conclude(&change, name, r == -ENOENT && again ? 0 : r, error);
}

/* ---- attributes ---- */

static bool look(const struct tree_place *place, const struct row *row, struct stat *ret_stat, GError **error)
{
	bool is_directory = rows_is_directory(row);
	const struct cg_spot spot = { .group = place->look.group, .controller = place->hierarchy, .path = "" };
	int r = cg_change_look(&spot, is_directory ? "." : rows_name(row), ret_stat);

	if (r < 0)
		return cg_fail(error, -r, "%s: %s", row->path, g_strerror(-r));
	if (!is_directory && !may_write(place, row))
		ret_stat->st_mode &= ~(mode_t)0222;
	return true;
}

bool cgroup_tree_look(Registry *registry, Container *container, const struct row *row, struct gather_index index,
		      struct stat *ret_stat, GError **error)
{
	cg_cleanup(tree_place_clear) struct tree_place place = { 0 };
	const struct row *directory = rows_is_directory(row) ? row : rows_parent(row);

	if (!tree_place_open(&place, registry, container, directory, cgroup_tree_number(index), error))
		return false;
	return !row->link && tree_is_native(&place, row) && tree_is_cgroup(&place, directory) &&
	       cg_group_same(place.look.group, tree_controller_of(&place, row), place.hierarchy) &&
	       look(&place, row, ret_stat, error);
}
