/* SPDX-License-Identifier: Apache-2.0
 *
 * Of the registry, for this room alone.
 */
#pragma once

#include "fs/container/container_private.h"
#include "fs/container/known_callers.h"
#include "fs/container/registry.h"

/* The container that is exactly these cgroups, if one is remembered and lives. */
Container *registry_known_cgroup(Registry *registry, const struct cg_paths *paths);

/* How often a container was registered or forgotten: what step 1 says may be another thing when this has changed. */
unsigned registry_registrations(Registry *registry);

KnownCallers *registry_known_callers(Registry *registry);

/*
 * Takes a registered container in. NULL when its id is taken: *ret_other is then the other one, with
 * a reference; or else when all slots are used up. The slot in `birth` is filled in.
 */
Container *registry_admit(Registry *registry, struct container_birth *birth, Container **ret_other);

/* For tests: as if so many had been registered. */
void registry_set_last_slot(Registry *registry, uint64_t slot);
