/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions over a connection whose other end is played here: begun, taken over, killed.
 */
#include "tests/fs/harness.h"
#include "tests/fs/serve/scene.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A request that a dead worker has read: it is in the journal, and not in the socket any more. */
static void put_into_journal(struct scene *scene, unsigned index, uint32_t flags, uint16_t faults)
{
	Journal *journal = journal_open(scene->journal, NULL);
	struct journal_slot *slot = journal_slot(journal, index);
	struct iovec buffers[2];

	journal_receive_into(journal, index, buffers);
	assert_true(readv(scene->kernel.device, buffers, 2) > 0);
	atomic_store(&slot->flags, flags);
	slot->faults = faults;
	journal_close(journal);
}

/* ---- a connection from its start ---- */

static void init_is_answered_for_short_requests(void **state)
{
	struct scene *scene = *state;
	uint64_t unique = fake_kernel_init(&scene->kernel, 0);
	const struct fuse_init_out *out = (const void *)scene->answer.data;

	scene_begin(scene, SESSION_FRESH);
	assert_int_equal(scene_answer_to(scene, unique)->header.error, 0);
	assert_int_equal(out->major, 7);
	assert_int_equal(out->max_write, 4096);
	assert_int_equal(out->max_pages, 256);
}

static void reads_are_answered(void **state)
{
	struct scene *scene = *state;

	scene_begin_fresh(scene);
	assert_memory_equal(scene_answer_to(scene, scene_ask(scene, 1, 0, 200))->data, "MemTotal:", 9);
	assert_int_equal(scene->answer.length, 200);
	assert_int_equal(scene_answer_to(scene, scene_ask(scene, 1, 1 << 30, 200))->length, 0);
	scene_wait_until_served(scene, 2);
}

static void a_forgotten_container_is_gone(void **state)
{
	struct scene *scene = *state;
	struct node node = { .row = rows_by_path("/proc/meminfo") };
	uint64_t unique;

	scene_begin_fresh(scene);
	unique = fake_kernel_read(&scene->kernel, &node, texts_handle(12345, 1), 0, 100);
	assert_int_equal(scene_answer_to(scene, unique)->header.error, -ESRCH);
}

static void the_end_of_the_connection_is_told(void **state)
{
	struct scene *scene = *state;

	scene_begin_fresh(scene);
	shutdown(scene->kernel.end, SHUT_RDWR);
	for (unsigned i = 0; i < 6000 && !scene->ended; i++)
		g_usleep(10000);
	assert_int_equal(scene->ended, 1);
}

static void it_beats(void **state)
{
	struct scene *scene = *state;

	scene_begin_fresh(scene);
	for (unsigned i = 0; i < 6000 && scene->beats < 2; i++)
		g_usleep(10000);
	assert_true(scene->beats >= 2);
	assert_int_equal(scene->hung, 0);
}

/* ---- the next worker ---- */

static void the_next_worker_goes_on_in_the_same_text(void **state)
{
	struct scene *scene = *state;
	g_autofree struct fake_answer *whole = g_new(struct fake_answer, 1);

	scene_begin_fresh(scene);
	*whole = *scene_answer_to(scene, scene_ask(scene, 1, 0, 1 << 16));
	assert_true(whole->length > 200);
	scene_use_memory(scene, 30);
	scene_stop(scene);
	scene_begin(scene, SESSION_KILLED);
	scene_answer_to(scene, scene_ask(scene, 1, 20, 1 << 16));
	assert_int_equal(scene->answer.length, whole->length - 20);
	assert_memory_equal(scene->answer.data, whole->data + 20, scene->answer.length);
}

static void what_a_dead_worker_owed_is_answered(void **state)
{
	struct scene *scene = *state;
	uint64_t first, second;

	scene_begin_fresh(scene);
	scene_stop(scene);
	first = scene_ask(scene, 1, 0, 100);
	put_into_journal(scene, 40, JOURNAL_STARTED, 0);
	second = scene_ask(scene, 2, 0, 100);
	put_into_journal(scene, 41, 0, 0);
	scene_begin(scene, SESSION_CRASHED);
	assert_int_equal(scene_answer_to(scene, first)->length, 100);
	assert_int_equal(scene_answer_to(scene, second)->length, 100);
}

/* Also one that it had answered: with the same text, for the reader goes on in it. */
static void what_was_answered_twice_was_the_same(void **state)
{
	struct scene *scene = *state;
	g_autofree struct fake_answer *first = g_new(struct fake_answer, 1);
	uint64_t unique = fake_kernel_init(&scene->kernel, 0);

	scene_use_memory(scene, 20);
	put_into_journal(scene, 7, 0, 0);
	scene_begin(scene, SESSION_KILLED); /* INIT itself was owed */
	assert_int_equal(scene_answer_to(scene, unique)->header.error, 0);
	unique = scene_ask(scene, 1, 0, 100);
	*first = *scene_answer_to(scene, unique);
	scene_use_memory(scene, 30);
	scene_stop(scene);
	scene->kernel.unique -= 2;
	assert_int_equal(scene_ask(scene, 1, 0, 100), unique);
	put_into_journal(scene, 3, JOURNAL_STARTED, 0);
	scene_begin(scene, SESSION_KILLED);
	assert_memory_equal(scene_answer_to(scene, unique)->data, first->data, 100);
	scene_answer_to(scene, scene_ask(scene, 1, 0, 100)); /* a new moment */
	assert_memory_not_equal(scene->answer.data, first->data, 100);
}

static void who_crashed_it_three_times_is_given_up(void **state)
{
	struct scene *scene = *state;
	uint64_t bad, good;

	scene_begin_fresh(scene);
	scene_stop(scene);
	bad = scene_ask(scene, 1, 0, 100);
	put_into_journal(scene, 0, JOURNAL_STARTED, JOURNAL_MOST_FAULTS - 1);
	good = scene_ask(scene, 2, 0, 100);
	put_into_journal(scene, 1, JOURNAL_STARTED, 0);
	scene_begin(scene, SESSION_CRASHED);
	assert_int_equal(scene_answer_to(scene, bad)->header.error, -EIO);
	assert_int_equal(scene_answer_to(scene, good)->length, 100);
}

static void the_kernel_is_asked_again_where_it_can_be(void **state)
{
	struct scene *scene = *state;
	uint64_t unique = fake_kernel_init(&scene->kernel, UINT64_C(1) << 39);

	scene_begin(scene, SESSION_FRESH);
	scene_answer_to(scene, unique);
	scene_stop(scene);
	scene_begin(scene, SESSION_KILLED);
	scene_answer_to(scene, 0); /* a message of its own; the kernel answers INIT with ENOENT, here it comes again */
	assert_int_equal(scene->answer.header.error, 7);
}

/* A request that is sent again has bit 63 in its number, and so has its answer. */
static void what_is_sent_again_is_answered_so(void **state)
{
	struct scene *scene = *state;
	uint64_t unique;

	scene_begin_fresh(scene);
	scene->kernel.unique |= UINT64_C(1) << 63;
	unique = scene_ask(scene, 1, 0, 100);
	assert_true(unique >> 63);
	assert_int_equal(scene_answer_to(scene, unique)->length, 100);
}

static void a_connection_without_its_journal_is_served(void **state)
{
	struct scene *scene = *state;
	uint64_t unique;

	scene_begin_fresh(scene);
	scene_stop(scene);
	assert_int_equal(journal_format(scene->journal), 0);
	unique = scene_ask(scene, 1, 0, 100);
	scene_begin(scene, SESSION_KILLED);
	assert_int_equal(scene_answer_to(scene, unique)->length, 100);
}

/* ---- killed at any moment ---- */

#define KILLS   60
#define READERS 8

/* Where each reader of the file is: the text that it is in and how much of it it has. */
struct reader {
	GString *text;
	uint64_t waits_for;
};

static pid_t start_worker(struct scene *scene, enum session_before before)
{
	pid_t child = fork();

	if (child > 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	scene_begin(scene, before);
	for (;;)
		pause();
}

/* All of one moment: the memory that is used changes now and then between these. */
static const unsigned amounts[] = { 20, 30 };

static void check_text(struct scene *scene, const GString *text)
{
	bool is_one = false;

	for (unsigned i = 0; i < G_N_ELEMENTS(amounts); i++)
		is_one |= strcmp(text->str, scene->texts[i]) == 0;
	if (!is_one)
		fail_msg("of two moments:\n%s", text->str);
}

static void note_texts(struct scene *scene)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(amounts); i++) {
		scene_use_memory(scene, amounts[i]);
		scene->texts[i] = fixture_text(scene->fixture, "/proc/meminfo");
	}
	assert_string_not_equal(scene->texts[0], scene->texts[1]);
}

static void ask_on(struct scene *scene, struct reader *readers, unsigned i)
{
	readers[i].waits_for = scene_ask(scene, i + 1, readers[i].text->len, 23 + 3 * i);
}

/* An answer that nobody waits for was given before. Returns whether a file was read to its end. */
static bool take(struct scene *scene, struct reader *readers)
{
	bool ended = false;

	for (unsigned i = 0; i < READERS; i++) {
		if (readers[i].waits_for != scene->answer.header.unique)
			continue;
		assert_int_equal(scene->answer.header.error, 0);
		g_string_append_len(readers[i].text, scene->answer.data, (gssize)scene->answer.length);
		ended = scene->answer.length == 0;
		if (ended) {
			check_text(scene, readers[i].text);
			g_string_truncate(readers[i].text, 0);
		}
		ask_on(scene, readers, i);
	}
	return ended;
}

static unsigned read_for_a_while(struct scene *scene, struct reader *readers, unsigned answers)
{
	unsigned files = 0;

	for (unsigned i = 0; i < answers; i++) {
		scene_use_memory(scene, amounts[i % G_N_ELEMENTS(amounts)]);
		fake_kernel_next(&scene->kernel, &scene->answer);
		files += take(scene, readers);
	}
	return files;
}

static void readers_do_not_notice_that_workers_are_killed(void **state)
{
	struct scene *scene = *state;
	struct reader readers[READERS];
	unsigned files = 0;

	note_texts(scene);
	fake_kernel_init(&scene->kernel, 0);
	for (unsigned i = 0; i < READERS; i++) {
		readers[i].text = g_string_new(NULL);
		ask_on(scene, readers, i);
	}
	for (unsigned kills = 0; kills < KILLS; kills++) {
		pid_t child = start_worker(scene, kills ? SESSION_KILLED : SESSION_FRESH);

		files += read_for_a_while(scene, readers, kills * 3);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	scene_begin(scene, SESSION_KILLED);
	files += read_for_a_while(scene, readers, 200);
	assert_true(files > READERS);
	for (unsigned i = 0; i < READERS; i++)
		g_string_free(readers[i].text, TRUE);
	for (unsigned i = 0; i < G_N_ELEMENTS(amounts); i++)
		g_free(scene->texts[i]);
}

#define test(function) cmocka_unit_test_setup_teardown(function, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(init_is_answered_for_short_requests),
		test(reads_are_answered),
		test(a_forgotten_container_is_gone),
		test(the_end_of_the_connection_is_told),
		test(it_beats),
		test(the_next_worker_goes_on_in_the_same_text),
		test(what_a_dead_worker_owed_is_answered),
		test(what_was_answered_twice_was_the_same),
		test(who_crashed_it_three_times_is_given_up),
		test(the_kernel_is_asked_again_where_it_can_be),
		test(what_is_sent_again_is_answered_so),
		test(a_connection_without_its_journal_is_served),
		test(readers_do_not_notice_that_workers_are_killed),
	};

	scene_log_nothing();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
