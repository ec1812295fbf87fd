/* SPDX-License-Identifier: Apache-2.0
 *
 * Of this room alone: which places of the file are taken. What is kept here is
 * the writer's own memory; the file holds the table of slabs and no more. Safe for concurrent use.
 */
#pragma once

#include "fs/store/layout.h"

typedef struct Slabs Slabs;

/* Over a mapped file: nothing is taken, whatever the table says. */
Slabs *slabs_new(unsigned char *base);
void slabs_free(Slabs *slabs);

/* Takes a place for records of this class: its offset in the file, 0 where nothing is free. */
uint64_t slabs_take(Slabs *slabs, unsigned class);

/* While the file is looked through: this place is taken. */
void slabs_claim(Slabs *slabs, unsigned class, uint64_t place);

/* After it was looked through: slabs in which nothing is taken are free. */
void slabs_claimed(Slabs *slabs);

/* Gives a place back, and its memory where that is whole pages. Nothing in it is a record any more. */
void slabs_give(Slabs *slabs, unsigned class, uint64_t place);

/*
 * A place that is taken holds a record of this kind; and may any of a slab's do so? Records of a kind mostly lie together, so that
 * looking for a few does not touch the memory of all.
 */
void slabs_note_kind(Slabs *slabs, uint64_t place, unsigned kind);
bool slabs_may_have(const Slabs *slabs, unsigned slab, unsigned kind);

/* Where a place is. */
unsigned slabs_class_at(const unsigned char *base, uint64_t place);
