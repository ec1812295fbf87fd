/* SPDX-License-Identifier: Apache-2.0
 *
 * The directories: what lies below a node. Made from the table of rows, the
 * registered containers and the CPUs that a container sees; nothing is kept.
 */
#pragma once

#include "fs/serve/node.h"

/* A directory's entry. `fleeting` ones may be another thing for the next caller or at the next moment: never cached. */
struct tree_entry {
	struct node node;
	const char *name; /* borrowed for the call */
	bool fleeting;
	uint64_t cookie; /* where the listing goes on after this entry, in any version; never 0 */
};

/*
 * The child of that name. `container` is the one whose tree it is (NULL where
 * tree_needs_container() says that none is needed). False with no error set: no
 * such entry.
 */
bool tree_find(Registry *registry, Container *container, const struct node *parent, const char *name,
	       struct tree_entry *ret_entry, GError **error);

/* Called for each entry after `cookie` (0: from the start) until it returns false. */
typedef bool (*tree_visit)(const struct tree_entry *entry, void *data);
bool tree_list(Registry *registry, Container *container, const struct node *parent, uint64_t cookie, tree_visit visit,
	       void *data, GError **error);

/* The directory's entries depend on a container: it lies at or below the CPUs' directory, or in the cgroup tree. */
bool tree_needs_container(const struct node *parent);

/* The directory that only root in the daemon's own namespaces may look into. */
bool tree_is_guarded(const struct node *node);

/* The name in the guarded directory is one of this user's, by which it may look up what it registered itself (id.h). */
bool tree_is_own_name(const char *name, uid_t uid);

bool tree_is_directory(const struct row *row);
