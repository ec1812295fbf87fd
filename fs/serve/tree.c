/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/tree.h"

#include "fs/container/cgroup_tree.h"
#include "fs/container/each.h"
#include "fs/container/entries.h"
#include "fs/container/id.h"

#include <string.h>

/*
 * A listing's cookie is the id of the row in the upper half and 1 + the instance (CPU, cache or slot) in the lower one. It
 * means the same to the next call whatever came or went in between, and to a worker of another version, which has other rows.
 */
#define COOKIE_SHIFT 32

struct listing {
	Registry *registry;
	const Entries *entries;
	const struct node *parent;
	uint64_t after;
	const char *only; /* the one name that is looked for; NULL: all */
	tree_visit visit;
	void *data;
};

bool tree_is_directory(const struct row *row)
{
	return rows_is_directory(row);
}

bool tree_is_guarded(const struct node *node)
{
	return node->row->kind == ROW_CONTAINERS;
}

bool tree_is_own_name(const char *name, uid_t uid)
{
	uid_t owner;

	return uid != 0 && container_id_parse(name, &owner) && owner == uid;
}

bool tree_needs_container(const struct node *parent)
{
	return row_in_tree(parent->row) || entries_need_container(parent->row);
}

/* Whether the row is an entry of that directory: the root has no parent, a container's tree no containers. */
static bool is_child(const struct row *row, const struct node *parent)
{
	return rows_is_child(row, parent->row) && !(row->kind == ROW_CONTAINERS && parent->slot != 0);
}

/* ---- listing: each function returns false when the visitor has had enough ---- */

/* The same number for the same thing, in the order in which things are listed (each.h). */
static uint64_t instance_number(struct gather_index index)
{
	return (uint64_t)index.second * (GATHER_MOST_FIRST + 1) + index.first;
}

static bool visit_instance(const struct listing *listing, const struct row *row, struct gather_index index)
{
	g_autofree char *name = entries_name(listing->entries, row, index);
	struct tree_entry entry = {
		.node = { .row = row, .slot = listing->parent->slot, .index = index },
		.name = name,
		.fleeting = each_is(row->kind),
		.cookie = (uint64_t)row->id << COOKIE_SHIFT | (instance_number(index) + 1),
	};

	if (entry.cookie <= listing->after || (listing->only && strcmp(entry.name, listing->only) != 0))
		return true;
	return listing->visit(&entry, listing->data);
}

static bool visit_row(const struct listing *listing, const struct row *row)
{
	g_autoptr(GArray) instances = NULL;

	if (listing->only && !each_is(row->kind) && strcmp(rows_name(row), listing->only) != 0)
		return true;
	instances = entries_of(listing->entries, row, listing->parent->index);
	for (unsigned i = 0; i < instances->len; i++) {
		if (!visit_instance(listing, row, g_array_index(instances, struct gather_index, i)))
			return false;
	}
	return true;
}

static void visit_rows(const struct listing *listing)
{
	for (unsigned id = 1; id < ROW_IDS; id++) {
		const struct row *row = rows_by_id(id);

		if (row && is_child(row, listing->parent) && !visit_row(listing, row))
			return;
	}
}

static struct tree_entry container_entry(const Container *container)
{
	return (struct tree_entry){
		.node = { .row = rows_by_id(ROW_ROOT), .slot = container_slot(container) },
		.name = container_id(container),
		.fleeting = true,
		.cookie = container_slot(container),
	};
}

static void visit_containers(const struct listing *listing)
{
	g_autoptr(GPtrArray) containers = registry_list(listing->registry);

	for (unsigned i = 0; i < containers->len; i++) {
		struct tree_entry entry = container_entry(containers->pdata[i]);

		if (entry.cookie > listing->after && !listing->visit(&entry, listing->data))
			return;
	}
}

/* The cgroup tree, whose orders are the cookies. */
static bool visit_cgroup(const struct cgroup_entry *found, void *data)
{
	const struct listing *listing = data;
	struct tree_entry entry = {
		.node = { .row = found->row, .slot = listing->parent->slot, .index = found->index },
		.name = found->name,
		.fleeting = true,
		.cookie = found->order,
	};

	return entry.cookie <= listing->after || listing->visit(&entry, listing->data);
}

static bool list(struct listing *listing, Container *container, GError **error)
{
	g_autoptr(Entries) entries = NULL;

	if (listing->parent->row->kind == ROW_CONTAINERS) {
		visit_containers(listing);
		return true;
	}
	if (row_in_tree(listing->parent->row))
		return cgroup_tree_list(listing->registry, container, listing->parent->row, listing->parent->index,
					listing->only, visit_cgroup, listing, error);
	entries = entries_new(listing->registry, container, listing->parent->row, error);
	if (!entries)
		return false;
	listing->entries = entries;
	visit_rows(listing);
	listing->entries = NULL;
	return true;
}

bool tree_list(Registry *registry, Container *container, const struct node *parent, uint64_t cookie, tree_visit visit,
	       void *data, GError **error)
{
	struct listing listing = {
		.registry = registry, .parent = parent, .after = cookie, .visit = visit, .data = data
	};

	return list(&listing, container, error);
}

/* ---- finding: the same entries, by name ---- */

struct search {
	struct tree_entry *ret_entry;
	bool found;
};

static bool search_visit(const struct tree_entry *entry, void *data)
{
	struct search *search = data;

	*search->ret_entry = *entry;
	search->found = true;
	return false;
}

static bool find_container(Registry *registry, const char *id, struct tree_entry *ret_entry)
{
	g_autoptr(Container) container = registry_by_id(registry, id);

	if (!container)
		return false;
	*ret_entry = container_entry(container);
	return true;
}

bool tree_find(Registry *registry, Container *container, const struct node *parent, const char *name,
	       struct tree_entry *ret_entry, GError **error)
{
	struct search search = { .ret_entry = ret_entry };
	struct listing listing = {
		.registry = registry, .parent = parent, .only = name, .visit = search_visit, .data = &search
	};

	if (parent->row->kind == ROW_CONTAINERS)
		search.found = find_container(registry, name, ret_entry);
	else if (!list(&listing, container, error))
		return false;
	ret_entry->name = name;
	return search.found;
}
