/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/tree.h"

#include "cgroup/cpulist.h"
#include "fs/container/id.h"
#include "fs/view/cpus.h"

#include <string.h>

/*
 * A listing's cookie is 1 + the ordinal of the row in the table in the upper
 * half and 1 + the instance (CPU, cache or slot) in the lower one. It means the
 * same to the next call whatever came or went in between.
 */
#define COOKIE_SHIFT 32

/* More caches than any CPU has; the kernel numbers them without gaps. */
#define MAX_CACHES 64

struct listing {
	Registry *registry;
	const struct view_cpus *cpus; /* NULL where none are needed */
	const struct node *parent;
	uint64_t after;
	const char *only; /* the one name that is looked for; NULL: all */
	tree_visit visit;
	void *data;
};

bool tree_is_directory(const struct row *row)
{
	return row->kind != ROW_FILE;
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

static bool has_cpu_entries(const struct row *row)
{
	unsigned n;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		if (rows[i].kind == ROW_EACH_CPU && rows_is_child(&rows[i], row))
			return true;
	}
	return false;
}

bool tree_needs_container(const struct node *parent)
{
	return strchr(parent->row->path, '%') != NULL || has_cpu_entries(parent->row);
}

/* Whether the row is an entry of that directory: the root has no parent, a container's tree no containers. */
static bool is_child(const struct row *row, const struct node *parent)
{
	return rows_is_child(row, parent->row) && !(row->kind == ROW_CONTAINERS && parent->slot != 0);
}

/* ---- listing: each function returns false when the visitor has had enough ---- */

static bool visit_instance(const struct listing *listing, const struct row *row, uint64_t ordinal, unsigned instance,
			   struct gather_index index)
{
	char name[64];
	const char *pattern = rows_name(row);
	const char *percent = strchr(pattern, '%');
	struct tree_entry entry = {
		.node = { .row = row, .slot = listing->parent->slot, .index = index },
		.name = pattern,
		.fleeting = percent != NULL,
		.cookie = (ordinal + 1) << COOKIE_SHIFT | (instance + 1),
	};

	if (percent) {
		g_snprintf(name, sizeof name, "%.*s%u", (int)(percent - pattern), pattern, instance);
		entry.name = name;
	}
	if (entry.cookie <= listing->after || (listing->only && strcmp(entry.name, listing->only) != 0) ||
	    !gather_exists(registry_host(listing->registry), listing->cpus, row, index))
		return true;
	return listing->visit(&entry, listing->data);
}

static bool visit_cpus(const struct listing *listing, const struct row *row, uint64_t ordinal)
{
	cg_cpumask_foreach (cpu, &listing->cpus->visible) {
		unsigned shown = view_cpus_shown(listing->cpus, cpu);

		if (!visit_instance(listing, row, ordinal, shown, (struct gather_index){ .cpu = cpu }))
			return false;
	}
	return true;
}

static bool visit_caches(const struct listing *listing, const struct row *row, uint64_t ordinal)
{
	struct gather_index index = { .cpu = listing->parent->index.cpu };

	for (index.cache = 0; index.cache < MAX_CACHES; index.cache++) {
		if (!gather_exists(registry_host(listing->registry), listing->cpus, row, index))
			return true;
		if (!visit_instance(listing, row, ordinal, index.cache, index))
			return false;
	}
	return true;
}

static bool visit_row(const struct listing *listing, const struct row *row, uint64_t ordinal)
{
	switch (row->kind) {
	case ROW_EACH_CPU:
		return visit_cpus(listing, row, ordinal);
	case ROW_EACH_CACHE:
		return visit_caches(listing, row, ordinal);
	case ROW_DIRECTORY:
	case ROW_CONTAINERS:
	case ROW_FILE:
		return visit_instance(listing, row, ordinal, 0, listing->parent->index);
	}
	g_return_val_if_reached(true);
}

static void visit_rows(const struct listing *listing)
{
	unsigned n;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		if (is_child(&rows[i], listing->parent) && !visit_row(listing, &rows[i], i))
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

static bool list(struct listing *listing, Container *container, GError **error)
{
	struct view_cpus cpus;

	if (listing->parent->row->kind == ROW_CONTAINERS) {
		visit_containers(listing);
		return true;
	}
	if (tree_needs_container(listing->parent)) {
		if (!gather_cpus(listing->registry, container, &cpus, error))
			return false;
		listing->cpus = &cpus;
	}
	visit_rows(listing);
	listing->cpus = NULL;
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
