/* SPDX-License-Identifier: Apache-2.0
 *
 * Letting nested user namespaces mount procfs and sysfs of their own.
 *
 * The kernel permits such a mount only where its mount namespace holds one of
 * the same kind, whole and uncovered (mount_too_revealing() in fs/namespace.c;
 * user_namespaces(7)). Our files cover a container's own ones. So we keep
 * copies of those two as they were before: a hoard, a small tmpfs with both in
 * it, mounted between the container's /sys/devices/system/cpu and our
 * directory over it. There no path leads to it, neither to read nor to write,
 * whatever /dev or the image are like; and a mount namespace of a nested user
 * namespace gets it as one that cannot be taken apart (MNT_LOCKED).
 *
 * The copies have with them what was mounted over the container's own: what
 * that kept nested namespaces from still does.
 */
#pragma once

#include "cgroup/error.h"

#include <stdbool.h>

/* Detached copies on their way; -1 what the container does not have. */
struct nesting {
	int procfs, sysfs;
};

#define NESTING_NONE ((struct nesting){ -1, -1 })

/*
 * Copies the /proc and /sys that are below `rootfs`, before anything is laid. To be called in the container's mount
 * namespace; `proc` is /proc of the caller's pid namespace. What is no whole procfs or sysfs is left out.
 */
bool nesting_take(int rootfs, int proc, struct nesting *ret_nesting, GError **error);

/* Closes what was not tucked away. */
void nesting_clear(struct nesting *nesting);

/*
 * Mounts a hoard with the copies on `target`, a directory. The answer is a descriptor of its root,
 * on which ours is to be mounted; -1 and nothing is left behind. Changes the current directory.
 */
int nesting_tuck(struct nesting *nesting, int target, GError **error);

/* Of an O_PATH descriptor: the root of a hoard. */
bool nesting_is_hoard(int fd);
