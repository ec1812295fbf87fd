/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the state: the first slabs and the table of slabs are what the fuzzer says, and every copy that it
 * makes is given its right checksum if the first byte asks for that. Opened, read, claimed, written: nothing may be read
 * outside the file, and what was claimed holds what is written.
 */
#include "fs/store/layout.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEED  42
#define SLABS 16 /* of the table, and what lies in them, that the fuzzer can reach */
#define HOLE  8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Pieces of [slab, offset in units of 256, length, bytes], each at its place. */
static void scatter(unsigned char *base, const uint8_t *data, size_t size, bool sealed)
{
	while (size >= 4) {
		uint64_t offset = (1 + data[0] % SLABS) * LAYOUT_SLAB + data[1] * LAYOUT_LEAST;
		size_t length = MIN((size_t)data[2] | (size_t)(data[3] & 3) << 8, size - 4);
		struct layout_copy *copy = (struct layout_copy *)(void *)(base + offset);

		memcpy(base + offset, data + 4, length);
		if (sealed && copy->length < HOLE)
			copy->checksum = layout_checksum(SEED, offset, copy, copy->length);
		data += 4 + length;
		size -= 4 + length;
	}
}

static void visit(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length, void *data)
{
	uint64_t *sum = data;

	for (size_t i = 0; i < length; i++)
		*sum += ((const unsigned char *)bytes)[i];
}

static void read_all(const Store *store)
{
	uint64_t sum = 0;

	for (unsigned kind = STORE_REGISTRY; kind <= STORE_TEXT; kind++)
		store_each(store, (enum store_kind)kind, visit, &sum);
}

static void find(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length, void *data)
{
	if (place == *(store_place *)data && length == 5 && memcmp(bytes, "hello", 5) == 0)
		*(store_place *)data = 0;
}

static void write_one(Store *store)
{
	store_place place = store_put(store, 0, STORE_TEXT, UINT64_MAX, "hello", 5);

	store_each(store, STORE_TEXT, find, &place);
	if (place != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layout_header header;
	unsigned char *base;
	int fd;

	if (size < 1 + SLABS)
		return 0;
	fd = memfd_create("fuzz", 0);
	if (fd < 0 || ftruncate(fd, (off_t)STORE_SIZE) < 0)
		abort();
	base = mmap(NULL, STORE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	layout_header_fill(&header, SEED);
	memcpy(base, &header, sizeof(header));
	memcpy(base + LAYOUT_TABLE + 1, data + 1, SLABS);
	scatter(base, data + 1 + SLABS, size - 1 - SLABS, data[0] & 1);
	munmap(base, STORE_SIZE);
	for (unsigned i = 0; i < 2; i++) {
		g_autoptr(Store) store = store_open(fd, NULL);

		if (!store)
			abort();
		read_all(store);
		store_claim(store);
		read_all(store);
		write_one(store);
	}
	close(fd);
	return 0;
}
