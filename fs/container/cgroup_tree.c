/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/cgroup_tree.h"

#include "cgroup/error.h"
#include "fs/container/cgroup_tree_private.h"
#include "fs/container/host_private.h"
#include "fs/view/render_cgroup.h"

#include <errno.h>
#include <string.h>

/* The order of entries: those of rows, by their ids, and then the cgroups within, by number. */
#define NESTED_ORDER (UINT64_C(1) << 40)

/* GATHER_MOST_FIRST has 14 bits, GATHER_MOST_SECOND 12. */
#define FIRST_BITS 14

G_STATIC_ASSERT(GATHER_MOST_FIRST == (1 << FIRST_BITS) - 1);
G_STATIC_ASSERT(((GATHER_MOST_SECOND << FIRST_BITS) | GATHER_MOST_FIRST) == CG_NESTED_MOST);

struct gather_index cgroup_tree_index(uint32_t number)
{
	return (struct gather_index){ .first = number & GATHER_MOST_FIRST, .second = number >> FIRST_BITS };
}

uint32_t cgroup_tree_number(struct gather_index index)
{
	return (uint32_t)index.second << FIRST_BITS | index.first;
}

/* ---- shapes and controllers ---- */

/* A host with any controller in v1 is one of v1, as its /sys/fs/cgroup looks. */
static enum view_shape host_shape(const CgHierarchies *hierarchies)
{
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		if (c != CG_CORE && cg_hierarchies_version(hierarchies, c) == 1)
			return VIEW_SHAPE_V1;
	}
	return cg_hierarchies_version(hierarchies, CG_CORE) == 2 ? VIEW_SHAPE_V2 : VIEW_SHAPE_V1;
}

enum view_shape cgroup_tree_shape(Registry *registry, const Container *container)
{
	enum view_shape shape = container_options(container).cgroup_shape;

	return shape == VIEW_SHAPE_V1 || shape == VIEW_SHAPE_V2 ? shape : host_shape(registry_hierarchies(registry));
}

/* The one that knows of the cgroups within best; CG_CONTROLLERS where the container has a cgroup in none. */
static enum cg_controller main_controller(const CgGroup *group)
{
	static const enum cg_controller order[] = { CG_CORE, CG_PIDS, CG_MEMORY, CG_CPU, CG_CPUACCT, CG_CPUSET, CG_IO };

	for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
		if (cg_group_has(group, order[i]))
			return order[i];
	}
	return CG_CONTROLLERS;
}

/* Processes are told of even where the hierarchy that is theirs alone is not the container's. */
enum cg_controller tree_controller_of(const struct tree_place *place, const struct row *row)
{
	const CgGroup *group = place->look.group;

	if (row->controller == CG_CONTROLLERS || row->controller == CG_CORE)
		return main_controller(group);
	return cg_group_has(group, row->controller) ? row->controller : CG_CONTROLLERS;
}

static enum view_shape version_of(const struct tree_place *place, const struct row *row, enum cg_controller controller)
{
	const CgHierarchies *hierarchies = registry_hierarchies(place->look.registry);

	if (row->controller == CG_CONTROLLERS)
		return host_shape(hierarchies);
	return cg_hierarchies_version(hierarchies, controller) == 2 ? VIEW_SHAPE_V2 : VIEW_SHAPE_V1;
}

bool tree_is_native(const struct tree_place *place, const struct row *row)
{
	enum cg_controller controller = tree_controller_of(place, row);

	return controller != CG_CONTROLLERS && place->shape == host_shape(registry_hierarchies(place->look.registry)) &&
	       place->shape == version_of(place, row, controller);
}

bool tree_is_cgroup(const struct tree_place *place, const struct row *directory)
{
	return directory->shape == VIEW_SHAPE_V1 || place->shape == VIEW_SHAPE_V2;
}

/* ---- rows ---- */

bool tree_others(const struct row *row, tree_each_other each, void *data)
{
	g_auto(GStrv) names = g_strsplit(row->other ? row->other : "", " ", -1);

	for (unsigned i = 0; names[i]; i++) {
		if (!each(names[i], i, data))
			return false;
	}
	return true;
}

struct question {
	const CgGroup *group;
	enum cg_controller controller;
	bool there;
};

static bool is_there(const char *name, unsigned place, void *data)
{
	struct question *question = data;

	(void)place;
	question->there = cg_group_has_file(question->group, question->controller, name);
	return false; /* the first one decides */
}

static bool has_others(const struct tree_place *place, const struct row *row, enum cg_controller controller)
{
	struct question question = { place->look.group, controller, true };

	tree_others(row, is_there, &question);
	return question.there;
}

enum tree_origin tree_origin_of(const struct tree_place *place, const struct row *row)
{
	enum cg_controller controller = tree_controller_of(place, row);
	bool lists = row->needs & (VIEW_TREE_PROCESSES | VIEW_TREE_THREADS);

	if (controller == CG_CONTROLLERS || row->shape != place->shape)
		return TREE_ABSENT;
	if (row->kind != ROW_FILE || row->link)
		return cg_group_enabled(place->look.group, controller) ? TREE_MADE : TREE_ABSENT;
	if (lists)
		return TREE_MADE;
	if (version_of(place, row, controller) == row->shape) {
		if (!cg_group_has_file(place->look.group, controller, rows_name(row)))
			return TREE_ABSENT;
		return row->limit && place->number == 0 ? TREE_MADE : TREE_KERNELS;
	}
	if (!row->other && row->render == cgroup_kernels_render)
		return TREE_ABSENT;
	return has_others(place, row, controller) ? TREE_MADE : TREE_ABSENT;
}

/* ---- a place ---- */

void tree_place_clear(struct tree_place *place)
{
	look_clear(&place->look);
}

/*
 * What is within the host is all containers. Who has no cgroup is the host by our reckoning, but may be anywhere else; and
 * whoever is on the host has the kernel's own tree.
 */
static bool has_children(const struct tree_place *place)
{
	return place->hierarchy != CG_CONTROLLERS && !cg_group_is_host(place->look.group);
}

static bool enter(struct tree_place *place, GError **error)
{
	g_autoptr(CgGroup) container = NULL;

	if (!has_children(place))
		return cg_fail(error, ENOENT, "number %u: the container has no cgroups within", place->number);
	container = g_steal_pointer(&place->look.group);
	place->look.group = cg_group_nested(container, place->hierarchy, place->number, error);
	return place->look.group != NULL;
}

bool tree_place_open(struct tree_place *place, Registry *registry, Container *container, const struct row *directory,
		     uint32_t number, GError **error)
{
	*place = (struct tree_place){ .number = number };
	if (!look_begin(&place->look, registry, container, error))
		return false;
	place->shape = cgroup_tree_shape(registry, container);
	place->hierarchy = tree_controller_of(place, directory);
	if (directory->shape != VIEW_SHAPE_HOST && directory->shape != place->shape)
		return cg_fail(error, ENOENT, "%s: not in the shape that the container sees", directory->path);
	return number == 0 || enter(place, error);
}

/* ---- entries ---- */

struct visitor {
	struct tree_place place;
	const struct row *directory;
	const char *only;
	cgroup_visit visit;
	void *data;
};

static bool visit_row(const struct visitor *visitor, const struct row *row)
{
	struct cgroup_entry entry = {
		.row = row,
		.index = cgroup_tree_index(visitor->place.number),
		.name = rows_name(row),
		.order = row->id,
	};

	if (visitor->only && strcmp(visitor->only, entry.name) != 0)
		return true;
	if (!rows_is_child(row, visitor->directory) || tree_origin_of(&visitor->place, row) == TREE_ABSENT)
		return true;
	return visitor->visit(&entry, visitor->data);
}

static bool visit_rows(const struct visitor *visitor)
{
	for (unsigned id = 1; id < ROW_IDS; id++) {
		const struct row *row = rows_by_id(id);

		if (row && row_in_tree(row) && !visit_row(visitor, row))
			return false;
	}
	return true;
}

static bool visit_nested(const struct visitor *visitor, uint32_t number, const char *name)
{
	struct cgroup_entry entry = {
		.row = visitor->directory,
		.index = cgroup_tree_index(number),
		.name = name,
		.order = NESTED_ORDER + number,
	};

	return visitor->visit(&entry, visitor->data);
}

static bool visit_children(const struct visitor *visitor, GError **error)
{
	const struct tree_place *place = &visitor->place;
	g_autoptr(GArray) children = cg_group_children(place->look.group, place->hierarchy, error);

	if (!children)
		return false;
	for (unsigned i = 0; i < children->len; i++) {
		const struct cg_nested *child = &g_array_index(children, struct cg_nested, i);

		if (!visit_nested(visitor, child->number, child->name))
			break;
	}
	return true;
}

static bool may_hold_cgroups(const struct visitor *visitor)
{
	return has_children(&visitor->place) && tree_is_cgroup(&visitor->place, visitor->directory);
}

/* ---- the way from the host's root ---- */

/*
 * In a container without a cgroup namespace /proc/PID/cgroup has the container's path from the host's root (cgroups(7)), and
 * whoever looks for its own limits, as a JVM does, appends that to the mount point. For those each name in that path leads back to
 * where it is found. Nobody else is shown names that are not there.
 */
static bool sees_hosts_paths(const struct tree_place *place)
{
	const Host *host = place->look.host;
	pid_t init = container_init(place->look.container);
	uint64_t its;

	return init > 0 && host_read_namespace(host, init, "cgroup", &its) == 0 &&
	       its == host_own_namespace(host, "cgroup");
}

static bool has_name(const char *path, const char *name)
{
	g_auto(GStrv) names = g_strsplit(path ? path : "", "/", -1);

	return *name && g_strv_contains((const char *const *)names, name);
}

static void visit_way(const struct visitor *visitor)
{
	const struct tree_place *place = &visitor->place;
	struct cgroup_entry entry = { .row = rows_by_id(ROW_CGROUP_WAY), .name = visitor->only, .order = NESTED_ORDER };

	if (place->number == 0 && has_name(cg_group_paths(place->look.group)->of[place->hierarchy], visitor->only) &&
	    sees_hosts_paths(place))
		visitor->visit(&entry, visitor->data);
}

static bool visit_all(const struct visitor *visitor, GError **error)
{
	uint32_t number;

	if (!visit_rows(visitor) || !may_hold_cgroups(visitor))
		return true;
	if (!visitor->only)
		return visit_children(visitor, error);
	number = cg_group_child(visitor->place.look.group, visitor->place.hierarchy, visitor->only);
	if (number)
		visit_nested(visitor, number, visitor->only);
	else
		visit_way(visitor);
	return true;
}

bool cgroup_tree_list(Registry *registry, Container *container, const struct row *directory, struct gather_index index,
		      const char *only, cgroup_visit visit, void *data, GError **error)
{
	struct visitor visitor = { .directory = directory, .only = only, .visit = visit, .data = data };
	bool done = tree_place_open(&visitor.place, registry, container, directory, cgroup_tree_number(index), error) &&
		    visit_all(&visitor, error);

	tree_place_clear(&visitor.place);
	return done;
}
