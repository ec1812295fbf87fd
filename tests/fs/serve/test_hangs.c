/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not end: slow requests, and a device that does not let go of its reader.
 */
#include "tests/fs/serve/scene.h"

#include "tests/fs/harness.h"

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
		test(a_reader_that_the_device_holds_is_told),
	};

	scene_log_nothing();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
