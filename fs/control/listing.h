/* SPDX-License-Identifier: Apache-2.0
 *
 * All that the daemon has registered, as far as the asker may see it.
 */
#pragma once

#include "fs/control/message.h"

struct listed {
	const char *id, *cpu_count, *cgroup; /* borrowed from `object` */
	const char *cgroup_shape;            /* likewise; NULL from a daemon that does not know of it */
	int64_t pid, uid;
	bool renumber_cpus;
	JsonObject *object; /* as the daemon said it; owned */
};

/* By slot (struct listed *, owned by the array); asks as often as it takes. NULL with control_call()'s errors. */
GPtrArray *listing_fetch(const char *socket_path, GError **error);

/* The one with this id, or with this init; NULL when there is none. Borrowed. */
const struct listed *listing_by_id(const GPtrArray *listing, const char *id);
const struct listed *listing_by_pid(const GPtrArray *listing, pid_t pid);
