/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of the store's records before the registry is taken over; for restore.c and take_over.c.
 */
#pragma once

#include "fs/container/registry_private.h"

/* A record that was found: what was made of it, or why nothing was. */
struct found {
	uint64_t number, sequence;
	store_place place;
	unsigned pass; /* the last one in which it was there */
	/* A container's. */
	struct saved_container saved;
	bool pending; /* to be restored from `saved`, which is cleared then */
	uint64_t history_number;
	Container *container;
	/* A history's. */
	History *history;
	bool kept; /* some container has it */
	GError *why;
};

struct Restoring {
	Registry *registry;
	Store *store;
	GHashTable *containers, *histories; /* by number: struct found */
	unsigned pass;
	bool last;        /* nobody writes any more: what is missing now will not come */
	uint64_t highest; /* of the registered containers' numbers */
	struct saved_numbers numbers;
	store_place numbers_place;
};

/* Once through all records. */
void restoring_pass(Restoring *restoring);
