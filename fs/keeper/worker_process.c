/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define CANNOT_START 127 /* as the shell says it */

/* As a program expects to find them; those that we ignore stay ignored. */
static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become_worker(const struct worker_start *start, int line)
{
	struct descriptors descriptors = start->descriptors;
	int program = fcntl(start->program, F_DUPFD_CLOEXEC, DESCRIPTORS_FIRST + 2 * DESCRIPTORS);

	descriptors.fd[DESCRIPTOR_LINE] = line;
	unblock_signals();
	descriptors_set_pid(start->environment);
	if (program >= 0 && descriptors_place(&descriptors, DESCRIPTORS))
		execveat(program, "", start->arguments, start->environment, AT_EMPTY_PATH);
	_exit(CANNOT_START);
}

bool worker_process_start(struct worker_process *worker, const struct worker_start *start, int64_t now_ms)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	pid = fork();
	if (pid == 0)
		become_worker(start, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return false;
	}
	*worker = (struct worker_process){ .state = WORKER_STARTING, .pid = pid, .line = ends[0], .since_ms = now_ms };
	return true;
}

void worker_process_kill(struct worker_process *worker, int64_t now_ms)
{
	kill(worker->pid, SIGKILL);
	worker->state = WORKER_KILLED;
	worker->since_ms = now_ms;
}

void worker_process_clear(struct worker_process *worker)
{
	if (worker->line >= 0)
		close(worker->line);
	*worker = (struct worker_process){ .line = -1 };
}
