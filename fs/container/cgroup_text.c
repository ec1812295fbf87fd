/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts of the cgroup tree's files: the kernel's own where it has them in the shape that the container sees, and
 * else, and for limits, made of the same figures.
 */
#include "cgroup/error.h"
#include "fs/container/cgroup_tree_private.h"
#include "fs/container/fault.h"
#include "fs/container/reader_ids.h"

#include <errno.h>
#include <string.h>

/* One text that is being made. */
struct making {
	struct tree_place place;
	const struct row *row;
	enum cg_controller controller;
	pid_t reader;
	GString *source[VIEW_TREE_SOURCES];
	struct cg_cputime time;
	struct cg_io io;
};

static void making_clear(struct making *making)
{
	for (unsigned i = 0; i < VIEW_TREE_SOURCES; i++) {
		if (making->source[i])
			g_string_free(making->source[i], TRUE);
	}
	cg_cputime_clear(&making->time);
	cg_io_clear(&making->io);
	tree_place_clear(&making->place);
}

static struct view_tree *tree_of(struct making *making)
{
	return &making->place.look.view.tree;
}

static GString *new_source(struct making *making, unsigned place)
{
	g_assert(place < VIEW_TREE_SOURCES && !making->source[place]);
	return making->source[place] = g_string_new(NULL);
}

/* ---- one function a need ---- */

static bool look_controllers(struct making *making, GError **error)
{
	(void)error;
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		if (cg_group_enabled(making->place.look.group, c))
			tree_of(making)->controllers |= 1u << c;
	}
	return true;
}

static bool look_ids(struct making *making, bool threads, GError **error)
{
	struct look *look = &making->place.look;
	enum ids_style style = making->place.shape == VIEW_SHAPE_V1 ? IDS_V1 : IDS_V2;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	GString *text = new_source(making, 0);

	return cg_group_own_ids(look->group, making->controller, threads, ids, error) &&
	       reader_ids_append(look->host, making->reader, ids, style, text, error);
}

static bool look_processes(struct making *making, GError **error)
{
	return look_ids(making, false, error);
}

static bool look_threads(struct making *making, GError **error)
{
	return look_ids(making, true, error);
}

static bool look_quota(struct making *making, GError **error)
{
	return cg_group_quota(making->place.look.group, &tree_of(making)->quota, error);
}

/* Where only the CPU controller is the container's own there is no time of its own to tell. */
static bool look_cpu_time(struct making *making, GError **error)
{
	CgGroup *group = making->place.look.group;

	if (cg_group_has(group, CG_CPUACCT) && !cg_group_cputime(group, &making->time, error))
		return false;
	tree_of(making)->time = making->time;
	return true;
}

static bool look_tree_memory(struct making *making, GError **error)
{
	return cg_group_memory(making->place.look.group, &making->place.look.view.memory, error);
}

static bool look_pids(struct making *making, GError **error)
{
	return cg_group_pids(making->place.look.group, &tree_of(making)->pids, error);
}

/* Those of the container's own cgroup are those of /proc/diskstats, which never go back. */
static bool look_devices(struct making *making, GError **error)
{
	struct look *look = &making->place.look;
	struct io_moment moment = { .begun_us = host_now_us(look->host) };

	if (!cg_group_io(look->group, &making->io, error))
		return false;
	moment.ended_us = host_now_us(look->host);
	if (making->place.number == 0)
		container_hold_io(look->container, &moment, &making->io);
	tree_of(making)->io = making->io;
	return true;
}

/* "hugetlb.2MB.max" */
static uint64_t page_size(const char *name)
{
	char *end;
	uint64_t number = g_ascii_strtoull(name + strlen("hugetlb."), &end, 10);

	return number << (g_str_has_prefix(end, "GB") ? 30 : 20);
}

static bool look_hugetlb(struct making *making, GError **error)
{
	struct look *look = &making->place.look;

	look->view.huge.page_size = page_size(rows_name(making->row));
	return cg_group_hugetlb(look->group, look->view.huge.page_size, &tree_of(making)->hugetlb, error);
}

static const struct {
	unsigned need;
	bool (*look)(struct making *making, GError **error);
} looks[] = {
	{ VIEW_TREE_CONTROLLERS, look_controllers },
	{ VIEW_TREE_PROCESSES, look_processes },
	{ VIEW_TREE_THREADS, look_threads },
	{ VIEW_TREE_QUOTA, look_quota },
	{ VIEW_TREE_CPU_TIME, look_cpu_time },
	{ VIEW_TREE_MEMORY, look_tree_memory },
	{ VIEW_TREE_PIDS, look_pids },
	{ VIEW_TREE_DEVICES, look_devices },
	{ VIEW_TREE_HUGETLB, look_hugetlb },
};

static bool look_at_needs(struct making *making, GError **error)
{
	unsigned rest = making->row->needs & ~(unsigned)VIEW_TREE;

	for (unsigned i = 0; i < G_N_ELEMENTS(looks); i++) {
		if (rest & looks[i].need && !looks[i].look(making, error))
			return false;
		rest &= ~looks[i].need;
	}
	return look_at(&making->place.look, rest, error);
}

/* ---- the files it is made from ---- */

struct reading {
	struct making *making;
	GError **error;
};

/* One that is missing says nothing. */
static bool read_other(const char *name, unsigned place, void *data)
{
	struct reading *reading = data;
	struct making *making = reading->making;
	bool present;

	return cg_group_file(making->place.look.group, making->controller, name, new_source(making, place), &present,
			     reading->error);
}

/* Where the version is the row's own, as with a limit, what `other` names is not there to be read. */
static bool look_at_others(struct making *making, GError **error)
{
	struct reading reading = { making, error };

	return tree_others(making->row, read_other, &reading);
}

static bool read_kernels(struct making *making, GError **error)
{
	const char *name = rows_name(making->row);
	bool present;

	return cg_group_file(making->place.look.group, making->controller, name, new_source(making, 0), &present,
			     error) &&
	       (present || cg_fail(error, ENOENT, "%s: the cgroup has no such file any more", making->row->path));
}

static bool make(struct making *making, GError **error)
{
	return look_at_needs(making, error) && look_at_others(making, error);
}

static GString *text_of(struct making *making, GError **error)
{
	enum tree_origin origin = tree_origin_of(&making->place, making->row);
	struct look *look = &making->place.look;
	GString *text;

	if (origin == TREE_ABSENT) {
		cg_fail(error, ENOENT, "%s: the cgroup has no such file", making->row->path);
		return NULL;
	}
	making->controller = tree_controller_of(&making->place, making->row);
	if (origin == TREE_KERNELS)
		return read_kernels(making, error) ? g_steal_pointer(&making->source[0]) : NULL;
	look->row = making->row;
	if (!make(making, error))
		return NULL;
	for (unsigned i = 0; i < VIEW_TREE_SOURCES; i++)
		look->view.tree.source[i] = making->source[i] ? making->source[i]->str : NULL;
	text = g_string_new(NULL);
	making->row->render(&look->view, text);
	return text;
}

GString *cgroup_tree_text(Registry *registry, Container *container, const struct row *row, struct gather_index index,
			  pid_t reader, GError **error)
{
	cg_cleanup(making_clear) struct making making = { .row = row, .reader = reader };

	fault_strike(row->path);
	if (!tree_place_open(&making.place, registry, container, rows_parent(row), cgroup_tree_number(index), error))
		return NULL;
	return text_of(&making, error);
}
