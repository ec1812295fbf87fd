/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/keeper_private.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* Crashes of active workers, each soon after it began, before the next one has to wait. */
#define QUICK_MS      1000
#define QUICK_CRASHES 20

void ends_kill(struct keeper *keeper, struct worker_process *worker, const char *why, int64_t now)
{
	keeper_say(keeper, G_LOG_LEVEL_WARNING, "worker %d %s and is replaced", (int)worker->pid, why);
	if (worker->had_turn)
		keeper->next_go = worker->failed ? LINE_GO_CRASHED : LINE_GO_KILLED;
	worker_process_kill(worker, now);
}

/* signal(7): those that the kernel or the program itself raises for a fault; else somebody sent it. */
static bool is_fault(int status)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };

	if (WIFEXITED(status))
		return WEXITSTATUS(status) != 0;
	for (unsigned i = 0; i < G_N_ELEMENTS(faults); i++) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == faults[i])
			return true;
	}
	return false;
}

static void tell_end(const struct keeper *keeper, const struct worker_process *worker, int status)
{
	if (keeper->ending || worker->state == WORKER_LEAVING || worker->state == WORKER_KILLED)
		return;
	if (WIFSIGNALED(status))
		keeper_say(keeper, G_LOG_LEVEL_WARNING, "worker %d was ended by signal %d (%s) and is replaced",
			   (int)worker->pid, WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
	else
		keeper_say(keeper, G_LOG_LEVEL_WARNING, "worker %d ended with status %d and is replaced",
			   (int)worker->pid, WEXITSTATUS(status));
}

/* The worker that had the turn is gone. */
static void note_end_of_turn(struct keeper *keeper, const struct worker_process *worker, int status, int64_t now)
{
	bool crashed = is_fault(status);

	if (worker->state == WORKER_KILLED) /* then ends_kill() has said why */
		return;
	if (WIFEXITED(status) && !crashed)
		keeper->next_go = LINE_GO_FRESH;
	else
		keeper->next_go = crashed ? LINE_GO_CRASHED : LINE_GO_KILLED;
	if (!crashed || now - worker->turn_ms > QUICK_MS)
		keeper->quick_crashes = 0;
	else if (++keeper->quick_crashes > QUICK_CRASHES)
		crew_pause(keeper, now);
}

static void on_end(struct keeper *keeper, struct worker_process *worker, int status, int64_t now)
{
	if (worker->line >= 0)
		keeper_hear(keeper, worker, now);
	tell_end(keeper, worker, status);
	if (worker->had_turn)
		note_end_of_turn(keeper, worker, status, now);
	if (!keeper->served)
		keeper_begin_end(keeper, KEEPER_FAILED);
	else if (!worker->served && !worker->is_new && worker->state != WORKER_KILLED)
		crew_pause(keeper, now);
	if (worker->is_new && keeper->new_program >= 0)
		upgrade_fail(keeper, "did not come to serve");
	worker_process_clear(worker);
}

/* A stopped worker answers nobody (waitpid(2), WUNTRACED); whoever is served has no part in why. */
void ends_reap(struct keeper *keeper, int64_t now)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		struct worker_process *worker = crew_find_pid(keeper, pid);

		if (!worker)
			continue;
		if (!WIFSTOPPED(status))
			on_end(keeper, worker, status, now);
		else if (worker->state != WORKER_KILLED)
			ends_kill(keeper, worker, "is stopped", now);
	}
}

void ends_check_silence(struct keeper *keeper, struct worker_process *worker, int64_t now)
{
	int64_t silent = now - worker->since_ms;

	switch (worker->state) {
	case WORKER_STARTING:
	case WORKER_GOING:
		worker->failed = silent > KEEPER_START_MS;
		break;
	case WORKER_ACTIVE:
		worker->failed = silent > KEEPER_SILENCE_MS;
		break;
	case WORKER_LEAVING:
		if (silent > KEEPER_QUIT_MS) {
			keeper->next_go = LINE_GO_KILLED; /* in the midst of what it did not finish */
			worker_process_kill(worker, now);
		}
		return;
	case WORKER_NONE:
	case WORKER_STANDBY:
	case WORKER_KILLED:
		return;
	}
	if (worker->failed)
		ends_kill(keeper, worker, "gives no sign of life", now);
}
