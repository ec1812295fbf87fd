/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers that containers are given: none twice, whoever of the workers gives them. Not locked: the registry does that.
 */
#pragma once

#include "fs/container/saved.h"
#include "fs/store/store.h"

struct numbers {
	struct saved_numbers given;
	Store *store; /* NULL: not kept */
	store_place place;
};

/* Nothing was given yet; not kept. */
void numbers_init(struct numbers *numbers);

/* Goes on from what was given; from now on kept, in this place if there is one already. NULL: not kept. */
void numbers_keep_in(struct numbers *numbers, Store *store, store_place place, const struct saved_numbers *given);

/*
 * The next number of a registered container, and of another one, which is not a key of `in_use`. When it
 * returns it is in the store: whoever comes after us gives another one. That any is left is the caller's to see to.
 */
uint64_t numbers_next_slot(struct numbers *numbers);
uint64_t numbers_next_unregistered(struct numbers *numbers, GHashTable *in_use);
