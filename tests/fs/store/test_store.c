/* SPDX-License-Identifier: Apache-2.0
 *
 * Records: written, moved, found by the next process, and what a torn copy does.
 */
#include "fs/store/layout.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	int fd;
	Store *store; /* claimed */
};

static Store *open_store(int fd)
{
	g_autoptr(GError) error = NULL;
	Store *store = store_open(fd, &error);

	assert_null(error);
	return store;
}

/* As the next worker does. */
static void reopen(struct file *file)
{
	store_close(file->store);
	file->store = open_store(file->fd);
	store_claim(file->store);
}

static int setup(void **state)
{
	struct file *file = g_new0(struct file, 1);

	file->fd = store_make();
	assert_true(file->fd >= 0);
	reopen(file);
	*state = file;
	return 0;
}

static int teardown(void **state)
{
	struct file *file = *state;

	store_close(file->store);
	close(file->fd);
	g_free(file);
	return 0;
}

static store_place put(const struct file *file, store_place place, uint64_t number, const char *text)
{
	place = store_put(file->store, place, STORE_TEXT, number, text, strlen(text));
	assert_true(place != 0);
	return place;
}

/* ---- what is found ---- */

struct search {
	uint64_t number;
	unsigned found, all;
	uint64_t sequence;
	store_place place;
	GString *text;
};

static void visit(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length, void *data)
{
	struct search *search = data;

	search->all++;
	if (number != search->number)
		return;
	search->found++;
	search->sequence = sequence;
	search->place = place;
	g_string_truncate(search->text, 0);
	g_string_append_len(search->text, bytes, (gssize)length);
}

static struct search find(const Store *store, enum store_kind kind, uint64_t number)
{
	struct search search = { .number = number, .text = g_string_new(NULL) };

	store_each(store, kind, visit, &search);
	return search;
}

/* NULL: there is no such record. */
static void assert_text(const Store *store, uint64_t number, const char *text)
{
	struct search search = find(store, STORE_TEXT, number);

	assert_int_equal(search.found, text ? 1 : 0);
	if (text)
		assert_string_equal(search.text->str, text);
	g_string_free(search.text, TRUE);
}

static unsigned count(const Store *store, enum store_kind kind)
{
	struct search search = find(store, kind, UINT64_MAX);

	g_string_free(search.text, TRUE);
	return search.all;
}

static uint64_t sequence_of(const Store *store, uint64_t number)
{
	struct search search = find(store, STORE_TEXT, number);

	assert_int_equal(search.found, 1);
	g_string_free(search.text, TRUE);
	return search.sequence;
}

/* ---- */

static void written_and_found(void **state)
{
	struct file *file = *state;
	store_place place = put(file, 0, 7, "first");

	assert_text(file->store, 7, "first");
	assert_int_equal(put(file, place, 7, "second"), place);
	assert_text(file->store, 7, "second");
	assert_int_equal(put(file, place, 7, ""), place);
	assert_text(file->store, 7, "");
	reopen(file);
	assert_text(file->store, 7, "");
	store_drop(file->store, place);
	assert_text(file->store, 7, NULL);
	store_drop(file->store, 0);
	reopen(file);
	assert_int_equal(count(file->store, STORE_TEXT), 0);
}

static void kinds_are_apart(void **state)
{
	struct file *file = *state;

	assert_true(store_put(file->store, 0, STORE_CONTAINER, 1, "c", 1));
	assert_true(store_put(file->store, 0, STORE_HISTORY, 1, "h", 1));
	put(file, 0, 1, "t");
	reopen(file);
	assert_int_equal(count(file->store, STORE_CONTAINER), 1);
	assert_int_equal(count(file->store, STORE_HISTORY), 1);
	assert_int_equal(count(file->store, STORE_REGISTRY), 0);
	assert_text(file->store, 1, "t");
}

static void sequence_tells_what_changed(void **state)
{
	struct file *file = *state;
	store_place place = put(file, 0, 1, "one");
	uint64_t first, second;

	put(file, 0, 2, "two");
	first = sequence_of(file->store, 1);
	second = sequence_of(file->store, 2);
	assert_true(second > first);
	put(file, place, 1, "one");
	assert_true(sequence_of(file->store, 1) > second);
	reopen(file);
	assert_int_equal(sequence_of(file->store, 2), second);
	put(file, place, 1, "one");
	assert_int_equal(sequence_of(file->store, 1), second + 2);
}

static char *text_of(size_t length)
{
	char *text = g_malloc(length + 1);

	for (size_t i = 0; i < length; i++)
		text[i] = (char)('a' + i % 26);
	text[length] = '\0';
	return text;
}

/* On both sides of each size class, growing and shrinking in place. */
static void all_sizes(void **state)
{
	struct file *file = *state;
	store_place place = 0;

	for (unsigned class = 0; class < LAYOUT_CLASSES - 4; class ++) {
		size_t most = layout_copy_size(class) - sizeof(struct layout_copy);

		for (size_t length = most; length <= most + 1; length++) {
			g_autofree char *text = text_of(length);

			place = put(file, place, 1, text);
			assert_text(file->store, 1, text);
		}
	}
	reopen(file);
	assert_int_equal(count(file->store, STORE_TEXT), 1);
	assert_int_equal(put(file, place, 1, "short"), place);
	assert_text(file->store, 1, "short");
}

static void too_long(void **state)
{
	struct file *file = *state;
	store_place place = put(file, 0, 1, "short");
	g_autofree char *text = text_of(STORE_MOST + 1);

	assert_int_equal(store_put(file->store, place, STORE_TEXT, 1, text, STORE_MOST + 1), 0);
	assert_text(file->store, 1, "short");
	text[STORE_MOST] = '\0';
	put(file, place, 1, text);
	assert_text(file->store, 1, text);
	assert_int_equal(count(file->store, STORE_TEXT), 1);
}

static off_t memory_of(int fd)
{
	struct stat status;

	assert_return_code(fstat(fd, &status), errno);
	return status.st_blocks * 512;
}

static void memory_comes_back(void **state)
{
	struct file *file = *state;
	g_autofree char *text = text_of(4 << 20);
	off_t before = memory_of(file->fd);
	store_place place[4];

	for (unsigned i = 0; i < 4; i++)
		place[i] = put(file, 0, i, text);
	assert_true(memory_of(file->fd) >= before + (16 << 20));
	for (unsigned i = 0; i < 4; i++)
		store_drop(file->store, place[i]);
	assert_true(memory_of(file->fd) <= before + (1 << 20));
}

/* ---- torn copies ---- */

static void flip(const struct file *file, uint64_t offset)
{
	unsigned char byte;

	assert_int_equal(pread(file->fd, &byte, 1, (off_t)offset), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(file->fd, &byte, 1, (off_t)offset), 1);
}

/* Whichever byte of the newer copy is wrong, the older one is found, by readers and by the next writer. */
static void each_torn_byte(void **state)
{
	struct file *file = *state;

	for (unsigned at = 0; at < sizeof(struct layout_copy) + strlen("after"); at++) {
		store_place place = put(file, 0, 1, "before");

		assert_int_equal(put(file, place, 1, "after"), place);
		flip(file, place + layout_copy_size(0) + at);
		assert_text(file->store, 1, "before");
		reopen(file);
		assert_text(file->store, 1, "before");
		assert_int_equal(put(file, place, 1, "again"), place);
		assert_text(file->store, 1, "again");
		store_drop(file->store, place);
	}
}

static void both_torn(void **state)
{
	struct file *file = *state;
	store_place place = put(file, 0, 1, "before");

	put(file, 0, 2, "beside");
	put(file, place, 1, "after");
	flip(file, place + sizeof(struct layout_copy));
	flip(file, place + layout_copy_size(0) + sizeof(struct layout_copy));
	assert_text(file->store, 1, NULL);
	reopen(file);
	assert_text(file->store, 1, NULL);
	assert_text(file->store, 2, "beside");
	assert_int_equal(put(file, 0, 3, "new"), place); /* it is free again */
}

/* Killed between the writing of a longer record and the dropping of the old one: the same number twice. */
static void moving(void **state)
{
	struct file *file = *state;
	store_place first[3], second;

	for (unsigned i = 0; i < 3; i++)
		first[i] = put(file, 0, i, "old");
	second = put(file, 0, 1, "new");
	assert_true(second > first[2]); /* so that the older one comes first */
	reopen(file);
	assert_int_equal(count(file->store, STORE_TEXT), 3);
	assert_text(file->store, 0, "old");
	assert_text(file->store, 1, "new");
	assert_text(file->store, 2, "old");
	assert_int_equal(put(file, 0, 3, "new"), first[1]); /* which is free again */
}

/* It is the first record of a slab that holds another one, too. */
static void older_lies_behind(void **state)
{
	struct file *file = *state;
	g_autofree char *text = text_of(layout_copy_size(0));
	store_place first = put(file, 0, 0, text);

	put(file, 0, 1, "old");
	put(file, 0, 2, "beside");
	store_drop(file->store, first);
	assert_int_equal(put(file, 0, 1, text), first);
	reopen(file);
	assert_int_equal(count(file->store, STORE_TEXT), 2);
	assert_text(file->store, 1, text);
	assert_text(file->store, 2, "beside");
}

/* ---- threads ---- */

#define THREADS 4
#define RECORDS 200

struct writer {
	const struct file *file;
	unsigned thread;
	pthread_t id;
};

/* Its own records, which grow, move and go. */
static void *write_many(void *data)
{
	const struct writer *writer = data;
	store_place place[RECORDS] = { 0 };
	g_autofree char *text = text_of(2000);

	for (unsigned i = 0; i < 10 * RECORDS; i++) {
		unsigned n = i % RECORDS;

		place[n] = store_put(writer->file->store, place[n], STORE_TEXT, writer->thread * RECORDS + n, text,
				     i % 2000);
		g_assert_cmpuint(place[n], !=, 0);
		if (i < 9 * RECORDS && i % 3 == 0) {
			store_drop(writer->file->store, place[n]);
			place[n] = 0;
		}
	}
	return NULL;
}

static void from_many_threads(void **state)
{
	struct file *file = *state;
	struct writer writers[THREADS];
	g_autofree char *text = text_of(2000);

	for (unsigned i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ .file = file, .thread = i };
		assert_int_equal(pthread_create(&writers[i].id, NULL, write_many, &writers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(writers[i].id, NULL), 0);
	reopen(file);
	assert_int_equal(count(file->store, STORE_TEXT), THREADS * RECORDS);
	for (unsigned i = 0; i < THREADS * RECORDS; i++) {
		g_autofree char *wanted = g_strndup(text, 9 * RECORDS + i % RECORDS);

		assert_text(file->store, i, wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_and_found, setup, teardown),
		cmocka_unit_test_setup_teardown(kinds_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(sequence_tells_what_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(all_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(too_long, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(each_torn_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(both_torn, setup, teardown),
		cmocka_unit_test_setup_teardown(moving, setup, teardown),
		cmocka_unit_test_setup_teardown(older_lies_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(from_many_threads, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
