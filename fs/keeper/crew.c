/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/keeper_private.h"

#include <errno.h>
#include <string.h>

/* A worker that cannot start is tried again ever more slowly. */
#define FIRST_PAUSE_MS 20
#define MAX_PAUSE_MS   2000

struct worker_process *crew_find_pid(struct keeper *keeper, pid_t pid)
{
	foreach_worker (keeper, worker) {
		if (worker->state != WORKER_NONE && worker->pid == pid)
			return worker;
	}
	return NULL;
}

/* One in this state, of the known program or of the upgrade's. */
struct worker_process *crew_find(struct keeper *keeper, enum worker_state state, bool is_new)
{
	foreach_worker (keeper, worker) {
		if (worker->state == state && worker->is_new == is_new)
			return worker;
	}
	return NULL;
}

/* Going or active, of whichever program. */
struct worker_process *crew_serving(struct keeper *keeper)
{
	foreach_worker (keeper, worker) {
		if (worker->state == WORKER_GOING || worker->state == WORKER_ACTIVE)
			return worker;
	}
	return NULL;
}

bool crew_has_next(struct keeper *keeper)
{
	foreach_worker (keeper, worker) {
		if (worker->state == WORKER_NONE || worker->state == WORKER_STARTING || worker->state == WORKER_STANDBY)
			return true;
	}
	return false;
}

/* One that had the turn and may still be doing something. */
bool crew_is_leaving(struct keeper *keeper, int64_t now)
{
	foreach_worker (keeper, worker) {
		if (!worker->had_turn)
			continue;
		if (worker->state == WORKER_LEAVING ||
		    (worker->state == WORKER_KILLED && now - worker->since_ms < KEEPER_DEAD_MS))
			return true;
	}
	return false;
}

void crew_start(struct keeper *keeper, bool is_new, int64_t now)
{
	struct worker_process *place = crew_find(keeper, WORKER_NONE, false);
	struct worker_start start = keeper->start;

	if (is_new)
		start.program = keeper->new_program;
	if (place && worker_process_start(place, &start, now)) {
		place->is_new = is_new;
		return;
	}
	keeper_say(keeper, G_LOG_LEVEL_WARNING, "cannot start a worker: %s",
		   place ? g_strerror(errno) : "too many are dead and not gone");
	keeper->not_before_ms = now + MAX_PAUSE_MS;
}

void crew_pause(struct keeper *keeper, int64_t now)
{
	int64_t pause = FIRST_PAUSE_MS << MIN(keeper->failures, 16U);

	keeper->failures++;
	keeper->not_before_ms = now + MIN(pause, MAX_PAUSE_MS);
}
