/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a container's own /sys/fs/cgroup shows it more cgroups than its own. What is mounted there says so, not
 * config.json, and no path of the container's is followed.
 */
#pragma once

#include "cgroup/shown.h"

#include <sys/types.h>

struct neighbours {
	int proc;       /* /proc of the pid namespace that numbers `pid` */
	pid_t pid;      /* of the container */
	int cgroups;    /* O_PATH: the container's own /sys/fs/cgroup */
	bool read_only; /* what is mounted there will be read-only before the container begins */
};

/* To be called in the container's mount namespace. CG_ERROR, with a sentence that names the file. */
bool neighbours_look(const struct neighbours *neighbours, enum cg_shown *ret_shown, GError **error);
