/* SPDX-License-Identifier: Apache-2.0
 *
 * Going into a process's mount namespace, and back to where we were.
 */
#pragma once

#include "cgroup/error.h"

#include <sys/types.h>

/* Descriptors of our own world; all -1 when there is no visit. */
struct visit {
	int mnt, root, cwd;
	int proc; /* our /proc, for use in there */
};

#define VISIT_NONE ((struct visit){ -1, -1, -1, -1 })

/*
 * Enters the mount namespace of `pid`, which must be the process of `pidfd`
 * and not share our namespace. The root and current directory are then the
 * namespace's root, for this thread alone (CLONE_FS). On success visit_end() is due.
 */
bool visit_begin(pid_t pid, int pidfd, struct visit *ret_visit, GError **error);

/* Comes back and leaves VISIT_NONE; an error means that the process is in the wrong place and should end. */
bool visit_end(struct visit *visit, GError **error);
