/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a file of ours goes in a container, found so that nobody in it can
 * mislead us, and cleared of what we or a dead server left there. For use in
 * the container's mount namespace; what goes wrong is said in the file's result.
 */
#pragma once

#include "fs/mount/attach.h"

#include <stdbool.h>
#include <sys/types.h>

/* One of our files, cloned, on its way. */
struct clone {
	int tree; /* -1: the result says why */
	dev_t dev;
	ino_t ino;
	mode_t type; /* S_IFREG, S_IFDIR */
};

/* An entry of a directory on the own mount of a procfs or sysfs. */
struct spot {
	int parent;
	int proc; /* as in struct within */
	char *name;
};

void attach_conclude(struct attach_result *result, enum attach_outcome outcome, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* Dev, inode and type as the kernel remembers them: a FUSE server is not asked, so a dead one does not matter. */
bool clone_look(int fd, struct clone *ret_clone);

/* The place of result->path below rootfs; false: the result is set. On success spot_clear() is due. */
bool spot_find(int rootfs, int proc, struct attach_result *result, struct spot *ret_spot);
void spot_clear(struct spot *spot);

/*
 * An engine hides what is below the mount of this descriptor (maskedPaths of the OCI runtime specification): a directory beneath a
 * read-only tmpfs, as podman does /sys/dev/block, a file beneath /dev/null, as newer Docker does /proc/interrupts.
 */
bool spot_is_masked(int fd);

/*
 * Takes away what is stale and opens the bare entry, or a hoard (nesting.h) or the container's cgroups on it; -1 when the
 * result says that there is nothing (more) to do. Changes the current directory.
 */
int spot_open(const struct spot *spot, const struct clone *clone, struct attach_result *result);

/* Takes the uppermost mount on the entry `name` away; false and errno. Changes the current directory. */
bool spot_unmount(int parent, const char *name);

/* The same of a spot; false: the result is set. */
bool spot_detach(const struct spot *spot, struct attach_result *result);
