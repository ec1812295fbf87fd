/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/store/store.h"

#include "cgroup/error.h"
#include "fs/store/file.h"
#include "fs/store/slabs.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* So often a record is read again whose copies were both being written; each writing takes its writer longer than our copying. */
#define ATTEMPTS 4

struct Store {
	unsigned char *base;
	uint64_t seed;
	uint64_t sequence; /* of the last writing */
	Slabs *slabs;      /* NULL: reading only */
};

Store *store_open(int fd, GError **error)
{
	Store *store;
	void *base;

	if (!file_check(fd, error))
		return NULL;
	base = mmap(NULL, STORE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED) {
		cg_fail(error, errno, "the state: %s", g_strerror(errno));
		return NULL;
	}
	/*
	 * A worker that crashes is replaced when it is gone, which is after its core dump: that would be all of the file, holes and
	 * all, which the dump fills (madvise(2), core(5)).
	 */
	if (madvise(base, STORE_SIZE, MADV_DONTDUMP) < 0)
		g_debug("the state is not kept out of core dumps: %s", g_strerror(errno));
	store = g_new0(Store, 1);
	store->base = base;
	store->seed = ((const struct layout_header *)base)->seed;
	return store;
}

void store_close(Store *store)
{
	if (!store)
		return;
	slabs_free(store->slabs);
	munmap(store->base, STORE_SIZE);
	g_free(store);
}

/* ---- copies ---- */

static struct layout_copy *copy_at(const Store *store, uint64_t offset)
{
	return (struct layout_copy *)(void *)(store->base + offset);
}

static bool is_whole(const Store *store, uint64_t offset, const struct layout_copy *copy, size_t room)
{
	return copy->sequence != 0 && copy->kind != 0 && copy->length <= room - sizeof(*copy) &&
	       copy->checksum == layout_checksum(store->seed, offset, copy, copy->length);
}

/* What is at this offset, for nobody else to change. */
static const struct layout_copy *fetch(const Store *store, uint64_t offset, size_t room, GByteArray *into)
{
	const struct layout_copy *copy = copy_at(store, offset);
	size_t length = __atomic_load_n(&copy->length, __ATOMIC_ACQUIRE);

	if (length > room - sizeof(*copy))
		return NULL;
	g_byte_array_set_size(into, (guint)(sizeof(*copy) + length));
	memcpy(into->data, copy, sizeof(*copy) + length);
	copy = (const struct layout_copy *)(const void *)into->data;
	return copy->length == length && is_whole(store, offset, copy, room) ? copy : NULL;
}

static uint64_t sequence_at(const Store *store, uint64_t offset)
{
	return __atomic_load_n(&copy_at(store, offset)->sequence, __ATOMIC_ACQUIRE);
}

/* The newer copy first; while that is being written, the other one is whole. */
static const struct layout_copy *fetch_newest(const Store *store, uint64_t place, size_t room, GByteArray *into)
{
	const struct layout_copy *copy = NULL;

	for (unsigned i = 0; i < ATTEMPTS && !copy; i++) {
		uint64_t sequence[2] = { sequence_at(store, place), sequence_at(store, place + room) };
		unsigned newer = sequence[1] > sequence[0];

		if (sequence[0] == 0 && sequence[1] == 0)
			return NULL;
		copy = fetch(store, place + newer * room, room, into);
		if (!copy)
			copy = fetch(store, place + !newer * room, room, into);
	}
	return copy;
}

static void wipe(const Store *store, uint64_t offset)
{
	static const struct layout_copy none = { 0 };

	if (memcmp(copy_at(store, offset), &none, sizeof(none)) != 0)
		memcpy(copy_at(store, offset), &none, sizeof(none));
}

/* The other copy is whole meanwhile. The checksum tells a copy that was not finished, in whatever order it was written. */
static void write_copy(Store *store, uint64_t offset, const struct layout_copy *header, const void *data)
{
	struct layout_copy *copy = copy_at(store, offset);

	memcpy(copy, header, sizeof(*header));
	if (header->length > 0)
		memcpy(copy->bytes, data, header->length);
	copy->checksum = layout_checksum(store->seed, offset, copy, header->length);
}

/* ---- looking through all ---- */

typedef void (*place_visit)(const Store *store, uint64_t place, unsigned class, void *data);

/* The slab has none of this kind; only the writer knows. ANY_KIND: whatever it has. */
#define ANY_KIND 0
static bool is_without(const Store *store, unsigned slab, unsigned kind)
{
	return kind != ANY_KIND && store->slabs && !slabs_may_have(store->slabs, slab, kind);
}

static void each_place(const Store *store, unsigned kind, place_visit visit, void *data)
{
	for (unsigned slab = 1; slab < LAYOUT_SLABS; slab++) {
		uint8_t byte = __atomic_load_n(&store->base[LAYOUT_TABLE + slab], __ATOMIC_ACQUIRE);
		int class = layout_class(byte, slab);

		if (class < 0)
			continue;
		for (unsigned i = 0; !is_without(store, slab, kind) && i < layout_places((unsigned)class); i++)
			visit(store, slab * LAYOUT_SLAB + i * 2 * layout_copy_size((unsigned)class), (unsigned)class,
			      data);
		slab += layout_span((unsigned)class) - 1;
	}
}

struct each {
	enum store_kind kind;
	store_wanted wanted;
	store_visit visit;
	void *data;
	GByteArray *bytes;
};

static bool may_be(const Store *store, uint64_t place, size_t room, enum store_kind kind)
{
	return copy_at(store, place)->kind == kind || copy_at(store, place + room)->kind == kind;
}

static bool is_wanted(const Store *store, uint64_t place, size_t room, const struct each *each)
{
	uint64_t newer = sequence_at(store, place) >= sequence_at(store, place + room) ? place : place + room;
	const struct layout_copy *copy = copy_at(store, newer);

	return !each->wanted || each->wanted(copy->number, sequence_at(store, newer), each->data);
}

static void each_visit(const Store *store, uint64_t place, unsigned class, void *data)
{
	const struct each *each = data;
	size_t room = layout_copy_size(class);
	const struct layout_copy *copy;

	if (!may_be(store, place, room, each->kind) || !is_wanted(store, place, room, each))
		return;
	copy = fetch_newest(store, place, room, each->bytes);
	if (copy && copy->kind == each->kind)
		each->visit(place, copy->number, copy->sequence, copy->bytes, copy->length, each->data);
}

void store_each_wanted(const Store *store, enum store_kind kind, store_wanted wanted, store_visit visit, void *data)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct each each = { .kind = kind, .wanted = wanted, .visit = visit, .data = data, .bytes = bytes };

	each_place(store, kind, each_visit, &each);
}

void store_each(const Store *store, enum store_kind kind, store_visit visit, void *data)
{
	store_each_wanted(store, kind, NULL, visit, data);
}

/* ---- claiming ---- */

struct claim {
	Store *store;
	GHashTable *records; /* struct record: by kind and number */
	GArray *stale;       /* places; dropped only after the walk, which must not lose a slab under its feet */
};

struct record {
	uint64_t number, sequence, place;
	uint16_t kind;
};

static guint record_hash(gconstpointer pointer)
{
	const struct record *record = pointer;

	return g_int64_hash(&record->number) * 31 + record->kind;
}

static gboolean record_equal(gconstpointer a, gconstpointer b)
{
	const struct record *left = a;
	const struct record *right = b;

	return left->number == right->number && left->kind == right->kind;
}

/* Of two records of the same kind and number the writer was killed between writing the newer and dropping the older. */
static void claim_record(struct claim *claim, const struct record *found)
{
	struct record *known = g_hash_table_lookup(claim->records, found);

	if (!known) {
		known = g_memdup2(found, sizeof(*found));
		g_hash_table_add(claim->records, known);
	} else if (known->sequence < found->sequence) {
		g_array_append_val(claim->stale, known->place);
		*known = *found;
	} else {
		g_array_append_val(claim->stale, found->place);
	}
}

/*
 * Only the newer copy is looked through if that is whole. Copies that are not become empty, so that from now on a copy's sequence
 * says which is the newer one.
 */
static const struct layout_copy *claim_newest(const Store *store, uint64_t place, size_t room)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t newer = sequence_at(store, place) >= sequence_at(store, place + room) ? place : place + room;
		const struct layout_copy *copy = copy_at(store, newer);

		if (copy->sequence != 0 && is_whole(store, newer, copy, room))
			return copy;
		wipe(store, newer);
	}
	return NULL;
}

static void claim_visit(const Store *store, uint64_t place, unsigned class, void *data)
{
	struct claim *claim = data;
	const struct layout_copy *copy = claim_newest(store, place, layout_copy_size(class));
	struct record found = { .place = place };

	if (!copy)
		return;
	found.sequence = copy->sequence;
	found.number = copy->number;
	found.kind = copy->kind;
	claim->store->sequence = MAX(claim->store->sequence, found.sequence);
	slabs_claim(claim->store->slabs, class, place);
	slabs_note_kind(claim->store->slabs, place, found.kind);
	claim_record(claim, &found);
}

void store_claim(Store *store)
{
	g_autoptr(GHashTable) records = g_hash_table_new_full(record_hash, record_equal, g_free, NULL);
	g_autoptr(GArray) stale = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	struct claim claim = { store, records, stale };

	g_clear_pointer(&store->slabs, slabs_free);
	store->slabs = slabs_new(store->base);
	store->sequence = 0;
	each_place(store, ANY_KIND, claim_visit, &claim);
	slabs_claimed(store->slabs);
	for (unsigned i = 0; i < stale->len; i++)
		store_drop(store, g_array_index(stale, uint64_t, i));
}

/* ---- writing ---- */

static unsigned class_for(size_t length)
{
	unsigned class = 0;

	while (layout_copy_size(class) - sizeof(struct layout_copy) < length)
		class ++;
	return class;
}

/* Where the record is to be written: over its older copy. */
static uint64_t older_copy(const Store *store, store_place place)
{
	size_t room = layout_copy_size(slabs_class_at(store->base, place));

	return sequence_at(store, place) <= sequence_at(store, place + room) ? place : place + room;
}

static bool fits(const Store *store, store_place place, size_t length)
{
	return place != 0 &&
	       length <= layout_copy_size(slabs_class_at(store->base, place)) - sizeof(struct layout_copy);
}

store_place store_put(Store *store, store_place place, enum store_kind kind, uint64_t number, const void *data,
		      size_t length)
{
	struct layout_copy header = { .number = number, .length = (uint32_t)length, .kind = (uint16_t)kind };
	store_place before = place;

	if (length > STORE_MOST)
		return 0;
	if (!fits(store, place, length))
		place = slabs_take(store->slabs, class_for(length));
	if (place == 0)
		return 0;
	slabs_note_kind(store->slabs, place, kind);
	header.sequence = __atomic_add_fetch(&store->sequence, 1, __ATOMIC_RELAXED);
	write_copy(store, older_copy(store, place), &header, data);
	if (place != before)
		store_drop(store, before);
	return place;
}

/* The older copy first, or it would be what is found when we are killed in between. */
void store_drop(Store *store, store_place place)
{
	unsigned class;
	uint64_t older;

	if (place == 0)
		return;
	class = slabs_class_at(store->base, place);
	older = older_copy(store, place);
	wipe(store, older);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* in this order also in what the compiler makes of it */
	wipe(store, older == place ? place + layout_copy_size(class) : place);
	slabs_give(store->slabs, class, place);
}
