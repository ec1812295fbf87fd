/* SPDX-License-Identifier: Apache-2.0
 *
 * A process in a mount namespace of its own with a rootfs in it: a container
 * as a hook meets it. Needs root.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct cage {
	pid_t pid; /* of the process inside */
	int pidfd;
	pid_t guard; /* the child that is to be waited for */
};

enum cage_kind {
	CAGE_PLAIN,
	CAGE_CHROOTED, /* the process's root is the rootfs, as in a running container */
	CAGE_USER,     /* in a user and pid namespace of its own, on a read-only rootfs */
};

/*
 * DIR/rootfs is made with directories proc and sys. `fill` runs inside with
 * that path as its current directory. Where this is not permitted the test is skipped.
 */
void cage_start(struct cage *cage, const char *dir, enum cage_kind kind, void (*fill)(void));

/* Nothing, if it is zero: none was started. */
void cage_stop(struct cage *cage);

/* For use inside: what fails there is said, and ends the test. */
void cage_insist(bool good, const char *what);

/* procfs at ./proc and sysfs at ./sys. */
void cage_fill(void);

/* The text of DIR/rootfs/PATH as the process inside sees it; NULL if it cannot be read. */
char *cage_read(const struct cage *cage, const char *dir, const char *path);

/* How many mounts of the process inside are at a path that ends so. */
unsigned cage_mounts(const struct cage *cage, const char *path);
