/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/io_counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct io_counts IoCounts;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IoCounts, io_counts_free)

/* What is shown of one disk that has read so much, at a look that lasts until `now_us`. */
static uint64_t shown(IoCounts *counts, uint64_t now_us, unsigned minor, uint64_t rbytes)
{
	struct cg_io_device device = { .major = 8, .minor = minor, .rbytes = rbytes, .dios = 7 };
	struct cg_io io = { .n = 1, .device = &device };

	io_counts_hold(counts, &(struct io_moment){ now_us - 1, now_us }, &io);
	assert_int_equal(device.dios, 7);
	assert_int_equal(device.wbytes, 0);
	return device.rbytes;
}

static void growing_ones_are_as_they_are(void **state)
{
	g_autoptr(IoCounts) counts = io_counts_new();

	assert_int_equal(shown(counts, 10, 0, 100), 100);
	assert_int_equal(shown(counts, 20, 0, 150), 150);
	assert_int_equal(shown(counts, 30, 0, UINT64_MAX), UINT64_MAX);
}

/* A nested cgroup had read 60 and was removed; what the others read from then on is counted. */
static void what_went_back_counts_on(void **state)
{
	g_autoptr(IoCounts) counts = io_counts_new();

	assert_int_equal(shown(counts, 10, 0, 100), 100);
	assert_int_equal(shown(counts, 20, 0, 40), 100);
	assert_int_equal(shown(counts, 30, 0, 45), 105);
	assert_int_equal(shown(counts, 40, 0, 0), 105);
	assert_int_equal(shown(counts, 50, 0, 200), 305);
	assert_int_equal(shown(counts, 60, 0, UINT64_MAX), UINT64_MAX);
}

/* Two readers at once: the look that is taken in last may be the older one. */
static void an_older_look_is_no_loss(void **state)
{
	g_autoptr(IoCounts) counts = io_counts_new();

	assert_int_equal(shown(counts, 20, 0, 100), 100);
	assert_int_equal(shown(counts, 21, 0, 90), 100);
	assert_int_equal(shown(counts, 15, 0, 80), 100);
	assert_int_equal(shown(counts, 16, 0, 120), 120);
	assert_int_equal(shown(counts, 30, 0, 125), 125);
}

static void a_disk_that_went_is_forgotten(void **state)
{
	g_autoptr(IoCounts) counts = io_counts_new();
	struct cg_io none = { 0 };

	assert_int_equal(shown(counts, 10, 0, 100), 100);
	assert_false(io_counts_hold(counts, &(struct io_moment){ 10, 10 }, &none)); /* an older look */
	assert_int_equal(shown(counts, 20, 0, 50), 100);
	assert_true(io_counts_hold(counts, &(struct io_moment){ 25, 26 }, &none));
	assert_false(io_counts_hold(counts, &(struct io_moment){ 28, 29 }, &none));
	assert_int_equal(shown(counts, 40, 0, 20), 20);
	assert_int_equal(shown(counts, 50, 1, 5), 5);
	assert_int_equal(shown(counts, 60, 0, 1), 1);
}

/* Only a change needs to be kept. */
static void says_what_changed(void **state)
{
	g_autoptr(IoCounts) counts = io_counts_new();
	struct cg_io_device device = { .major = 8, .wios = 5 };
	struct cg_io io = { .n = 1, .device = &device };

	assert_true(io_counts_hold(counts, &(struct io_moment){ 1, 2 }, &io));
	assert_false(io_counts_hold(counts, &(struct io_moment){ 3, 4 }, &io));
	device.wios++;
	assert_true(io_counts_hold(counts, &(struct io_moment){ 5, 6 }, &io));
	device.wios = 0;
	assert_true(io_counts_hold(counts, &(struct io_moment){ 7, 8 }, &io));
}

/* ---- as bytes ---- */

static GByteArray *saved(const IoCounts *counts)
{
	GByteArray *bytes = g_byte_array_new();

	io_counts_save(counts, bytes);
	return bytes;
}

static void the_next_worker_goes_on(void **state)
{
	g_autoptr(IoCounts) counts = io_counts_new();
	g_autoptr(IoCounts) next = NULL;
	g_autoptr(GByteArray) bytes = NULL;

	shown(counts, 10, 0, 100);
	shown(counts, 20, 0, 40);
	bytes = saved(counts);
	next = io_counts_load(bytes->data, bytes->len, NULL);
	assert_non_null(next);
	assert_int_equal(shown(next, 5, 0, 30), 100); /* removed meanwhile, and another one's clock may be any */
	assert_int_equal(shown(next, 15, 0, 31), 101);
}

static void an_older_record_has_none(void **state)
{
	g_autoptr(IoCounts) next = io_counts_load(NULL, 0, NULL);

	assert_int_equal(shown(next, 10, 0, 3), 3);
}

static void assert_refused(const void *bytes, size_t length, const char *why)
{
	g_autoptr(GError) error = NULL;

	assert_null(io_counts_load(bytes, length, &error));
	assert_non_null(strstr(error->message, why));
}

static void others_are_refused(void **state)
{
	g_autoptr(IoCounts) counts = io_counts_new();
	g_autoptr(IoCounts) longer = NULL;
	g_autoptr(GByteArray) bytes = NULL;

	shown(counts, 10, 0, 100);
	bytes = saved(counts);
	assert_refused(bytes->data, bytes->len - 1, "shorter");
	assert_refused(bytes->data, 7, "too short");
	g_byte_array_append(bytes, (const guint8 *)"later", 5);
	longer = io_counts_load(bytes->data, bytes->len, NULL);
	assert_non_null(longer);
	bytes->data[4]++;
	assert_refused(bytes->data, bytes->len, "another size");
	bytes->data[4]--;
	memset(bytes->data, 0xff, 4);
	assert_refused(bytes->data, bytes->len, "shorter");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing_ones_are_as_they_are),
		cmocka_unit_test(what_went_back_counts_on),
		cmocka_unit_test(an_older_look_is_no_loss),
		cmocka_unit_test(a_disk_that_went_is_forgotten),
		cmocka_unit_test(says_what_changed),
		cmocka_unit_test(the_next_worker_goes_on),
		cmocka_unit_test(an_older_record_has_none),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
