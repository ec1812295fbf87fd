/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of registered containers by cgroup path: which of them holds a
 * caller? Not locked: the registry does that.
 */
#pragma once

#include "fs/container/container_private.h"

typedef struct Boundaries Boundaries;

Boundaries *boundaries_new(void);
void boundaries_free(Boundaries *boundaries);

/* The container must be removed before its last reference goes. */
void boundaries_add(Boundaries *boundaries, Container *container);
void boundaries_remove(Boundaries *boundaries, Container *container);

/*
 * The container with the longest path that is the caller's own or an ancestor
 * of it; NULL when there is none; borrowed. "/" counts for nothing, and in each controller where
 * the container has a cgroup of its own it must hold the caller: in one controller many
 * containers may share a cgroup, which says nothing about who is whose.
 */
Container *boundaries_find(const Boundaries *boundaries, const struct cg_paths *paths);
