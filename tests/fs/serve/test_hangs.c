/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not end: slow requests, those that the kernel holds, and a device that does not let go of its reader.
 */
#include "tests/fs/serve/scene.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>

/* So often something is looked for that has to come, every 10 ms. */
#define LOOKS 6000

static void a_slow_request_holds_up_nobody(void **state)
{
	struct scene *scene = *state;
	uint64_t slow[4];

	scene_begin_fresh(scene);
	for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++)
		slow[i] = scene_ask_slow(scene, TEXTS_NO_CONTAINER);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(scene_answer_to(scene, scene_ask(scene, i, 0, 100))->length, 100);
	assert_false(fake_kernel_has_next(&scene->kernel, 0));
	scene_end_slowness(scene);
	for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++)
		fake_kernel_next(&scene->kernel, &scene->answer);
	scene_wait_until_served(scene, 20 + G_N_ELEMENTS(slow));
}

/* One that runs, and one that waits because two of its container run. */
static void who_is_interrupted_may_go(void **state)
{
	struct scene *scene = *state;
	uint64_t slow[3];

	scene_begin_fresh(scene);
	for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++)
		slow[i] = scene_ask_slow(scene, TEXTS_NO_CONTAINER);
	fake_kernel_interrupt(&scene->kernel, slow[0]);
	assert_int_equal(scene_answer_to(scene, slow[0])->header.error, -EINTR);
	fake_kernel_interrupt(&scene->kernel, slow[2]);
	assert_int_equal(scene_answer_to(scene, slow[2])->header.error, -EINTR);
	scene_end_slowness(scene);
	scene_answer_to(scene, slow[1]);
	scene_stop(scene);
	scene_begin(scene, SESSION_KILLED);
	assert_int_equal(scene_answer_to(scene, scene_ask(scene, 1, 0, 100))->length, 100);
}

/* It is told, and the next worker knows who it was. */
static void what_hangs_is_told(void **state)
{
	struct scene *scene = *state;
	Journal *journal = journal_open(scene->journal, NULL);
	unsigned n_hung = 0;

	scene_begin_fresh(scene);
	scene_ask_slow(scene, TEXTS_NO_CONTAINER);
	for (unsigned i = 0; i < LOOKS && !scene->hung; i++)
		g_usleep(10000);
	assert_int_equal(scene->hung, 1);
	for (unsigned i = 0; i < JOURNAL_SLOTS; i++)
		n_hung += journal_slot(journal, i)->flags & JOURNAL_HUNG ? 1 : 0;
	assert_int_equal(n_hung, 1);
	assert_int_equal(scene_answer_to(scene, scene_ask(scene, 1, 0, 100))->length, 100);
	journal_close(journal);
}

/* ---- threads that the kernel holds ---- */

/* All that this process has wait in the kernel, as far as the captured host's /proc says. */
static void all_are_stuck(struct scene *scene)
{
	g_autofree char *host = g_build_filename(scene->directory, "host", NULL);
	g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
	const char *tid;

	while ((tid = g_dir_read_name(tasks))) {
		g_autofree char *name = g_build_filename("proc", tid, "stat", NULL);
		g_autofree char *path = g_build_filename(host, name, NULL);
		g_autofree char *text =
			g_strdup_printf("%s (x) D 1%s\n", tid, " 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1");

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			scratch_write(host, name, text);
	}
}

/* Until so many were given up, or it was said that this process is to be replaced. Returns how many. */
static unsigned given_up(struct scene *scene, unsigned most)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LOOKS && n < most && !scene->hung; i++) {
		all_are_stuck(scene);
		if (!fake_kernel_has_next(&scene->kernel, 10))
			continue;
		fake_kernel_next(&scene->kernel, &scene->answer);
		n += scene->answer.header.error == -EIO ? 1 : 0;
	}
	return n;
}

static void hold_two_of_each(struct scene *scene, uint64_t first, uint64_t last)
{
	for (uint64_t container = first; container <= last; container++)
		for (unsigned i = 0; i < 2; i++)
			scene_ask_slow(scene, container);
}

/*
 * As many as there are threads, and strangers, who are no container. Then one of a container that has a thread left, which needs
 * a place among the slow ones; one of a container that has none; and one more stranger.
 */
static void others_go_on_beside_those_that_are_stuck(void **state)
{
	struct scene *scene = *state;

	scene_begin_fresh(scene);
	hold_two_of_each(scene, 1, 4);
	hold_two_of_each(scene, TEXTS_NO_CONTAINER, TEXTS_NO_CONTAINER);
	scene_ask_slow(scene, 5);
	assert_int_equal(scene_answer_to(scene, scene_ask(scene, 1, 0, 100))->length, 100);
	assert_int_equal(given_up(scene, 11), 11);
	scene_ask_slow(scene, 5);
	scene_ask_slow(scene, 4);
	scene_ask_slow(scene, TEXTS_NO_CONTAINER);
	assert_int_equal(given_up(scene, 3), 3);
	assert_int_equal(scene->hung, 0);
	assert_int_equal(scene_answer_to(scene, scene_ask(scene, 2, 0, 100))->length, 100);
	scene_end_slowness(scene);
	scene_wait_until_served(scene, 13 + 2); /* the third one of a container never began */
	assert_int_not_equal(scene_answer_to(scene, scene_ask_slow(scene, 4))->header.unique, 0);
}

static void with_all_threads_stuck_it_is_to_be_replaced(void **state)
{
	struct scene *scene = *state;

	scene_begin_fresh(scene);
	hold_two_of_each(scene, 1, 20);
	given_up(scene, 40);
	assert_int_equal(scene->hung, 1);
	scene_end_slowness(scene);
	assert_int_equal(scene_answer_to(scene, scene_ask(scene, 1, 0, 100))->length, 100);
}

/* ---- outside any request ---- */

static void set_blocking(const struct scene *scene, bool blocks)
{
	int flags = fcntl(scene->kernel.device, F_GETFL);

	assert_int_equal(fcntl(scene->kernel.device, F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK), 0);
}

/* It has read one request and waits in read(2) for another one, which no reader does. */
static void a_reader_that_the_device_holds_is_told(void **state)
{
	struct scene *scene = *state;
	uint64_t first, second;

	scene_begin_fresh(scene);
	set_blocking(scene, true);
	first = scene_ask(scene, 1, 0, 100);
	for (unsigned i = 0; i < LOOKS && !scene->hung; i++)
		g_usleep(10000);
	assert_int_equal(scene->hung, 1);
	assert_int_equal(session_served(scene->session), 0);
	set_blocking(scene, false);
	second = scene_ask(scene, 2, 0, 100);
	assert_int_equal(scene_answer_to(scene, first)->length, 100);
	assert_int_equal(scene_answer_to(scene, second)->length, 100);
	assert_int_equal(scene->hung, 1);
}

#define test(function) cmocka_unit_test_setup_teardown(function, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_slow_request_holds_up_nobody),
		test(who_is_interrupted_may_go),
		test(what_hangs_is_told),
		test(others_go_on_beside_those_that_are_stuck),
		test(with_all_threads_stuck_it_is_to_be_replaced),
		test(a_reader_that_the_device_holds_is_told),
	};

	scene_log_nothing();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
