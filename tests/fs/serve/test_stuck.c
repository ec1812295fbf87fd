/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/stuck.h"
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
	struct sleeper *sleeper =
		mmap(NULL, sizeof *sleeper, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	GThread *thread = g_thread_new("sleeper", sleep_in_kernel, sleeper);

	while (!sleeper->child || !stuck_in_kernel(sleeper->tid))
		g_usleep(1000);
	kill(sleeper->child, SIGKILL);
	g_thread_join(thread);
	munmap(sleeper, sizeof *sleeper);
}

static void others_are_not(void **state)
{
	assert_false(stuck_in_kernel(gettid()));
	assert_false(stuck_in_kernel(1 << 30));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_takes_no_signal_is_stuck),
		cmocka_unit_test(others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
