/* SPDX-License-Identifier: Apache-2.0
 *
 * The process that serves: builds the world in order, waits for its turn, runs,
 * takes the world down in reverse. What must outlive it, its keeper holds (fs/keeper/).
 */
#pragma once

#include "fs/keeper/descriptors.h"
#include "fs/log.h"
#include "fs/settings.h"

/* Not a status to exit with: the keeper has died, and what it held is held by us alone now. */
#define WORKER_ORPHANED (-1)

/* Returns the status to exit with. All descriptors must be there; they stay the caller's. */
int worker_run(const struct settings *settings, const char *mountpoint, const struct descriptors *descriptors,
	       struct log_sink *sink);
