/* SPDX-License-Identifier: Apache-2.0
 *
 * Places: none is given twice, all come back. No record is written here, so no memory is used.
 */
#include "fs/store/slabs.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <sys/mman.h>

struct places {
	unsigned char *base;
	Slabs *slabs;
};

static int setup(void **state)
{
	struct places *places = g_new0(struct places, 1);
	void *base = mmap(NULL, STORE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(base, MAP_FAILED);
	*places = (struct places){ base, slabs_new(base) };
	*state = places;
	return 0;
}

static int teardown(void **state)
{
	struct places *places = *state;

	slabs_free(places->slabs);
	munmap(places->base, STORE_SIZE);
	g_free(places);
	return 0;
}

static unsigned take_all(const struct places *places, unsigned class, GArray *taken)
{
	uint64_t place;
	unsigned n = 0;

	for (; (place = slabs_take(places->slabs, class)) != 0; n++)
		g_array_append_val(taken, place);
	return n;
}

static int compare(gconstpointer a, gconstpointer b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Sorted, each place is its record's size or more beyond the one before, and all lie in the file's slabs. */
static void assert_apart(GArray *taken, size_t size)
{
	uint64_t end = LAYOUT_SLAB;

	g_array_sort(taken, compare);
	for (unsigned i = 0; i < taken->len; i++) {
		uint64_t place = g_array_index(taken, uint64_t, i);

		assert_true(place >= end);
		end = place + size;
	}
	assert_true(end <= STORE_SIZE);
}

static void give_all(const struct places *places, unsigned class, GArray *taken)
{
	for (unsigned i = 0; i < taken->len; i++)
		slabs_give(places->slabs, class, g_array_index(taken, uint64_t, i));
	g_array_set_size(taken, 0);
}

/* Whatever class took all before, the next one finds all but a slab or two that are kept for it. */
static void every_class(void **state)
{
	g_autoptr(GArray) taken = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	const struct places *places = *state;

	for (unsigned class = 8; class < LAYOUT_CLASSES; class ++) {
		size_t size = 2 * layout_copy_size(class);

		assert_true(take_all(places, class, taken) >= STORE_SIZE / size * 7 / 10);
		assert_apart(taken, size);
		if (taken->len > 0)
			assert_int_equal(slabs_class_at(places->base, g_array_index(taken, uint64_t, 0)), class);
		give_all(places, class, taken);
	}
}

static void small_ones(void **state)
{
	g_autoptr(GArray) taken = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	const struct places *places = *state;

	for (unsigned class = 0; class < 4; class ++) {
		for (unsigned i = 0; i < 3 * layout_places(class); i++) {
			uint64_t place = slabs_take(places->slabs, class);

			g_array_append_val(taken, place);
		}
		assert_apart(taken, 2 * layout_copy_size(class));
		give_all(places, class, taken);
	}
}

/* The place that was given back is the next that is taken: what is used lies close together. */
static void lowest_first(void **state)
{
	const struct places *places = *state;
	uint64_t place[4];

	for (unsigned i = 0; i < 4; i++)
		place[i] = slabs_take(places->slabs, 1);
	slabs_give(places->slabs, 1, place[1]);
	assert_int_equal(slabs_take(places->slabs, 1), place[1]);
}

/* A table that says that slabs are used in which nothing was found. */
static void claimed(void **state)
{
	const struct places *places = *state;
	uint64_t other = 20 * LAYOUT_SLAB;

	places->base[LAYOUT_TABLE + 5] = 1;
	places->base[LAYOUT_TABLE + 20] = 3;
	places->base[LAYOUT_TABLE + 21] = LAYOUT_CLASSES;
	places->base[LAYOUT_TABLE + 22] = 255;
	places->base[5 * LAYOUT_SLAB + 100] = 1;
	slabs_claim(places->slabs, 2, other);
	slabs_claimed(places->slabs);
	for (unsigned i = 1; i < LAYOUT_SLABS; i++)
		assert_int_equal(places->base[LAYOUT_TABLE + i], i == 20 ? 3 : 0);
	assert_int_equal(places->base[5 * LAYOUT_SLAB + 100], 0);
	assert_int_equal(slabs_take(places->slabs, 2), other + 2 * layout_copy_size(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_class, setup, teardown),
		cmocka_unit_test_setup_teardown(small_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(lowest_first, setup, teardown),
		cmocka_unit_test_setup_teardown(claimed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
