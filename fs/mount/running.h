/* SPDX-License-Identifier: Apache-2.0
 *
 * The containers that run, as /proc shows them: each process that is the
 * first of a pid namespace below ours and lives in another mount namespace
 * than we do. One that shares our pid namespace or another container's is not found so.
 */
#pragma once

#include "cgroup/error.h"

#include <glib.h>
#include <sys/types.h>

struct running {
	pid_t pid;
	char *name; /* naming_from_cgroup() */
};

/* By pid (struct running *, owned by the array). `proc` is the directory that is looked at, "/proc". */
GPtrArray *running_find(const char *proc, GError **error);

/* From the text of a /proc/PID/status: first of a pid namespace below that of this /proc. Pure. */
bool running_is_init(const char *status);

/* What a process that is no init would be called, NULL where it has ended. Newly allocated. */
char *running_name(const char *proc, pid_t pid);
