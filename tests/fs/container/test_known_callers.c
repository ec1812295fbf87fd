/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads of the running machine, in containers of a made-up one.
 */
#include "fs/container/known_callers.h"

#include "cgroup/path.h"
#include "fs/container/host_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct scene {
	struct world world;
	Host *host; /* the running one */
	Container *container;
	KnownCallers *callers;
	pid_t child;
};

static int begin(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	*state = scene;
	world_begin(&scene->world, false);
	world_cgroup(&scene->world, "/c", "");
	paths = world_paths(&scene->world, "/c");
	scene->container = registry_of_cgroup(scene->world.registry, &paths, 0, NULL);
	scene->host = host_open(NULL);
	scene->callers = known_callers_new();
	scene->child = fork();
	if (scene->child == 0) {
		pause();
		_exit(0);
	}
	return scene->container && scene->host && scene->child > 0 ? 0 : -1;
}

static void end_child(struct scene *scene)
{
	if (scene->child > 0) {
		kill(scene->child, SIGKILL);
		waitpid(scene->child, NULL, 0);
	}
	scene->child = 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	end_child(scene);
	known_callers_free(scene->callers);
	container_unref(scene->container);
	host_free(scene->host);
	world_end(&scene->world);
	g_free(scene);
	return 0;
}

/* Remembers the thread as having been found by this step. */
static void keep(struct scene *scene, pid_t tid, unsigned registrations, enum caller_step step)
{
	char text[HOST_SMALL];

	assert_true(host_read_small(scene->host, tid, "cgroup", text, sizeof text) > 0);
	known_callers_keep(scene->callers, scene->host, tid, host_open_small(scene->host, tid, "cgroup"), text,
			   registrations, scene->container, step);
}

static bool recalls(struct scene *scene, pid_t tid, unsigned registrations)
{
	enum caller_step step = CALLER_UNKNOWN;
	g_autoptr(Container) container = known_callers_recall(scene->callers, scene->host, tid, registrations, &step);

	assert_true(!container || container == scene->container);
	assert_true(!container || step != CALLER_UNKNOWN);
	return container != NULL;
}

static void who_asked_is_known(void **state)
{
	struct scene *scene = *state;

	assert_false(recalls(scene, scene->child, 0));
	keep(scene, scene->child, 0, CALLER_OWN);
	assert_true(recalls(scene, scene->child, 0));
	assert_false(recalls(scene, getpid(), 0));
}

static void a_registration_changes_everything(void **state)
{
	struct scene *scene = *state;

	keep(scene, scene->child, 3, CALLER_OWN);
	assert_true(recalls(scene, scene->child, 3));
	assert_false(recalls(scene, scene->child, 4));
}

/* The number may be another's by then; the descriptor is not. */
static void who_has_ended_is_forgotten(void **state)
{
	struct scene *scene = *state;
	pid_t tid = scene->child;

	keep(scene, tid, 0, CALLER_REGISTERED);
	assert_true(recalls(scene, tid, 0));
	end_child(scene);
	assert_false(recalls(scene, tid, 0));
}

static void who_was_moved_is_looked_for_anew(void **state)
{
	struct scene *scene = *state;

	known_callers_keep(scene->callers, scene->host, scene->child,
			   host_open_small(scene->host, scene->child, "cgroup"), "0::/elsewhere\n", 0, scene->container,
			   CALLER_REGISTERED);
	assert_false(recalls(scene, scene->child, 0));
}

static void a_removed_cgroup_is_no_answer(void **state)
{
	struct scene *scene = *state;

	keep(scene, scene->child, 0, CALLER_OWN);
	world_remove_cgroup(&scene->world, "/c");
	assert_false(recalls(scene, scene->child, 0));
}

/* But a registered boundary: nothing that others do moves the caller out of it. */
static void what_the_steps_found_holds_for_a_second(void **state)
{
	static const enum caller_step found[] = { CALLER_REGISTERED, CALLER_NAMESPACE, CALLER_INIT, CALLER_OWN };
	struct scene *scene = *state;
	KnownCallers *callers[G_N_ELEMENTS(found)];

	g_clear_pointer(&scene->callers, known_callers_free);
	for (unsigned i = 0; i < G_N_ELEMENTS(found); i++) {
		callers[i] = scene->callers = known_callers_new();
		keep(scene, scene->child, 0, found[i]);
		assert_true(recalls(scene, scene->child, 0));
	}
	g_usleep(G_USEC_PER_SEC + G_USEC_PER_SEC / 10);
	for (unsigned i = 0; i < G_N_ELEMENTS(found); i++) {
		scene->callers = callers[i];
		assert_int_equal(recalls(scene, scene->child, 0), found[i] == CALLER_REGISTERED);
		known_callers_free(callers[i]);
	}
	scene->callers = known_callers_new();
}

static void the_same_slot_is_the_next_ones(void **state)
{
	struct scene *scene = *state;

	keep(scene, scene->child, 0, CALLER_OWN);
	keep(scene, getpid(), 0, CALLER_OWN);
	keep(scene, scene->child, 0, CALLER_OWN);
	assert_true(recalls(scene, scene->child, 0));
}

static unsigned open_descriptors(void)
{
	g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(dir))
		n++;
	return n;
}

static void tidying_lets_go_of_who_has_ended(void **state)
{
	struct scene *scene = *state;
	unsigned before = open_descriptors();

	keep(scene, scene->child, 0, CALLER_OWN);
	known_callers_tidy(scene->callers, scene->host);
	assert_int_equal(open_descriptors(), before + 1);
	assert_true(recalls(scene, scene->child, 0));
	end_child(scene);
	known_callers_tidy(scene->callers, scene->host);
	assert_int_equal(open_descriptors(), before);
}

#define test(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(who_asked_is_known),
		test(a_registration_changes_everything),
		test(who_has_ended_is_forgotten),
		test(who_was_moved_is_looked_for_anew),
		test(a_removed_cgroup_is_no_answer),
		test(what_the_steps_found_holds_for_a_second),
		test(the_same_slot_is_the_next_ones),
		test(tidying_lets_go_of_who_has_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
