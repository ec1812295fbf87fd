/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/open_file.h"
#include "golden/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct scene {
	struct fixture *fixture;
	OpenFiles *files;
	uint64_t handle; /* of its /proc/stat: a text that every look makes anew */
};

static int set_up(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);
	struct node stat = { .row = rows_by_path("/proc/stat") };

	*state = scene;
	scene->fixture = fixture_open(FIXTURES, "v2-256cpus");
	if (scene->fixture->error)
		return -1;
	scene->files = open_files_new(scene->fixture->registry, 1);
	scene->handle = open_files_add(scene->files, &stat, scene->fixture->container);
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	open_files_free(scene->files);
	fixture_free(scene->fixture);
	g_free(scene);
	return 0;
}

static GBytes *read_at(struct scene *scene, uint64_t offset, size_t size)
{
	g_autoptr(OpenFile) file = open_files_get(scene->files, scene->handle);
	g_autoptr(GError) error = NULL;
	GBytes *text = open_file_read(scene->files, file, offset, size, &error);

	assert_null(error);
	return text;
}

static void byte_by_byte_is_the_whole(void **state)
{
	g_autoptr(GBytes) whole = read_at(*state, 0, 1 << 20);
	g_autoptr(GString) pieces = g_string_new(NULL);
	size_t got;

	do {
		g_autoptr(GBytes) piece = read_at(*state, pieces->len, 1);
		const char *byte = g_bytes_get_data(piece, &got);

		g_string_append_len(pieces, byte, (gssize)got);
	} while (got > 0);
	assert_true(g_str_has_prefix(pieces->str, "cpu  "));
	assert_int_equal(pieces->len, g_bytes_get_size(whole));
	assert_memory_equal(pieces->str, g_bytes_get_data(whole, NULL), pieces->len);
}

static void beyond_the_end_is_nothing(void **state)
{
	g_autoptr(GBytes) whole = read_at(*state, 0, 1 << 20);
	g_autoptr(GBytes) at_end = read_at(*state, g_bytes_get_size(whole), 100);
	g_autoptr(GBytes) far = read_at(*state, UINT64_MAX / 2, 100);

	assert_true(g_bytes_get_size(whole) > 0);
	assert_int_equal(g_bytes_get_size(at_end), 0);
	assert_int_equal(g_bytes_get_size(far), 0);
}

static void a_first_read_may_begin_in_the_middle(void **state)
{
	g_autoptr(GBytes) middle = read_at(*state, 3, 4);

	assert_int_equal(g_bytes_get_size(middle), 4);
}

static void offset_0_is_a_new_moment_and_others_are_not(void **state)
{
	struct scene *scene = *state;
	g_autoptr(OpenFile) file = open_files_get(scene->files, scene->handle);
	g_autoptr(GBytes) first = open_file_read(scene->files, file, 0, 8, NULL);
	g_autoptr(GBytes) later = open_file_read(scene->files, file, 4, 4, NULL);
	g_autoptr(GBytes) again = open_file_read(scene->files, file, 0, 8, NULL);
	const char *one = g_bytes_get_data(first, NULL), *same = g_bytes_get_data(later, NULL),
		   *other = g_bytes_get_data(again, NULL);

	assert_ptr_equal(same, one + 4);
	assert_ptr_not_equal(other, one);
}

static void a_closed_handle_is_unknown(void **state)
{
	struct scene *scene = *state;

	open_files_remove(scene->files, scene->handle);
	assert_null(open_files_get(scene->files, scene->handle));
	open_files_remove(scene->files, scene->handle);
}

static void a_file_in_use_outlives_its_handle(void **state)
{
	struct scene *scene = *state;
	g_autoptr(OpenFile) file = open_files_get(scene->files, scene->handle);
	g_autoptr(GBytes) text = NULL;

	open_files_remove(scene->files, scene->handle);
	text = open_file_read(scene->files, file, 0, 3, NULL);
	assert_memory_equal(g_bytes_get_data(text, NULL), "cpu", 3);
}

static void handles_differ(void **state)
{
	struct scene *scene = *state;
	struct node node = { .row = rows_by_path("/proc/stat") };
	uint64_t other = open_files_add(scene->files, &node, scene->fixture->container);

	assert_int_not_equal(other, scene->handle);
	assert_int_equal(other >> 36, 0); /* it is not registered */
}

/* The budget of this scene is one byte: only the newest text is kept. */
static void old_texts_make_room_for_new_ones(void **state)
{
	struct scene *scene = *state;
	struct node node = { .row = rows_by_path("/proc/stat") };
	uint64_t other_handle = open_files_add(scene->files, &node, scene->fixture->container);
	g_autoptr(OpenFile) file = open_files_get(scene->files, scene->handle);
	g_autoptr(OpenFile) other = open_files_get(scene->files, other_handle);
	g_autoptr(GBytes) first = open_file_read(scene->files, file, 0, 8, NULL);
	g_autoptr(GBytes) theirs = open_file_read(scene->files, other, 0, 8, NULL);
	g_autoptr(GBytes) later = open_file_read(scene->files, file, 4, 4, NULL);
	const char *one = g_bytes_get_data(first, NULL), *rest = g_bytes_get_data(later, NULL);

	assert_non_null(theirs);
	assert_ptr_not_equal(rest, one + 4);
	assert_memory_equal(rest, one + 4, 4);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(byte_by_byte_is_the_whole),
		test(beyond_the_end_is_nothing),
		test(a_first_read_may_begin_in_the_middle),
		test(offset_0_is_a_new_moment_and_others_are_not),
		test(a_closed_handle_is_unknown),
		test(a_file_in_use_outlives_its_handle),
		test(handles_differ),
		test(old_texts_make_room_for_new_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
