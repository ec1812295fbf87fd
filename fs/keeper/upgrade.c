/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/keeper_private.h"

#include <fcntl.h>
#include <unistd.h>

static void tell_failure(struct keeper *keeper)
{
	const struct worker_process *serving = crew_serving(keeper);

	if (serving)
		line_send(serving->line, LINE_UPGRADE_FAILED);
}

void upgrade_fail(struct keeper *keeper, const char *why)
{
	if (keeper->new_program >= 0)
		close(keeper->new_program);
	keeper->new_program = -1;
	keeper_say(keeper, G_LOG_LEVEL_WARNING, "upgrade: %s %s; the old worker stays", keeper->plan->program, why);
	tell_failure(keeper);
}

void upgrade_begin(struct keeper *keeper, int64_t now)
{
	keeper->wants_upgrade = false;
	keeper->new_program = open(keeper->plan->program, O_PATH | O_CLOEXEC);
	if (keeper->new_program < 0) {
		upgrade_fail(keeper, "cannot be opened");
		return;
	}
	keeper_say(keeper, G_LOG_LEVEL_MESSAGE, "upgrade: starting a worker from %s", keeper->plan->program);
	crew_start(keeper, true, now);
	if (!crew_find(keeper, WORKER_STARTING, true))
		upgrade_fail(keeper, "cannot be started");
}

/* The new worker serves: from now on its program is the known one, and nothing of the old one is needed. */
void upgrade_finish(struct keeper *keeper, int64_t now)
{
	close(keeper->start.program);
	keeper->start.program = keeper->new_program;
	keeper->new_program = -1;
	foreach_worker (keeper, worker) {
		if (worker->is_new)
			worker->is_new = false;
		else if (worker->state == WORKER_STARTING || worker->state == WORKER_STANDBY)
			worker_process_kill(worker, now);
	}
	keeper_say(keeper, G_LOG_LEVEL_MESSAGE, "upgrade: the new worker serves");
}

void upgrade_hand_over(struct worker_process *active, int64_t now)
{
	active->state = WORKER_LEAVING;
	active->since_ms = now;
	line_send(active->line, LINE_QUIT);
}
