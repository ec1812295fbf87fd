/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions over a connection whose other end is played here: begun, taken over, killed.
 */
#include "fs/serve/session.h"
#include "golden/fixture.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"
#include "tests/fs/serve/fake_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOW_FILE "/sys/devices/system/cpu/cpu%/cache/index%/size"

struct scene {
	struct fake_kernel kernel;
	struct fixture *fixture;
	char *directory, *fifo; /* of a fixture whose slow file is as slow as we like */
	int journal, store_fd;
	Store *store;
	struct serve serve;
	Session *session;
	struct fake_answer answer;
	atomic_int hung, ended, beats;
	GThread *writer; /* of the FIFO */
	atomic_bool stops_writing;
	char *texts[2]; /* what readers may see */
};

/* ---- the daemon's side ---- */

static void on_beat(void *data)
{
	atomic_fetch_add(&((struct scene *)data)->beats, 1);
}

static void on_hung(void *data)
{
	atomic_fetch_add(&((struct scene *)data)->hung, 1);
}

static void on_ended(void *data)
{
	atomic_fetch_add(&((struct scene *)data)->ended, 1);
}

static void begin(struct scene *scene, enum session_before before)
{
	struct session_watch watch = { on_beat, on_hung, on_ended, scene };
	g_autoptr(GError) error = NULL;

	scene->store = store_open(scene->store_fd, NULL);
	store_claim(scene->store);
	scene->serve = (struct serve){
		.registry = scene->fixture->registry,
		.texts = texts_new(scene->store, TEXTS_BUDGET, TEXTS_BUDGET_EACH),
		.report = report_new(),
	};
	texts_restore(scene->serve.texts);
	scene->session = session_new(&scene->serve, scene->kernel.device, scene->journal, &error);
	assert_null(error);
	assert_true(session_begin(scene->session, before, &watch, &error));
}

static void stop(struct scene *scene)
{
	g_clear_pointer(&scene->session, session_stop);
	texts_free(scene->serve.texts);
	report_free(scene->serve.report);
	store_close(scene->store);
}

/* A copy of the captured host in which the slow file is a FIFO: reading it waits for a writer. */
static void make_fixture(struct scene *scene)
{
	g_autofree char *copy = NULL;

	scene->directory = scratch_new();
	copy = g_strdup_printf("cp -r '%s/v2-256cpus' '%s/host'", FIXTURES, scene->directory);
	assert_int_equal(system(copy), 0);
	scene->fifo = g_build_filename(scene->directory, "host/sys/devices/system/cpu/cpu3/cache/index0/size", NULL);
	assert_int_equal(unlink(scene->fifo), 0);
	assert_int_equal(mkfifo(scene->fifo, 0600), 0);
	scene->fixture = fixture_open(scene->directory, "host");
	assert_null(scene->fixture->error);
}

static int set_up(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);

	*state = scene;
	make_fixture(scene);
	fake_kernel_open(&scene->kernel);
	scene->journal = journal_make();
	scene->store_fd = store_make();
	return 0;
}

static void end_slowness(struct scene *scene);

static int tear_down(void **state)
{
	struct scene *scene = *state;

	end_slowness(scene);
	if (scene->session)
		stop(scene);
	scene->stops_writing = true;
	g_thread_join(scene->writer);
	close(scene->journal);
	close(scene->store_fd);
	fake_kernel_close(&scene->kernel);
	fixture_free(scene->fixture);
	scratch_free(scene->directory);
	g_free(scene->fifo);
	g_free(scene);
	return 0;
}

/* ---- what is asked ---- */

static struct node meminfo(void)
{
	return (struct node){ .row = rows_by_path("/proc/meminfo") };
}

static struct node slow_file(void)
{
	return (struct node){ .row = rows_by_path(SLOW_FILE), .index = { .first = 3 } };
}

static uint64_t handle_of(struct scene *scene, uint32_t serial)
{
	return texts_handle(container_slot(scene->fixture->container), serial);
}

static uint64_t ask(struct scene *scene, uint32_t serial, uint64_t offset, uint32_t size)
{
	struct node node = meminfo();

	return fake_kernel_read(&scene->kernel, &node, handle_of(scene, serial), offset, size);
}

static uint64_t ask_slow(struct scene *scene)
{
	struct node node = slow_file();

	return fake_kernel_read(&scene->kernel, &node, texts_handle(TEXTS_NO_CONTAINER, 0), 0, 100);
}

static void *write_fifo(void *data)
{
	struct scene *scene = data;

	while (!scene->stops_writing) {
		int fd = open(scene->fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0) {
			assert_int_equal(write(fd, "32K\n", 4), 4);
			close(fd);
		}
		g_usleep(1000);
	}
	return NULL;
}

/* Lets those who read the slow file go on, from now on. */
static void end_slowness(struct scene *scene)
{
	if (!scene->writer)
		scene->writer = g_thread_new("writer", write_fifo, scene);
}

/*
 * From now on the container uses so many GB of memory: every text of its meminfo is another one. The file stays the same,
 * because it is open, and as long, so that nobody reads half of it.
 */
static void use_memory(struct scene *scene, unsigned gigabytes)
{
	const char *cgroup = container_cgroup(scene->fixture->container);
	g_autofree char *path = g_build_filename(scene->directory, "host/cgroup", cgroup, "memory.current", NULL);
	g_autofree char *text = g_strdup_printf("%2u000000000\n", gigabytes);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	close(fd);
}

static const struct fake_answer *answer_to(struct scene *scene, uint64_t unique)
{
	fake_kernel_answer_to(&scene->kernel, unique, &scene->answer);
	return &scene->answer;
}

static void begin_fresh(struct scene *scene)
{
	uint64_t unique = fake_kernel_init(&scene->kernel, 0);

	use_memory(scene, 20);
	begin(scene, SESSION_FRESH);
	assert_int_equal(answer_to(scene, unique)->header.error, 0);
}

/* It counts after it has answered. */
static void wait_until_served(struct scene *scene, uint64_t expected)
{
	for (unsigned i = 0; i < 6000 && session_served(scene->session) < expected; i++)
		g_usleep(10000);
	assert_int_equal(session_served(scene->session), expected);
}

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

	begin(scene, SESSION_FRESH);
	assert_int_equal(answer_to(scene, unique)->header.error, 0);
	assert_int_equal(out->major, 7);
	assert_int_equal(out->max_write, 4096);
	assert_int_equal(out->max_pages, 256);
}

static void reads_are_answered(void **state)
{
	struct scene *scene = *state;

	begin_fresh(scene);
	assert_memory_equal(answer_to(scene, ask(scene, 1, 0, 200))->data, "MemTotal:", 9);
	assert_int_equal(scene->answer.length, 200);
	assert_int_equal(answer_to(scene, ask(scene, 1, 1 << 30, 200))->length, 0);
	wait_until_served(scene, 2);
}

static void a_forgotten_container_is_gone(void **state)
{
	struct scene *scene = *state;
	struct node node = meminfo();
	uint64_t unique;

	begin_fresh(scene);
	unique = fake_kernel_read(&scene->kernel, &node, texts_handle(12345, 1), 0, 100);
	assert_int_equal(answer_to(scene, unique)->header.error, -ESRCH);
}

static void the_end_of_the_connection_is_told(void **state)
{
	struct scene *scene = *state;

	begin_fresh(scene);
	shutdown(scene->kernel.end, SHUT_RDWR);
	for (unsigned i = 0; i < 6000 && !scene->ended; i++)
		g_usleep(10000);
	assert_int_equal(scene->ended, 1);
}

static void it_beats(void **state)
{
	struct scene *scene = *state;

	begin_fresh(scene);
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

	begin_fresh(scene);
	*whole = *answer_to(scene, ask(scene, 1, 0, 1 << 16));
	assert_true(whole->length > 200);
	use_memory(scene, 30);
	stop(scene);
	begin(scene, SESSION_KILLED);
	answer_to(scene, ask(scene, 1, 20, 1 << 16));
	assert_int_equal(scene->answer.length, whole->length - 20);
	assert_memory_equal(scene->answer.data, whole->data + 20, scene->answer.length);
}

static void what_a_dead_worker_owed_is_answered(void **state)
{
	struct scene *scene = *state;
	uint64_t first, second;

	begin_fresh(scene);
	stop(scene);
	first = ask(scene, 1, 0, 100);
	put_into_journal(scene, 40, JOURNAL_STARTED, 0);
	second = ask(scene, 2, 0, 100);
	put_into_journal(scene, 41, 0, 0);
	begin(scene, SESSION_CRASHED);
	assert_int_equal(answer_to(scene, first)->length, 100);
	assert_int_equal(answer_to(scene, second)->length, 100);
}

/* Also one that it had answered: with the same text, for the reader goes on in it. */
static void what_was_answered_twice_was_the_same(void **state)
{
	struct scene *scene = *state;
	g_autofree struct fake_answer *first = g_new(struct fake_answer, 1);
	uint64_t unique = fake_kernel_init(&scene->kernel, 0);

	use_memory(scene, 20);
	put_into_journal(scene, 7, 0, 0);
	begin(scene, SESSION_KILLED); /* INIT itself was owed */
	assert_int_equal(answer_to(scene, unique)->header.error, 0);
	unique = ask(scene, 1, 0, 100);
	*first = *answer_to(scene, unique);
	use_memory(scene, 30);
	stop(scene);
	scene->kernel.unique -= 2;
	assert_int_equal(ask(scene, 1, 0, 100), unique);
	put_into_journal(scene, 3, JOURNAL_STARTED, 0);
	begin(scene, SESSION_KILLED);
	assert_memory_equal(answer_to(scene, unique)->data, first->data, 100);
	answer_to(scene, ask(scene, 1, 0, 100)); /* a new moment */
	assert_memory_not_equal(scene->answer.data, first->data, 100);
}

static void who_crashed_it_three_times_is_given_up(void **state)
{
	struct scene *scene = *state;
	uint64_t bad, good;

	begin_fresh(scene);
	stop(scene);
	bad = ask(scene, 1, 0, 100);
	put_into_journal(scene, 0, JOURNAL_STARTED, JOURNAL_MOST_FAULTS - 1);
	good = ask(scene, 2, 0, 100);
	put_into_journal(scene, 1, JOURNAL_STARTED, 0);
	begin(scene, SESSION_CRASHED);
	assert_int_equal(answer_to(scene, bad)->header.error, -EIO);
	assert_int_equal(answer_to(scene, good)->length, 100);
}

static void the_kernel_is_asked_again_where_it_can_be(void **state)
{
	struct scene *scene = *state;
	uint64_t unique = fake_kernel_init(&scene->kernel, UINT64_C(1) << 39);

	begin(scene, SESSION_FRESH);
	answer_to(scene, unique);
	stop(scene);
	begin(scene, SESSION_KILLED);
	answer_to(scene, 0); /* a message of its own; the kernel answers INIT with ENOENT, here it comes again */
	assert_int_equal(scene->answer.header.error, 7);
}

/* A request that is sent again has bit 63 in its number, and so has its answer. */
static void what_is_sent_again_is_answered_so(void **state)
{
	struct scene *scene = *state;
	uint64_t unique;

	begin_fresh(scene);
	scene->kernel.unique |= UINT64_C(1) << 63;
	unique = ask(scene, 1, 0, 100);
	assert_true(unique >> 63);
	assert_int_equal(answer_to(scene, unique)->length, 100);
}

static void a_connection_without_its_journal_is_served(void **state)
{
	struct scene *scene = *state;
	uint64_t unique;

	begin_fresh(scene);
	stop(scene);
	assert_int_equal(journal_format(scene->journal), 0);
	unique = ask(scene, 1, 0, 100);
	begin(scene, SESSION_KILLED);
	assert_int_equal(answer_to(scene, unique)->length, 100);
}

/* ---- what does not end ---- */

static void a_slow_request_holds_up_nobody(void **state)
{
	struct scene *scene = *state;
	uint64_t slow[4];

	begin_fresh(scene);
	for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++)
		slow[i] = ask_slow(scene);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(answer_to(scene, ask(scene, i, 0, 100))->length, 100);
	assert_false(fake_kernel_has_next(&scene->kernel, 0));
	end_slowness(scene);
	for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++)
		fake_kernel_next(&scene->kernel, &scene->answer);
	wait_until_served(scene, 20 + G_N_ELEMENTS(slow));
}

/* One that runs, and one that waits because two of its container run. */
static void who_is_interrupted_may_go(void **state)
{
	struct scene *scene = *state;
	uint64_t slow[3];

	begin_fresh(scene);
	for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++)
		slow[i] = ask_slow(scene);
	fake_kernel_interrupt(&scene->kernel, slow[0]);
	assert_int_equal(answer_to(scene, slow[0])->header.error, -EINTR);
	fake_kernel_interrupt(&scene->kernel, slow[2]);
	assert_int_equal(answer_to(scene, slow[2])->header.error, -EINTR);
	end_slowness(scene);
	answer_to(scene, slow[1]);
	stop(scene);
	begin(scene, SESSION_KILLED);
	assert_int_equal(answer_to(scene, ask(scene, 1, 0, 100))->length, 100);
}

/* It is told, and the next worker knows who it was. */
static void what_hangs_is_told(void **state)
{
	struct scene *scene = *state;
	Journal *journal = journal_open(scene->journal, NULL);
	unsigned n_hung = 0;

	begin_fresh(scene);
	ask_slow(scene);
	for (unsigned i = 0; i < 6000 && !scene->hung; i++)
		g_usleep(10000);
	assert_int_equal(scene->hung, 1);
	for (unsigned i = 0; i < JOURNAL_SLOTS; i++)
		n_hung += journal_slot(journal, i)->flags & JOURNAL_HUNG ? 1 : 0;
	assert_int_equal(n_hung, 1);
	assert_int_equal(answer_to(scene, ask(scene, 1, 0, 100))->length, 100);
	journal_close(journal);
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
	begin(scene, before);
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
		use_memory(scene, amounts[i]);
		scene->texts[i] = fixture_text(scene->fixture, "/proc/meminfo");
	}
	assert_string_not_equal(scene->texts[0], scene->texts[1]);
}

static void ask_on(struct scene *scene, struct reader *readers, unsigned i)
{
	readers[i].waits_for = ask(scene, i + 1, readers[i].text->len, 23 + 3 * i);
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
		use_memory(scene, amounts[i % G_N_ELEMENTS(amounts)]);
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
	begin(scene, SESSION_KILLED);
	files += read_for_a_while(scene, readers, 200);
	assert_true(files > READERS);
	for (unsigned i = 0; i < READERS; i++)
		g_string_free(readers[i].text, TRUE);
	for (unsigned i = 0; i < G_N_ELEMENTS(amounts); i++)
		g_free(scene->texts[i]);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* GLib's own writer asks localtime(3), which is not for several threads at a time. */
static GLogWriterOutput write_nothing(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
	return G_LOG_WRITER_HANDLED;
}

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
		test(a_slow_request_holds_up_nobody),
		test(who_is_interrupted_may_go),
		test(what_hangs_is_told),
		test(readers_do_not_notice_that_workers_are_killed),
	};

	g_log_set_writer_func(write_nothing, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
