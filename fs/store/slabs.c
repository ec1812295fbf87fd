/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/store/slabs.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define WORD 64

/* Records of which a copy has less share their pages with others too often to give any back. */
#define GIVEN_BACK ((size_t)64 << 10)

#define NO_CLASS (-1)

struct slab {
	int class;  /* of the first slab of a span; NO_CLASS: free, or a part of the span before it */
	bool inner; /* a part of the span before it */
	unsigned taken;
	uint64_t map[LAYOUT_PLACES / WORD]; /* of the places taken */
};

struct Slabs {
	unsigned char *base;
	pthread_mutex_t lock;          /* of all below, and of the table in the file */
	unsigned open[LAYOUT_CLASSES]; /* the slab that was used last, which may have room */
	unsigned end;                  /* no slab from here on was ever used */
	struct slab slab[LAYOUT_SLABS];
	uint32_t kinds[LAYOUT_SLABS]; /* a bit a kind, modulo 32; without the lock */
};

static uint8_t *table(unsigned char *base)
{
	return base + LAYOUT_TABLE;
}

Slabs *slabs_new(unsigned char *base)
{
	Slabs *slabs = g_new0(Slabs, 1);

	slabs->base = base;
	pthread_mutex_init(&slabs->lock, NULL);
	slabs->end = 1;
	for (unsigned i = 0; i < LAYOUT_SLABS; i++)
		slabs->slab[i].class = NO_CLASS;
	return slabs;
}

void slabs_free(Slabs *slabs)
{
	if (!slabs)
		return;
	pthread_mutex_destroy(&slabs->lock);
	g_free(slabs);
}

unsigned slabs_class_at(const unsigned char *base, uint64_t place)
{
	return (unsigned)(base[LAYOUT_TABLE + place / LAYOUT_SLAB] - 1);
}

/* Pages without a record need no memory; without this they would only take some. */
static void forget_pages(Slabs *slabs, uint64_t offset, size_t length)
{
	(void)madvise(slabs->base + offset, length, MADV_REMOVE);
}

/* ---- with the lock held ---- */

static bool has_room(const struct slab *slab, unsigned class)
{
	return slab->class == (int)class && slab->taken < layout_places(class);
}

static int find_room(const Slabs *slabs, unsigned class)
{
	if (has_room(&slabs->slab[slabs->open[class]], class))
		return (int)slabs->open[class];
	for (unsigned i = 1; i < slabs->end; i++)
		if (has_room(&slabs->slab[i], class))
			return (int)i;
	return -1;
}

static bool is_free(const struct slab *slab)
{
	return slab->class == NO_CLASS && !slab->inner;
}

/* The first of so many free slabs in a row; -1 where there are none. */
static int find_free(const Slabs *slabs, unsigned span)
{
	unsigned row = 0;

	for (unsigned i = 1; i < LAYOUT_SLABS; i++) {
		row = is_free(&slabs->slab[i]) ? row + 1 : 0;
		if (row == span)
			return (int)(i - span + 1);
	}
	return -1;
}

static void set_inner(Slabs *slabs, unsigned first, unsigned span, bool inner)
{
	for (unsigned i = 1; i < span; i++)
		slabs->slab[first + i].inner = inner;
}

static void use_slab(Slabs *slabs, unsigned first, unsigned class)
{
	slabs->slab[first].class = (int)class;
	set_inner(slabs, first, layout_span(class), true);
	slabs->end = MAX(slabs->end, first + layout_span(class));
}

/* The table is written when the slab is empty, so whoever reads it finds no record until there is one. */
static int make_room(Slabs *slabs, unsigned class)
{
	int first = find_free(slabs, layout_span(class));

	if (first < 0)
		return -1;
	use_slab(slabs, (unsigned)first, class);
	__atomic_store_n(&table(slabs->base)[first], (uint8_t)(class + 1), __ATOMIC_RELEASE);
	return first;
}

/* Emptied before the table says so: what the next class finds there must be no bytes of this one's records. */
static void free_slab(Slabs *slabs, unsigned first)
{
	struct slab *slab = &slabs->slab[first];
	unsigned span = layout_span((unsigned)slab->class);

	forget_pages(slabs, first * LAYOUT_SLAB, span * LAYOUT_SLAB);
	__atomic_store_n(&table(slabs->base)[first], 0, __ATOMIC_RELEASE);
	set_inner(slabs, first, span, false);
	__atomic_store_n(&slabs->kinds[first], 0, __ATOMIC_RELAXED);
	slab->class = NO_CLASS;
}

static uint64_t offset_of(unsigned slab, unsigned class, unsigned index)
{
	return slab * LAYOUT_SLAB + index * 2 * layout_copy_size(class);
}

/* The first free place: what is used then lies close together. */
static unsigned take_in(struct slab *slab)
{
	unsigned word = 0;
	unsigned bit;

	while (slab->map[word] == UINT64_MAX)
		word++;
	bit = (unsigned)__builtin_ctzll(~slab->map[word]);
	slab->map[word] |= UINT64_C(1) << bit;
	slab->taken++;
	return word * WORD + bit;
}

static unsigned index_of(unsigned class, uint64_t place)
{
	return (unsigned)(place % LAYOUT_SLAB / (2 * layout_copy_size(class)));
}

/* ---- */

uint64_t slabs_take(Slabs *slabs, unsigned class)
{
	uint64_t place = 0;
	int slab;

	pthread_mutex_lock(&slabs->lock);
	slab = find_room(slabs, class);
	if (slab < 0)
		slab = make_room(slabs, class);
	if (slab >= 0) {
		slabs->open[class] = (unsigned)slab;
		place = offset_of((unsigned)slab, class, take_in(&slabs->slab[slab]));
	}
	pthread_mutex_unlock(&slabs->lock);
	return place;
}

void slabs_claim(Slabs *slabs, unsigned class, uint64_t place)
{
	unsigned first = (unsigned)(place / LAYOUT_SLAB);
	unsigned index = index_of(class, place);
	struct slab *slab = &slabs->slab[first];

	pthread_mutex_lock(&slabs->lock);
	use_slab(slabs, first, class);
	slab->map[index / WORD] |= UINT64_C(1) << index % WORD;
	slab->taken++;
	pthread_mutex_unlock(&slabs->lock);
}

static uint32_t bit_of(unsigned kind)
{
	return UINT32_C(1) << kind % 32;
}

void slabs_note_kind(Slabs *slabs, uint64_t place, unsigned kind)
{
	__atomic_fetch_or(&slabs->kinds[place / LAYOUT_SLAB], bit_of(kind), __ATOMIC_RELAXED);
}

bool slabs_may_have(const Slabs *slabs, unsigned slab, unsigned kind)
{
	return __atomic_load_n(&slabs->kinds[slab], __ATOMIC_RELAXED) & bit_of(kind);
}

void slabs_claimed(Slabs *slabs)
{
	unsigned from = 1;

	pthread_mutex_lock(&slabs->lock);
	for (unsigned i = 1; i <= LAYOUT_SLABS; i++) {
		if (i < LAYOUT_SLABS && is_free(&slabs->slab[i]))
			continue;
		if (i > from) {
			forget_pages(slabs, from * LAYOUT_SLAB, (i - from) * LAYOUT_SLAB);
			memset(table(slabs->base) + from, 0, i - from);
		}
		from = i + 1;
	}
	pthread_mutex_unlock(&slabs->lock);
}

void slabs_give(Slabs *slabs, unsigned class, uint64_t place)
{
	unsigned first = (unsigned)(place / LAYOUT_SLAB);
	unsigned index = index_of(class, place);
	struct slab *slab = &slabs->slab[first];

	if (layout_copy_size(class) >= GIVEN_BACK)
		forget_pages(slabs, place, 2 * layout_copy_size(class));
	pthread_mutex_lock(&slabs->lock);
	slab->map[index / WORD] &= ~(UINT64_C(1) << index % WORD);
	slab->taken--;
	if (slab->taken == 0 && slabs->open[class] != first)
		free_slab(slabs, first);
	pthread_mutex_unlock(&slabs->lock);
}
