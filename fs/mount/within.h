/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a path within a directory that somebody else fills: no symbolic
 * link is followed, no "..", and on demand no mount is entered. Descriptors
 * are O_PATH, so a FIFO or a device is not opened by looking at it.
 *
 * Answers are descriptors or -errno: ELOOP a symbolic link in the way (also
 * the last component), EXDEV a mount in the way, ENOENT, ENOTDIR.
 */
#pragma once

#include <stdbool.h>

/* The inode of the root of a procfs (PROC_ROOT_INO) and of a sysfs (fs/kernfs: the root is the first node). */
#define FS_ROOT_INO 1

struct within {
	const char *path; /* relative; "" is the directory itself */
	bool stay;        /* on the directory's own mount */
	int proc;         /* /proc of the caller's pid namespace: the fallback asks it for mount ids */
};

/* By openat2(2), Linux 5.6; before that by within_walk(). */
int within_open(int dirfd, const struct within *how);

/* The mount that a descriptor is on, by its number in mountinfo; -errno where it is not known. */
int within_mount_id(int proc, int fd);

/* Component by component, for any kernel that we support. Gives the same answers. */
int within_walk(int dirfd, const struct within *how);
