/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/descriptors.h"

#include "cgroup/error.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void set_pid(const char *value)
{
	g_autofree char *own = g_strdup_printf("%d", getpid());

	setenv("LISTEN_PID", value ? value : own, 1);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* In a child, whose descriptors from 3 on are its own matter. */
static void in_a_child(void (*what)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void need(bool truth)
{
	if (!truth)
		abort();
}

/* Pipes whose ends are known again by what comes through them: their places are crosswise those of the protocol. */
static void place_crosswise(void)
{
	struct descriptors given, got;
	g_auto(GStrv) environment = NULL;
	int pipes[DESCRIPTORS][2];

	for (unsigned i = 0; i < DESCRIPTORS; i++) {
		need(pipe2(pipes[i], O_CLOEXEC) == 0);
		need(write(pipes[i][1], &i, sizeof i) == sizeof i);
	}
	for (unsigned i = 0; i < DESCRIPTORS; i++)
		given.fd[i] = pipes[DESCRIPTORS - 1 - i][0];
	need(descriptors_place(&given, DESCRIPTORS));
	environment = descriptors_environment((char *[]){ (char[]){ "LISTEN_FDS=17" }, (char[]){ "NOTIFY_SOCKET=/n" },
							  (char[]){ "HOME=/root" }, NULL },
					      DESCRIPTORS);
	descriptors_set_pid(environment);
	need(clearenv() == 0);
	for (char **variable = environment; *variable; variable++)
		need(putenv(*variable) == 0);
	need(getenv("NOTIFY_SOCKET") == NULL && strcmp(getenv("HOME"), "/root") == 0);
	need(descriptors_receive(&got, NULL) && descriptors_complete(&got, NULL));
	for (unsigned i = 0; i < DESCRIPTORS; i++) {
		unsigned which;

		need(got.fd[i] == DESCRIPTORS_FIRST + (int)i);
		need(fcntl(got.fd[i], F_GETFD) == FD_CLOEXEC);
		need(read(got.fd[i], &which, sizeof which) == sizeof which && which == DESCRIPTORS - 1 - i);
	}
	clearenv(); /* its strings go */
}

static void what_is_placed_is_received(void **state)
{
	in_a_child(place_crosswise);
}

static void receive_others(void)
{
	struct descriptors got;

	for (int fd = 3; fd <= 6; fd++) {
		int null_fd = open("/dev/null", O_RDONLY);

		need(null_fd >= 0 && dup2(null_fd, fd) == fd);
	}
	set_pid(NULL);
	setenv("LISTEN_FDS", "4", 1);
	setenv("LISTEN_FDNAMES", "state:unknown:fuse:state", 1);
	need(descriptors_receive(&got, NULL));
	need(got.fd[DESCRIPTOR_STATE] == 3 && got.fd[DESCRIPTOR_FUSE] == 5 && got.fd[DESCRIPTOR_JOURNAL] == -1);
	need(!is_open(4) && !is_open(6) && is_open(3) && is_open(5));
	need(!descriptors_complete(&got, NULL));
}

static void unknown_names_and_seconds_are_closed(void **state)
{
	in_a_child(receive_others);
}

static void another_process_s_are_not_taken(void **state)
{
	struct descriptors got;

	set_pid("1");
	setenv("LISTEN_FDS", "3", 1);
	assert_true(descriptors_receive(&got, NULL));
	for (unsigned i = 0; i < DESCRIPTORS; i++)
		assert_int_equal(got.fd[i], -1);
}

static void nonsense_is_an_error(void **state)
{
	g_autoptr(GError) error = NULL;
	struct descriptors got;

	set_pid(NULL);
	setenv("LISTEN_FDS", "-1", 1);
	assert_false(descriptors_receive(&got, &error));
	assert_true(g_str_has_prefix(error->message, "LISTEN_FDS and LISTEN_FDNAMES: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_placed_is_received),
		cmocka_unit_test(unknown_names_and_seconds_are_closed),
		cmocka_unit_test(another_process_s_are_not_taken),
		cmocka_unit_test(nonsense_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
