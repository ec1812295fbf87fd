/* SPDX-License-Identifier: Apache-2.0
 *
 * Of the registry, for this room alone.
 */
#pragma once

#include "fs/container/container_private.h"
#include "fs/container/known_callers.h"
#include "fs/container/registry.h"
#include "fs/container/saved.h"

/* The container that is exactly these cgroups, if one is remembered and lives. */
Container *registry_known_cgroup(Registry *registry, const struct cg_paths *paths);

/* How often a container was registered or forgotten: what step 1 says may be another thing when this has changed. */
unsigned registry_registrations(Registry *registry);

KnownCallers *registry_known_callers(Registry *registry);

/* Those of all known containers of which the test says yes, each with a reference, by slot. */
GPtrArray *registry_select(Registry *registry, bool (*wanted)(Container *));

/*
 * Takes a registered container in. NULL when its id is taken: *ret_other is then the other one, with
 * a reference; or else when all slots are used up. The slot in `birth` is filled in.
 */
Container *registry_admit(Registry *registry, struct container_birth *birth, Container **ret_other);

/* ---- for restore.c ---- */

typedef struct Restoring Restoring;
void restoring_free(Restoring *restoring);

/* The registry's own, for the one thread that restores. */
Restoring **registry_restoring(Registry *registry);

/*
 * Takes a restored container in, under the number in `birth`. One of the same cgroups that is not registered gives way
 * to a registered one. NULL where the number, the id or the cgroup is another's. Not kept yet.
 */
Container *registry_adopt(Registry *registry, const struct container_birth *birth);

/* From now on new containers and numbers are kept (not with NULL); `place` is where the numbers are, 0 if nowhere yet. */
void registry_begin_keeping(Registry *registry, Store *store, store_place place, const struct saved_numbers *numbers);

/* For tests: as if this number had been given last, to a registered container or to another one. */
void registry_set_last(Registry *registry, uint64_t number);
