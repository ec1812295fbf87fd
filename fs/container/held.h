/* SPDX-License-Identifier: Apache-2.0
 *
 * A counter that only grows, made of one that may go back: where it did it is shown as it was and counts on from there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* As it is in records. */
struct held {
	uint64_t last; /* as the cgroup said */
	uint64_t lost; /* by how much it went back in all */
};

/*
 * Takes what the cgroup says now and writes into it what is shown; a sum that does not fit is as much as there can be. A look
 * that is not in order may be older than the last one: what is lower in it has not gone back. True where anything has changed.
 */
static inline bool held_take(struct held *held, bool in_order, uint64_t *figure)
{
	uint64_t now = *figure;
	bool changes = now > held->last || (now < held->last && in_order);

	if (now < held->last && in_order && __builtin_add_overflow(held->lost, held->last - now, &held->lost))
		held->lost = UINT64_MAX;
	if (changes)
		held->last = now;
	if (__builtin_add_overflow(held->last, held->lost, figure))
		*figure = UINT64_MAX;
	return changes;
}
