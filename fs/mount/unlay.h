/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking our files away from a container again: what attach.h laid, also that of a
 * daemon that is dead or forgot the container. Which mounts those are is
 * read from the container's mount table (proc(5), /proc/PID/mountinfo), so the
 * daemon is not asked. A mount namespace that was copied from the container's in the meantime keeps its own.
 */
#pragma once

#include "cgroup/error.h"

#include <glib.h>
#include <sys/types.h>

/* A file of ours over a container's own. */
struct laid {
	char *path; /* "/proc/meminfo" */
	dev_t dev;
};

/*
 * The laid files that the text of a mountinfo names, the latest first (struct laid *, owned by the array): FUSE mounts
 * of ours whose root is containers/ID/PATH and which are mounted on /PATH. What somebody bound
 * elsewhere is not meant, nor what another mount covers. Pure.
 */
GPtrArray *unlay_find(const char *mountinfo);

/*
 * Takes them away from the mount namespace of `pid`, the process of `pidfd`. *ret_taken is how many; it is written
 * also where some could not be taken, which is an error (EIO) that names them.
 * Other errors: those of visit_begin().
 */
bool unlay(pid_t pid, int pidfd, unsigned *ret_taken, GError **error);
