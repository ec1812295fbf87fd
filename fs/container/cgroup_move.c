/* SPDX-License-Identifier: Apache-2.0
 *
 * Which process is to be moved. The kernel looks a number up in the pid namespace of whoever writes, and asks that his cgroup
 * namespace holds the cgroup that the process comes from (cgroup_procs_write_start(), cgroup_procs_write_permission() of
 * kernel/cgroup/cgroup.c). The daemon has other namespaces, so this is done here.
 *
 * A race remains. Between the last look at the process and the kernel's own it may end, and the very number be given to
 * another one: some microseconds, in which all other numbers would have to be used up. Or it may be moved out of the container
 * meanwhile by somebody who may do that, and is then moved back. Either way the kernel asks the caller's credentials.
 */
#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/beneath.h"
#include "fs/container/cgroup_tree_private.h"
#include "fs/container/cgroup_write.h"
#include "fs/container/host_private.h"
#include "fs/container/reader_ids.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define BLANKS " \t\n\v\f\r"

bool cgroup_tree_parse_id(const char *data, size_t size, pid_t *ret_id)
{
	g_autofree char *text = g_strndup(data, size);
	const char *at = text + strspn(text, BLANKS);
	uint64_t id;

	/* The kernel would take 010 for 8, and what comes after a byte of 0 for nothing. */
	if (strlen(text) != size || (at[0] == '0' && g_ascii_isdigit(at[1])) || !cg_take_u64(&at, &id) || id > INT_MAX)
		return false;
	if (at[strspn(at, BLANKS)] != '\0')
		return false;
	*ret_id = (pid_t)id;
	return true;
}

void tree_moved_clear(struct tree_moved *moved)
{
	close(moved->witness);
}

static bool is_within(const struct cg_paths *paths, CgGroup *container, enum cg_controller controller)
{
	const char *outer = cg_group_paths(container)->of[controller], *inner = paths->of[controller];

	return outer && inner && cg_path_within(inner, outer);
}

bool tree_moved_stands(const struct cgroup_writer *writer, CgGroup *container, enum cg_controller controller,
		       const struct tree_moved *moved, GError **error)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", moved->id);
	g_autoptr(GString) text = g_string_new(NULL);
	int r = beneath_read_kept(moved->witness, text);

	if (r < 0)
		return cg_fail(error, r == -ENOENT ? ESRCH : -r, "%s: %s", file, g_strerror(-r));
	if (!cg_paths_parse(registry_hierarchies(writer->registry), text->str, file, &paths, error))
		return false;
	return is_within(&paths, container, controller) ||
	       cg_fail(error, EPERM, "process %d is not in the container", moved->id);
}

/* The number still means the process that the witness was opened for: after this look it is the same one as long as it is there. */
static bool is_still(const struct cgroup_writer *writer, pid_t id, pid_t number, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	pid_t found;

	g_array_append_val(ids, id);
	return number == 0 || reader_ids_find(registry_host(writer->registry), writer->tid, ids, number, &found, error);
}

static bool find_number(const struct cgroup_writer *writer, CgGroup *container, enum cg_controller controller,
			bool threads, pid_t number, pid_t *ret_id, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));

	return cg_group_ids_within(container, controller, threads, ids, error) &&
	       reader_ids_find(registry_host(writer->registry), writer->tid, ids, number, ret_id, error);
}

static bool find_writer(const struct cgroup_writer *writer, bool threads, pid_t *ret_id, GError **error)
{
	pid_t leader = threads ? writer->tid : host_leader(registry_host(writer->registry), writer->tid);

	if (leader < 0)
		return cg_fail(error, leader == -ENOENT ? ESRCH : -leader, "/proc/%d/status: %s", writer->tid,
			       g_strerror(-leader));
	*ret_id = leader;
	return true;
}

bool tree_moved_find(const struct cgroup_writer *writer, CgGroup *container, enum cg_controller controller,
		     bool threads, pid_t number, struct tree_moved *ret_moved, GError **error)
{
	struct tree_moved moved = { .witness = -1 };

	if (number == 0 ? !find_writer(writer, threads, &moved.id, error)
			: !find_number(writer, container, controller, threads, number, &moved.id, error))
		return false;
	moved.witness = host_open_small(registry_host(writer->registry), moved.id, "cgroup");
	if (moved.witness < 0)
		return cg_fail(error, moved.witness == -ENOENT ? ESRCH : -moved.witness, "/proc/%d/cgroup: %s",
			       moved.id, g_strerror(-moved.witness));
	if (is_still(writer, moved.id, number, error) &&
	    tree_moved_stands(writer, container, controller, &moved, error)) {
		*ret_moved = moved;
		return true;
	}
	tree_moved_clear(&moved);
	return false;
}
