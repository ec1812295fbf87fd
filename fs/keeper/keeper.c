/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/keeper_private.h"

#include "cgroup/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 500
#define SOON_MS 20 /* while something is waited for that nothing will wake us for */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void keeper_say(const struct keeper *keeper, GLogLevelFlags level, const char *format, ...)
{
	char line[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	keeper->plan->say(keeper->plan->data, level, line);
}

void keeper_begin_end(struct keeper *keeper, enum keeper_end end)
{
	if (keeper->ending)
		return;
	keeper->ending = true;
	keeper->end = end;
}

/* ---- what workers say ---- */

static void on_active(struct keeper *keeper, struct worker_process *worker, int64_t now)
{
	if (worker->state != WORKER_GOING)
		return;
	worker->state = WORKER_ACTIVE;
	worker->served = true;
	keeper->failures = 0;
	if (worker->is_new)
		upgrade_finish(keeper, now);
	if (!keeper->served && keeper->plan->ready)
		keeper->plan->ready(keeper->plan->data);
	keeper->served = true;
}

/* It serves others beside what hangs: better than nobody. */
static void on_hung(struct keeper *keeper, struct worker_process *worker, int64_t now)
{
	if (worker->state != WORKER_GOING && worker->state != WORKER_ACTIVE)
		return;
	if (!crew_has_next(keeper)) {
		keeper_say(keeper, G_LOG_LEVEL_WARNING,
			   "worker %d has a request that does not end, and stays: too many are dead and not gone",
			   (int)worker->pid);
		return;
	}
	worker->failed = true; /* by itself: the request that hangs is to blame */
	ends_kill(keeper, worker, "has a request that does not end", now);
}

static void on_message(struct keeper *keeper, struct worker_process *worker, enum line_message message, int64_t now)
{
	if (worker->state != WORKER_LEAVING && worker->state != WORKER_KILLED)
		worker->since_ms = now;
	switch (message) {
	case LINE_STANDBY:
		if (worker->state == WORKER_STARTING)
			worker->state = WORKER_STANDBY;
		break;
	case LINE_ACTIVE:
		on_active(keeper, worker, now);
		break;
	case LINE_HUNG:
		on_hung(keeper, worker, now);
		break;
	case LINE_ENDED:
		keeper_begin_end(keeper, KEEPER_UNMOUNTED);
		break;
	case LINE_UPGRADE:
		keeper->wants_upgrade = true;
		break;
	case LINE_BEAT:
	case LINE_NOTHING:
	case LINE_GO_FRESH:
	case LINE_GO_KILLED:
	case LINE_GO_CRASHED:
	case LINE_QUIT:
	case LINE_UPGRADE_FAILED:
	case LINE_CLOSED:
		break;
	}
}

/* A line that is closed says nothing yet: the end of the process does. */
void keeper_hear(struct keeper *keeper, struct worker_process *worker, int64_t now)
{
	enum line_message message;

	while ((message = line_receive(worker->line)) != LINE_NOTHING) {
		if (message == LINE_CLOSED) {
			close(worker->line);
			worker->line = -1;
			return;
		}
		on_message(keeper, worker, message, now);
	}
}

/* ---- what is due ---- */

static void give_turn(struct keeper *keeper, struct worker_process *worker, int64_t now)
{
	worker->state = WORKER_GOING;
	worker->had_turn = true;
	worker->since_ms = worker->turn_ms = now;
	line_send(worker->line, keeper->next_go);
}

/* The next one to stand by: not while one takes over, which it would slow down. */
static bool wants_standby(struct keeper *keeper, int64_t now)
{
	const struct worker_process *serving = crew_serving(keeper);

	return !crew_find(keeper, WORKER_STANDBY, false) && !crew_find(keeper, WORKER_STARTING, false) &&
	       now >= keeper->not_before_ms && (!serving || serving->state == WORKER_ACTIVE);
}

/* Somebody has the turn, and somebody stands by. What is missing is made; nothing else decides what comes next. */
static void see_to_it(struct keeper *keeper, int64_t now)
{
	struct worker_process *serving = crew_serving(keeper);
	struct worker_process *upgraded = crew_find(keeper, WORKER_STANDBY, true);
	struct worker_process *standby = crew_find(keeper, WORKER_STANDBY, false);

	if (keeper->wants_upgrade && keeper->new_program < 0)
		upgrade_begin(keeper, now);
	if (upgraded && serving && serving->state == WORKER_ACTIVE)
		upgrade_hand_over(serving, now);
	else if (!serving && (upgraded || standby) && !crew_is_leaving(keeper, now))
		give_turn(keeper, upgraded ? upgraded : standby, now);
	if (wants_standby(keeper, now))
		crew_start(keeper, false, now);
}

/* While we were stopped, or the machine slept, nobody could be heard. */
static void forgive_gap(struct keeper *keeper, int64_t now)
{
	int64_t gap = now - keeper->last_loop_ms;

	keeper->last_loop_ms = now;
	if (gap < 3 * TICK_MS)
		return;
	foreach_worker (keeper, worker)
		worker->since_ms += gap;
}

/* ---- the loop ---- */

static void on_signal(struct keeper *keeper)
{
	struct signalfd_siginfo got;

	while (read(keeper->signals, &got, sizeof got) == sizeof got) {
		if (got.ssi_signo == SIGHUP)
			keeper->wants_upgrade = true;
		else if (got.ssi_signo != SIGCHLD)
			keeper_begin_end(keeper, KEEPER_ASKED);
	}
}

static int time_to_wait(struct keeper *keeper, int64_t now)
{
	return crew_is_leaving(keeper, now) || now < keeper->not_before_ms ? SOON_MS : TICK_MS;
}

static void wait_and_hear(struct keeper *keeper)
{
	struct pollfd wanted[KEEPER_WORKERS + 1];
	int64_t now;

	for (unsigned i = 0; i < KEEPER_WORKERS; i++)
		wanted[i] = (struct pollfd){ .fd = keeper->workers[i].line, .events = POLLIN };
	wanted[KEEPER_WORKERS] = (struct pollfd){ .fd = keeper->signals, .events = POLLIN };
	poll(wanted, G_N_ELEMENTS(wanted), time_to_wait(keeper, now_ms()));
	now = now_ms();
	forgive_gap(keeper, now);
	for (unsigned i = 0; i < KEEPER_WORKERS; i++) {
		if (wanted[i].revents && keeper->workers[i].line >= 0)
			keeper_hear(keeper, &keeper->workers[i], now);
	}
	if (wanted[KEEPER_WORKERS].revents)
		on_signal(keeper);
	ends_reap(keeper, now);
	if (keeper->watchdog)
		sd_notify(0, "WATCHDOG=1");
}

static void work(struct keeper *keeper)
{
	while (!keeper->ending) {
		int64_t now = now_ms();

		foreach_worker (keeper, worker)
			ends_check_silence(keeper, worker, now);
		see_to_it(keeper, now);
		wait_and_hear(keeper);
	}
}

static bool all_gone(const struct keeper *keeper)
{
	for (unsigned i = 0; i < KEEPER_WORKERS; i++) {
		if (keeper->workers[i].state != WORKER_NONE)
			return false;
	}
	return true;
}

static void end_workers(struct keeper *keeper)
{
	int64_t began = now_ms();

	foreach_worker (keeper, worker) {
		if (worker->state == WORKER_ACTIVE || worker->state == WORKER_GOING)
			line_send(worker->line, LINE_QUIT);
		else if (worker->state != WORKER_NONE && worker->state != WORKER_LEAVING)
			worker_process_kill(worker, began);
	}
	while (!all_gone(keeper) && now_ms() - began < KEEPER_QUIT_MS + KEEPER_DEAD_MS) {
		if (now_ms() - began > KEEPER_QUIT_MS) {
			foreach_worker (keeper, worker)
				if (worker->state != WORKER_NONE)
					worker_process_kill(worker, now_ms());
		}
		wait_and_hear(keeper);
	}
}

int keeper_signals(GError **error)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (unsigned i = 0; i < G_N_ELEMENTS(wanted); i++)
		sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		cg_fail(error, errno, "signalfd: %s", g_strerror(errno));
	return fd;
}

enum keeper_end keeper_run(const struct keeper_plan *plan, int signals)
{
	struct keeper keeper = {
		.plan = plan,
		.signals = signals,
		.watchdog = sd_watchdog_enabled(0, NULL) > 0,
		.start = { .program = open("/proc/self/exe", O_PATH | O_CLOEXEC),
			   .arguments = plan->arguments,
			   .environment = descriptors_environment(environ, DESCRIPTORS),
			   .descriptors = plan->descriptors },
		.new_program = -1,
		.next_go = LINE_GO_FRESH,
		.last_loop_ms = now_ms(),
	};

	foreach_worker (&keeper, worker)
		worker->line = -1;
	work(&keeper);
	end_workers(&keeper);
	g_strfreev(keeper.start.environment);
	close(keeper.start.program);
	if (keeper.new_program >= 0)
		close(keeper.new_program);
	return keeper.end;
}
