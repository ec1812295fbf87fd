/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/host_private.h"
#include "tests/fs/harness.h"

#include <glib.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct sleeper {
	atomic_int tid, child;
};

/*
 * Whose child is one of vfork(2) sleeps so until the child ends (kernel/fork.c, wait_for_vfork_done()). This one has memory
 * of its own: sanitizers make a fork(2) of the function.
 */
static void *sleep_in_kernel(void *data)
{
	struct sleeper *sleeper = data;
	pid_t child;

	sleeper->tid = gettid();
	child = (pid_t)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child == 0) {
		sleeper->child = getpid();
		for (;;)
			pause();
	}
	waitpid(child, NULL, 0);
	return NULL;
}

static void who_takes_no_signal_is_stuck(void **state)
{
	g_autoptr(Host) host = host_open(NULL);
	struct sleeper *sleeper =
		mmap(NULL, sizeof *sleeper, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	GThread *thread = g_thread_new("sleeper", sleep_in_kernel, sleeper);

	while (!sleeper->child || !host_is_stuck(host, sleeper->tid))
		g_usleep(1000);
	kill(sleeper->child, SIGKILL);
	g_thread_join(thread);
	munmap(sleeper, sizeof *sleeper);
}

static void others_are_not(void **state)
{
	g_autoptr(Host) host = host_open(NULL);

	assert_false(host_is_stuck(host, gettid()));
	assert_false(host_is_stuck(host, 1 << 30));
}

static void whoever_was_killed_is_dying(void **state)
{
	g_autoptr(Host) host = host_open(NULL);
	pid_t child = fork();

	if (child == 0) {
		for (;;)
			pause();
	}
	assert_false(host_is_dying(host, child));
	kill(child, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT), 0);
	assert_true(host_is_dying(host, child)); /* a zombie */
	waitpid(child, NULL, 0);
	assert_true(host_is_dying(host, child)); /* nobody */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_takes_no_signal_is_stuck),
		cmocka_unit_test(others_are_not),
		cmocka_unit_test(whoever_was_killed_is_dying),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
