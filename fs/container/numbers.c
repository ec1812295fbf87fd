/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/numbers.h"

void numbers_init(struct numbers *numbers)
{
	*numbers = (struct numbers){
		.given = { .last_unregistered = CONTAINER_MAX_SLOT, .generation = container_random() },
	};
}

/* In a full store the older record stays, and with it the risk that a number is given twice. */
static void save(struct numbers *numbers)
{
	g_autoptr(GVariant) record = NULL;
	store_place place;

	if (!numbers->store)
		return;
	record = saved_numbers_write(&numbers->given);
	place = store_put(numbers->store, numbers->place, STORE_REGISTRY, 0, g_variant_get_data(record),
			  g_variant_get_size(record));
	if (place != 0)
		numbers->place = place;
}

void numbers_keep_in(struct numbers *numbers, Store *store, store_place place, const struct saved_numbers *given)
{
	*numbers = (struct numbers){ .given = *given, .store = store, .place = place };
	save(numbers);
}

uint64_t numbers_next_slot(struct numbers *numbers)
{
	numbers->given.last_slot++;
	save(numbers);
	return numbers->given.last_slot;
}

uint64_t numbers_next_unregistered(struct numbers *numbers, GHashTable *in_use)
{
	uint64_t *last = &numbers->given.last_unregistered;

	do {
		*last = *last >= CONTAINER_MAX_NUMBER ? CONTAINER_MAX_SLOT + 1 : *last + 1;
	} while (g_hash_table_contains(in_use, last));
	save(numbers);
	return *last;
}
