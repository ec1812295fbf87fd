/* SPDX-License-Identifier: Apache-2.0
 *
 * One worker process as its keeper sees it: started, talked to, ended. No
 * allocation, so that nothing here fails when memory is short.
 */
#pragma once

#include "fs/keeper/descriptors.h"
#include "fs/keeper/line.h"

#include <stdint.h>
#include <sys/types.h>

enum worker_state {
	WORKER_NONE = 0, /* a free place */
	WORKER_STARTING, /* makes all that can be made beforehand */
	WORKER_STANDBY,  /* waits for its turn */
	WORKER_GOING,    /* was told that it is its turn */
	WORKER_ACTIVE,   /* serves */
	WORKER_LEAVING,  /* was asked to quit */
	WORKER_KILLED,   /* was sent SIGKILL, and is still there */
};

struct worker_process {
	enum worker_state state;
	pid_t pid;
	int line;         /* -1: closed */
	int64_t since_ms; /* when the state began, or the last sign of life */
	int64_t turn_ms;  /* when it was told that it is its turn */
	bool had_turn;
	bool served; /* and came to serve */
	bool failed; /* it is killed for a fault of its own */
	bool is_new; /* started from the program of an upgrade */
};

/* What it takes to start one; nothing of it is owned. */
struct worker_start {
	int program; /* a descriptor of it, so that what runs is what was tried */
	char **arguments;
	char **environment; /* of descriptors_environment() */
	struct descriptors descriptors;
};

/* Starts one in a free place. False: errno. */
bool worker_process_start(struct worker_process *worker, const struct worker_start *start, int64_t now_ms);

/* SIGKILL; it is gone when waitpid(2) says so. */
void worker_process_kill(struct worker_process *worker, int64_t now_ms);

/* Frees the place. */
void worker_process_clear(struct worker_process *worker);
