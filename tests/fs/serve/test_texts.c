/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/texts.h"
#include "tests/fs/harness.h"

#include <unistd.h>

#define BUDGET      1000
#define BUDGET_EACH 400

struct scene {
	int fd;
	Store *store;
	Texts *texts;
};

static void open_texts(struct scene *scene)
{
	scene->store = store_open(scene->fd, NULL);
	assert_non_null(scene->store);
	store_claim(scene->store);
	scene->texts = texts_new(scene->store, BUDGET, BUDGET_EACH);
	texts_restore(scene->texts);
}

static void close_texts(struct scene *scene)
{
	texts_free(scene->texts);
	store_close(scene->store);
}

static int set_up(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);

	scene->fd = store_make();
	open_texts(scene);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	close_texts(scene);
	close(scene->fd);
	g_free(scene);
	return 0;
}

static void keep(struct scene *scene, uint64_t handle, uint64_t taken_by, const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	texts_keep(scene->texts, handle, taken_by, bytes);
}

static void keep_bytes(struct scene *scene, uint64_t handle, size_t length)
{
	g_autoptr(GBytes) bytes = g_bytes_new_take(g_malloc0(length), length);

	texts_keep(scene->texts, handle, 1, bytes);
}

static bool has(struct scene *scene, uint64_t handle)
{
	g_autoptr(GBytes) bytes = texts_get(scene->texts, handle, 0);

	return bytes != NULL;
}

static void assert_text(struct scene *scene, uint64_t handle, uint64_t taken_by, const char *expected)
{
	g_autoptr(GBytes) bytes = texts_get(scene->texts, handle, taken_by);

	if (!expected) {
		assert_null(bytes);
		return;
	}
	assert_non_null(bytes);
	assert_int_equal(g_bytes_get_size(bytes), strlen(expected));
	assert_memory_equal(g_bytes_get_data(bytes, NULL), expected, strlen(expected));
}

static void assert_count(struct scene *scene, unsigned expected, size_t expected_bytes)
{
	unsigned n;
	size_t bytes;

	texts_count(scene->texts, &n, &bytes);
	assert_int_equal(n, expected);
	assert_int_equal(bytes, expected_bytes);
}

static void a_handle_names_its_container(void **state)
{
	uint64_t handle = texts_handle(UINT32_MAX, UINT32_MAX);

	assert_int_equal(handle, UINT64_MAX);
	assert_int_equal(texts_container(handle), UINT32_MAX);
	assert_int_equal(texts_container(texts_handle(7, 9)), 7);
	assert_int_equal(texts_container(texts_handle(TEXTS_NO_CONTAINER, 0)), TEXTS_NO_CONTAINER);
}

static void a_new_moment_takes_the_place_of_the_one_before(void **state)
{
	struct scene *scene = *state;
	uint64_t handle = texts_handle(1, 1);

	keep(scene, handle, 10, "one");
	keep(scene, handle, 12, "the other");
	assert_text(scene, handle, 0, "the other");
	assert_count(scene, 1, strlen("the other"));
	assert_text(scene, texts_handle(1, 2), 0, NULL);
	texts_drop(scene->texts, handle);
	texts_drop(scene->texts, handle);
	assert_text(scene, handle, 0, NULL);
	assert_count(scene, 0, 0);
}

/* A request that two workers answer: the second finds what the first took. */
static void a_request_gets_the_same_text_twice(void **state)
{
	struct scene *scene = *state;
	uint64_t handle = texts_handle(1, 1);

	keep(scene, handle, 10, "one");
	assert_text(scene, handle, 10, "one");
	assert_text(scene, handle, 12, NULL);
}

/* It was answered before the later one came, or nobody waits for it: who has the file open reads on in the later one. */
static void an_earlier_request_changes_nothing(void **state)
{
	struct scene *scene = *state;
	uint64_t handle = texts_handle(1, 1);

	keep(scene, handle, 12, "the later");
	keep(scene, handle, 10, "the earlier");
	assert_text(scene, handle, 0, "the later");
	assert_text(scene, handle, 12, "the later");
}

static void what_is_the_same_for_everybody_is_not_kept(void **state)
{
	keep(*state, texts_handle(TEXTS_NO_CONTAINER, 0), 10, "all");
	assert_count(*state, 0, 0);
}

static void texts_outlive_a_worker(void **state)
{
	struct scene *scene = *state;

	keep(scene, texts_handle(1, 1), 10, "one");
	keep(scene, texts_handle(1, 1), 14, "one again");
	keep(scene, texts_handle(2, 2), 12, "");
	keep(scene, texts_handle(2, 3), 16, "closed");
	texts_drop(scene->texts, texts_handle(2, 3));
	close_texts(scene);
	open_texts(scene);
	assert_text(scene, texts_handle(1, 1), 14, "one again");
	assert_text(scene, texts_handle(2, 2), 12, "");
	assert_count(scene, 2, strlen("one again"));
	keep(scene, texts_handle(1, 1), 20, "two"); /* in its place in the store */
	close_texts(scene);
	open_texts(scene);
	assert_text(scene, texts_handle(1, 1), 20, "two");
	assert_count(scene, 2, strlen("two"));
}

static void a_record_that_is_none_of_ours_is_dropped(void **state)
{
	struct scene *scene = *state;

	store_put(scene->store, 0, STORE_TEXT, texts_handle(1, 1), "short", 5);
	store_put(scene->store, 0, STORE_TEXT, 7, "longer than a number", 20);
	close_texts(scene);
	open_texts(scene);
	assert_count(scene, 0, 0);
}

static void a_container_loses_its_own_oldest_first(void **state)
{
	struct scene *scene = *state;

	keep_bytes(scene, texts_handle(2, 1), 300);
	for (uint32_t i = 1; i <= 5; i++)
		keep_bytes(scene, texts_handle(1, i), 150);
	assert_false(has(scene, texts_handle(1, 3)));
	assert_true(has(scene, texts_handle(1, 4)));
	assert_true(has(scene, texts_handle(1, 5)));
	assert_true(has(scene, texts_handle(2, 1)));
	assert_count(scene, 3, 600);
}

/* One that is longer than the budget can be read on all the same. */
static void the_newest_stays(void **state)
{
	struct scene *scene = *state;

	keep_bytes(scene, texts_handle(1, 1), 10);
	keep_bytes(scene, texts_handle(1, 2), 5000);
	assert_count(scene, 1, 5000);
	keep_bytes(scene, texts_handle(2, 1), 10);
	assert_count(scene, 1, 10);
}

static void of_all_together_who_has_most_loses(void **state)
{
	struct scene *scene = *state;

	for (uint32_t i = 1; i <= 4; i++)
		keep_bytes(scene, texts_handle(i, i), 200);
	keep_bytes(scene, texts_handle(3, 30), 200);
	keep_bytes(scene, texts_handle(5, 5), 100);
	assert_false(has(scene, texts_handle(3, 3)));
	assert_true(has(scene, texts_handle(3, 30)));
	assert_count(scene, 5, 900);
	for (uint32_t i = 0; i < 100; i++)
		keep_bytes(scene, texts_handle(100 + i, 1), 100);
	assert_count(scene, 10, BUDGET);
}

static void without_a_store_they_are_kept_here(void **state)
{
	struct scene scene = { .texts = texts_new(NULL, BUDGET, BUDGET_EACH) };

	texts_restore(scene.texts);
	keep(&scene, texts_handle(1, 1), 10, "one");
	assert_text(&scene, texts_handle(1, 1), 0, "one");
	texts_free(scene.texts);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_handle_names_its_container),
		test(a_new_moment_takes_the_place_of_the_one_before),
		test(a_request_gets_the_same_text_twice),
		test(an_earlier_request_changes_nothing),
		test(what_is_the_same_for_everybody_is_not_kept),
		test(texts_outlive_a_worker),
		test(a_record_that_is_none_of_ours_is_dropped),
		test(a_container_loses_its_own_oldest_first),
		test(the_newest_stays),
		test(of_all_together_who_has_most_loses),
		cmocka_unit_test(without_a_store_they_are_kept_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
