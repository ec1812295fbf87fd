/* SPDX-License-Identifier: Apache-2.0
 *
 * Which entries a directory has for a container at one moment: what the container sees of the things of which there are
 * many, and which files the host has. What is below /sys/fs/cgroup is told by cgroup_tree.h instead.
 */
#pragma once

#include "fs/container/gather.h"

typedef struct Entries Entries;

/* The directory's entries are not the same for everyone. */
bool entries_need_container(const struct row *directory);

/* Enough to tell the entries of that directory; `container` may be NULL where none is needed. NULL with CG_ERROR. */
Entries *entries_new(Registry *registry, Container *container, const struct row *directory, GError **error);
void entries_free(Entries *entries);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Entries, entries_free)

/* The row exists for the container: its host file does where it has one, and what its path names is seen. */
bool entries_have(const Entries *entries, const struct row *row, struct gather_index index);

/* The instances of an entry of the directory that exist: elements of type struct gather_index, in order; one for a row without "%". */
GArray *entries_of(const Entries *entries, const struct row *row, struct gather_index parent);

/* What was looked at for this; the rest of the view is empty. */
const struct view *entries_view(const Entries *entries);

/* The name of an entry, newly allocated. */
char *entries_name(const Entries *entries, const struct row *row, struct gather_index index);
