/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/event_counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct event_counts EventCounts;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventCounts, event_counts_free)

/* What is shown of so many faults and bytes, at a look that lasts until `now_us`. */
static struct view_events shown(EventCounts *counts, uint64_t now_us, uint64_t faults, uint64_t bytes)
{
	struct view_events events = { .memory = { .pgfault = faults, .numa_hint_faults = 3, .oom_kill = 1 },
				      .read_bytes = bytes };

	event_counts_hold(counts, &(struct io_moment){ now_us - 1, now_us }, &events);
	assert_int_equal(events.memory.numa_hint_faults, 3);
	assert_int_equal(events.memory.oom_kill, 1);
	assert_int_equal(events.memory.pgmajfault, 0);
	return events;
}

static void growing_ones_are_as_they_are(void **state)
{
	g_autoptr(EventCounts) counts = event_counts_new();

	assert_int_equal(shown(counts, 10, 100, 7).memory.pgfault, 100);
	assert_int_equal(shown(counts, 20, 150, 7).memory.pgfault, 150);
	assert_int_equal(shown(counts, 30, 150, 9).read_bytes, 9);
}

static void what_went_back_counts_on(void **state)
{
	g_autoptr(EventCounts) counts = event_counts_new();

	assert_int_equal(shown(counts, 10, 100, 50).memory.pgfault, 100);
	assert_int_equal(shown(counts, 20, 40, 0).memory.pgfault, 100);
	assert_int_equal(shown(counts, 30, 45, 5).memory.pgfault, 105);
	assert_int_equal(shown(counts, 40, 45, 6).read_bytes, 56);
	assert_int_equal(shown(counts, 50, UINT64_MAX, 6).memory.pgfault, UINT64_MAX);
}

/* Two readers at once: the look that is taken in last may be the older one. */
static void an_older_look_is_no_loss(void **state)
{
	g_autoptr(EventCounts) counts = event_counts_new();

	assert_int_equal(shown(counts, 20, 100, 0).memory.pgfault, 100);
	assert_int_equal(shown(counts, 20, 90, 0).memory.pgfault, 100);
	assert_int_equal(shown(counts, 30, 120, 0).memory.pgfault, 120);
}

static void only_changes_are_worth_a_record(void **state)
{
	g_autoptr(EventCounts) counts = event_counts_new();
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct view_events none = { 0 };

	event_counts_save(counts, bytes);
	assert_int_equal(bytes->len, 0);
	assert_true(event_counts_hold(counts, &(struct io_moment){ 1, 2 }, &none));
	assert_false(event_counts_hold(counts, &(struct io_moment){ 3, 4 }, &none));
}

static void they_outlive_the_worker(void **state)
{
	g_autoptr(EventCounts) counts = event_counts_new(), next = NULL, fresh = NULL;
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	shown(counts, 10, 100, 50);
	shown(counts, 20, 60, 50);
	event_counts_save(counts, bytes);
	next = event_counts_load(bytes->data, bytes->len, NULL);
	assert_non_null(next);
	assert_int_equal(shown(next, 5, 70, 60).memory.pgfault, 110);
	assert_int_equal(shown(next, 10, 30, 40).read_bytes, 60);
	fresh = event_counts_load(NULL, 0, NULL);
	assert_int_equal(shown(fresh, 10, 1, 0).memory.pgfault, 1);
}

/* One of a version that knew fewer, or more. */
static void other_versions_records_are_understood(void **state)
{
	struct {
		uint32_t n, size;
		uint64_t held[3][2];
	} fewer = { 3, 16, { { 10, 1 }, { 20, 2 }, { 1, 0 } } };
	g_autoptr(EventCounts) counts = event_counts_load(&fewer, sizeof(fewer), NULL), more = NULL;
	g_autofree char *large = g_malloc0(8 + 200 * 16);

	assert_non_null(counts);
	assert_int_equal(shown(counts, 5, 70, 12).read_bytes, 13);
	((uint32_t *)(void *)large)[0] = 200, ((uint32_t *)(void *)large)[1] = 16;
	more = event_counts_load(large, 8 + 200 * 16, NULL);
	assert_int_equal(shown(more, 5, 70, 12).memory.pgfault, 70);
}

static void damaged_ones_are_refused(void **state)
{
	static const uint32_t bad[][3] = { { 1, 16, 0 }, { 0, 8, 0 }, { UINT32_MAX, 16, 0 } };

	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(event_counts_load(bad[i], sizeof(bad[i]), &error));
		assert_non_null(error);
	}
	assert_null(event_counts_load(bad[0], 5, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing_ones_are_as_they_are), cmocka_unit_test(what_went_back_counts_on),
		cmocka_unit_test(an_older_look_is_no_loss),     cmocka_unit_test(only_changes_are_worth_a_record),
		cmocka_unit_test(they_outlive_the_worker),      cmocka_unit_test(other_versions_records_are_understood),
		cmocka_unit_test(damaged_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
