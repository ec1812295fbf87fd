/* SPDX-License-Identifier: Apache-2.0
 *
 * Two workers of one host made of files, of which the second one takes over from the first, for tests.
 */
#pragma once

#include "fs/container/registry_private.h"
#include "tests/fs/container/world.h"

struct handover {
	struct world *world;
	int fd;
	Store *store, *next_store;
	Registry *first, *next;
};

/* A test's setup and teardown: the first one serves, the second one has the store and has read nothing yet. */
int handover_setup(void **state);
int handover_teardown(void **state);

/* The first worker is dead, without having let go of anything; the second one takes over. */
void handover_do(struct handover *handover);

/* Registers a container without watching its end. */
Container *handover_register(Registry *registry, const char *id, pid_t init);

/* The container of this cgroup, in either registry. */
Container *handover_of_cgroup(const struct handover *handover, Registry *registry, const char *path);

/* How many records of a kind there are. */
unsigned handover_records(const struct handover *handover, enum store_kind kind);
