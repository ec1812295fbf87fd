/* SPDX-License-Identifier: Apache-2.0
 *
 * Bringing a container in: the daemon registers it and says which files there
 * are, and they are laid over the container's own (attach.h). The hook and
 * procvirtctl both do it so.
 */
#pragma once

#include "fs/mount/oci_masks.h"

#include <glib.h>
#include <sys/types.h>

struct enlistment {
	const char *socket; /* the daemon's */
	const char *id;
	pid_t pid;             /* the container's init, by the number that /proc here shows */
	const char *rootfs;    /* as in struct attach_target */
	const char *cpu_count; /* NULL: the daemon's default */
	bool has_renumber_cpus, renumber_cpus;
	const char *cgroup_shape;      /* NULL: the daemon's default */
	bool nesting;                  /* as in struct attach_target */
	const struct oci_masks *masks; /* nothing is laid where the runtime is going to hide it; NULL: nowhere */
	bool forget_failed;            /* a container of which not all could be laid does not stay registered */
};

/* What became of it. */
struct enlisted {
	char *id; /* in full (fs/container/id.h); owned */
	unsigned laid, present;
};

/*
 * Registers and lays. False and a sentence (CG_ERROR) where anything was not done: the daemon's errno where it
 * refused, else attach_lay()'s; EIO for files that were not laid, which it names. ret_enlisted may be NULL and is
 * written only on success.
 */
bool enlist(const struct enlistment *enlistment, struct enlisted *ret_enlisted, GError **error);

void enlisted_clear(struct enlisted *enlisted);

/* Has the daemon forget it; what was laid stays, and says ESRCH once the container's cgroup is gone. */
bool enlist_forget(const char *socket, const char *id, GError **error);
