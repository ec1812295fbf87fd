/* SPDX-License-Identifier: Apache-2.0
 *
 * The workers that have served, for people who ask how the daemon fares: kept in
 * the store, as each worker knows its own turn only.
 */
#pragma once

#include "fs/keeper/line.h"
#include "fs/store/store.h"

struct turns {
	uint64_t n;      /* this one included */
	int64_t first_s; /* when the first one began, seconds of the Unix epoch */
	int64_t last_s;  /* when this one began */
	int64_t go;      /* enum line_message: how the one before ended; LINE_NOTHING for the first */
};

/* Writes down that a turn begins; after store_claim(). */
void turns_begin(struct turns *ret_turns, Store *store, enum line_message go);

/* How the worker before this one ended, in a word; NULL for the first. */
const char *turns_before(const struct turns *turns);
