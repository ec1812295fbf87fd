/* SPDX-License-Identifier: Apache-2.0
 *
 * How the file is laid out; for this room and its tests alone.
 *
 *   slab 0            the header, then the table: a byte for each slab
 *   slab 1 …          256 KiB each: records of one size class, or a part of one large record
 *
 * A slab's byte in the table is its class + 1, or 0 where it is free. A record of class c is two copies of
 * LAYOUT_LEAST << c bytes each. A class whose records are larger than a slab takes several in a row, of
 * which the first one's byte counts; the others' are 0.
 */
#pragma once

#include "fs/store/store.h"

#define LAYOUT_MAGIC   "procvirt store\n"
#define LAYOUT_VERSION 1

#define LAYOUT_SLAB    ((size_t)256 << 10)
#define LAYOUT_SLABS   (STORE_SIZE / LAYOUT_SLAB)
#define LAYOUT_TABLE   4096 /* its offset */
#define LAYOUT_LEAST   ((size_t)256)
#define LAYOUT_CLASSES 18                                 /* the largest copy has 32 MiB */
#define LAYOUT_PLACES  (LAYOUT_SLAB / (2 * LAYOUT_LEAST)) /* in a slab, at most */

struct layout_header {
	char magic[16];
	uint32_t version, pad;
	uint64_t size, slab, least, classes;
	uint64_t seed; /* of all checksums: nobody who makes us write bytes can make them look like a record */
	uint64_t checksum;
};

/* In front of a copy's bytes. The checksum is over all that follows it. All zero: no record. */
struct layout_copy {
	uint64_t checksum;
	uint64_t sequence; /* of all writings; never 0 */
	uint64_t number;
	uint32_t length;
	uint16_t kind, pad;
	unsigned char bytes[];
};

G_STATIC_ASSERT(sizeof(struct layout_copy) == 32);
G_STATIC_ASSERT(LAYOUT_TABLE + LAYOUT_SLABS <= LAYOUT_SLAB);
G_STATIC_ASSERT(STORE_MOST + sizeof(struct layout_copy) == LAYOUT_LEAST << (LAYOUT_CLASSES - 1));

static inline size_t layout_copy_size(unsigned class)
{
	return LAYOUT_LEAST << class;
}

/* How many slabs a class takes at a time, and how many records are then in them. */
static inline unsigned layout_span(unsigned class)
{
	return (unsigned)MAX(2 * layout_copy_size(class) / LAYOUT_SLAB, 1);
}

static inline unsigned layout_places(unsigned class)
{
	return (unsigned)MAX(LAYOUT_SLAB / (2 * layout_copy_size(class)), 1);
}

/* The class of a byte of the table at this slab; -1 where none begins there. */
static inline int layout_class(uint8_t byte, unsigned slab)
{
	int class = (int)byte - 1;

	if (class < 0 || class >= LAYOUT_CLASSES || slab + layout_span((unsigned)class) > LAYOUT_SLABS)
		return -1;
	return class;
}

/* The checksum that the copy at this offset of the file should have. */
uint64_t layout_checksum(uint64_t seed, uint64_t offset, const struct layout_copy *copy, size_t length);

/* A header as it should be. */
void layout_header_fill(struct layout_header *header, uint64_t seed);
