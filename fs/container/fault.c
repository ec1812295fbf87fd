/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/fault.h"

#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The lock that fault "lock" sleeps with: the only writable state of a file in this tree, and in no build that is installed. */
static pthread_mutex_t everybodys = PTHREAD_MUTEX_INITIALIZER;

static bool is_due(unsigned one_in)
{
	unsigned drawn = 0;

	return one_in > 0 && getrandom(&drawn, sizeof(drawn), 0) == sizeof(drawn) && drawn % one_in == 0;
}

/* raise(3), and no wild pointer: a sanitizer would make a report of that, and nothing is wrong. */
static void fault_segv(unsigned one_in)
{
	if (is_due(one_in))
		raise(SIGSEGV);
}

static void fault_abort(unsigned one_in)
{
	if (is_due(one_in))
		raise(SIGABRT);
}

static void fault_hang(unsigned one_in)
{
	if (!is_due(one_in))
		return;
	for (;;)
		pause();
}

static void fault_lock(unsigned one_in)
{
	if (!is_due(one_in))
		return;
	pthread_mutex_lock(&everybodys);
	for (;;)
		pause();
}

/*
 * As one that waits for a device: to a thread whose child of vfork(2) runs the kernel lets no signal through but SIGKILL. The
 * child has memory of its own, and the test ends it.
 */
static void fault_stuck(unsigned one_in)
{
	pid_t child;

	if (!is_due(one_in))
		return;
	child = (pid_t)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	waitpid(child, NULL, 0);
}

static void fault_slow(unsigned ms)
{
	g_usleep(ms * 1000UL);
}

static const struct {
	const char *name;
	void (*strike)(unsigned n);
} kinds[] = {
	{ "segv", fault_segv }, { "abort", fault_abort }, { "hang", fault_hang },
	{ "lock", fault_lock }, { "stuck", fault_stuck }, { "slow", fault_slow },
};

static void strike_line(const char *line, const char *path)
{
	char kind[16], of[256];
	unsigned n;

	if (sscanf(line, "%15s %255s %u", kind, of, &n) != 3 || !g_str_equal(of, path))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (g_str_equal(kinds[i].name, kind))
			kinds[i].strike(n);
	}
}

void fault_strike(const char *path)
{
	const char *file = g_getenv("PROCVIRT_FAULTS");
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	pthread_mutex_lock(&everybodys);
	pthread_mutex_unlock(&everybodys);
	if (!file || !g_file_get_contents(file, &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		strike_line(*line, path);
}
