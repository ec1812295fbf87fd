/* SPDX-License-Identifier: Apache-2.0
 *
 * Of the keeper, for this room alone: what it knows, and what its parts do.
 */
#pragma once

#include "fs/keeper/keeper.h"
#include "fs/keeper/worker_process.h"

/* An active one, one that stands by, one of an upgrade, and some that are dead but not gone yet. */
#define KEEPER_WORKERS 8

struct keeper {
	const struct keeper_plan *plan;
	int signals;
	bool watchdog; /* the service manager's, to be told that we are well */
	struct worker_process workers[KEEPER_WORKERS];
	struct worker_start start; /* the program that is known to be good */
	int new_program;           /* of an upgrade under way; -1: none */
	enum line_message next_go; /* how the worker with the turn ended */
	bool wants_upgrade;        /* it begins when none is under way: the program may have changed since that began */
	bool served;               /* once a worker has come to serve */
	bool ending;
	enum keeper_end end;
	unsigned failures, quick_crashes;
	int64_t not_before_ms; /* the next start */
	int64_t last_loop_ms;
};

#define foreach_worker(keeper, worker) \
	for (struct worker_process *worker = (keeper)->workers; worker < (keeper)->workers + KEEPER_WORKERS; worker++)

/* ---- keeper.c ---- */

/* Logs one line. */
void keeper_say(const struct keeper *keeper, GLogLevelFlags level, const char *format, ...) G_GNUC_PRINTF(3, 4);

void keeper_begin_end(struct keeper *keeper, enum keeper_end end);

/* All that a worker has said. */
void keeper_hear(struct keeper *keeper, struct worker_process *worker, int64_t now_ms);

/* ---- crew.c: who there is ---- */

struct worker_process *crew_find_pid(struct keeper *keeper, pid_t pid);

/* One in this state, of the known program or of the upgrade's. */
struct worker_process *crew_find(struct keeper *keeper, enum worker_state state, bool is_new);

/* Going or active, of whichever program. */
struct worker_process *crew_serving(struct keeper *keeper);

/* Somebody could serve after the one that does, or could be started for it. */
bool crew_has_next(struct keeper *keeper);

/* One that had the turn is not gone, and may still be doing something. */
bool crew_is_leaving(struct keeper *keeper, int64_t now_ms);

void crew_start(struct keeper *keeper, bool is_new, int64_t now_ms);

/* The next start has to wait, the longer the more have failed in a row. */
void crew_pause(struct keeper *keeper, int64_t now_ms);

/* ---- upgrade.c ---- */

void upgrade_begin(struct keeper *keeper, int64_t now_ms);

/* The new worker stands by: the active one is to let it in. */
void upgrade_hand_over(struct worker_process *active, int64_t now_ms);

/* The new worker serves: from now on its program is the known one, and nothing of the old one is needed. */
void upgrade_finish(struct keeper *keeper, int64_t now_ms);

void upgrade_fail(struct keeper *keeper, const char *why);

/* ---- ends.c: how workers end ---- */

/* Replaces one that does not do its duty. */
void ends_kill(struct keeper *keeper, struct worker_process *worker, const char *why, int64_t now_ms);

/* One that gives no sign of life is killed, one that does not quit as well. */
void ends_check_silence(struct keeper *keeper, struct worker_process *worker, int64_t now_ms);

/* Those that are gone, and those that are stopped. */
void ends_reap(struct keeper *keeper, int64_t now_ms);
