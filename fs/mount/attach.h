/* SPDX-License-Identifier: Apache-2.0
 *
 * Laying files over a container's own /proc and /sys, with the new mount API:
 * each file of our tree is cloned on the host's side (open_tree(2)) and moved
 * into the container's mount namespace (move_mount(2)); our mount need not be
 * visible there. Linux 5.4; on 5.12 and newer the clones are nosuid, nodev,
 * noexec and private (mount_setattr(2)), before that they are as our mount is,
 * which the daemon makes so.
 *
 * A target is covered only if it is what its path says: the named entry of the
 * root of a procfs or sysfs, reached without a symbolic link and without a mount in
 * between (but one that binds a directory over itself), a file for a file, a
 * directory for a directory; over the container's
 * cgroups at /sys/fs/cgroup goes our tree of them. What an engine hides stays
 * hidden (spot_is_masked()). Laying twice is the same as once. Mounts of a FUSE
 * server that is dead and files of ours that belong to an earlier registration
 * are taken away first.
 */
#pragma once

#include "cgroup/error.h"

#include <glib.h>
#include <sys/types.h>

#define ATTACH_NESTING "nesting"
#define ATTACH_CGROUPS "/sys/fs/cgroup"

struct attach_target {
	const char *tree;         /* MOUNT/containers/ID */
	const char *const *files; /* "/proc/meminfo", …; NULL-terminated */
	pid_t pid;                /* a process of the container, by the number that /proc here shows */
	int pidfd;                /* of the same process: tells that pid was not used again */
	const char *rootfs;       /* as the container's mount namespace sees it; NULL: the root directory of pid */
	bool nesting;             /* keep a clean procfs and sysfs under the first directory that is laid: nesting.h */
	/*
	 * As files, but laid only where the container's own shows it cgroups of others to look at (neighbours.h): /sys/fs/cgroup.
	 * Else, and where there is no place for one, its outcome is ATTACH_ABSENT. NULL: none.
	 */
	const char *const *unless_own;
	bool cgroups_read_only; /* what is mounted at /sys/fs/cgroup will be read-only before the container begins */
};

enum attach_outcome {
	ATTACH_LAID,
	ATTACH_PRESENT, /* was laid already */
	ATTACH_ABSENT,  /* nothing to cover: the container, or the host, has no such file, or it is hidden */
	ATTACH_FAILED,  /* not laid; the note says why */
};

struct attach_result {
	const char *path; /* borrowed from the target */
	enum attach_outcome outcome;
	char *note; /* ATTACH_ABSENT, ATTACH_FAILED: why; else NULL */
};

/*
 * Lays all the files; one that fails does not stop the others. One result a
 * file, in order, those of unless_own last, and with nesting one more, whose path is ATTACH_NESTING
 * (struct attach_result *, owned by the array); NULL and
 * CG_ERROR if the container could not be entered: ESRCH it has ended, EPERM, EINVAL it shares our
 * mount namespace.
 *
 * The calling thread enters the container's mount namespace and comes back; its
 * root and current directory are its own from then on (visit.h).
 */
GPtrArray *attach_lay(const struct attach_target *target, GError **error);

/* How many results have this outcome. */
unsigned attach_count(const GPtrArray *results, enum attach_outcome outcome);
