/* SPDX-License-Identifier: Apache-2.0
 *
 * The keeper: holds what must outlive the process that serves, and replaces
 * that process when it dies, hangs, or is to be another version. It has no
 * threads, allocates nothing once it runs, and looks at nothing that a container can
 * influence: it must be the process that never fails.
 *
 * One worker is active; another stands by with everything made that can be made
 * beforehand. The active one is replaced when it has died, is stopped (SIGSTOP), says that a request hangs
 * (LINE_HUNG), or gives no sign of life for KEEPER_SILENCE_MS. Nobody serves before its
 * predecessor is gone, or dead: one that the kernel holds is passed over, and takes up one of a few places until it is gone.
 * When no place is left, who says that a request hangs goes on beside it.
 *
 * SIGHUP, or LINE_UPGRADE from the worker: a worker is started from the program file as it is then; once it stands
 * by, the active one is asked to quit and the new one has the turn; once that serves, its program is the one to
 * start workers from. Where any of it fails, the old worker, or a new one from the old program, goes on. The
 * keeper itself stays the same.
 *
 * SIGTERM and SIGINT end it and its workers.
 */
#pragma once

#include "fs/keeper/descriptors.h"

#define KEEPER_SILENCE_MS 3000  /* of an active worker */
#define KEEPER_START_MS   20000 /* for a worker to stand by, and for one that has the turn to serve */
#define KEEPER_QUIT_MS    5000  /* for a worker that was asked to quit */
#define KEEPER_DEAD_MS \
	300 /* for one that was sent SIGKILL; a thread in the kernel can keep it longer, but does nothing more */

struct keeper_plan {
	struct descriptors descriptors; /* all that are stored; borrowed */
	const char *program;            /* path of the file that workers are started from */
	char **arguments;               /* of a worker */
	void (*ready)(void *data);      /* called once, when the first worker serves */
	void (*say)(void *data, GLogLevelFlags level, const char *line); /* logs without allocating */
	void *data;
};

enum keeper_end {
	KEEPER_ASKED,     /* by a signal */
	KEEPER_UNMOUNTED, /* from outside */
	KEEPER_FAILED,    /* the first worker did not come to serve; it has said why */
};

/*
 * Blocks the signals that the keeper takes, and SIGCHLD; to be called early, so that none is lost. Returns a descriptor
 * to give to keeper_run(), or -1 with an error (CG_ERROR).
 */
int keeper_signals(GError **error);

/* Runs until it is to end; all workers are gone then. */
enum keeper_end keeper_run(const struct keeper_plan *plan, int signals);
