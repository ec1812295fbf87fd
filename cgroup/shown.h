/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose cgroups a container sees at its /sys/fs/cgroup. One with a cgroup namespace sees its own
 * (cgroup_namespaces(7)); one without, or one that was given the host's tree as a volume, sees those of its neighbours,
 * and the host's figures at the root. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum cg_shown {
	CG_SHOWN_NONE,    /* no cgroups are mounted there */
	CG_SHOWN_OWN,     /* the container's cgroup, or some within it */
	CG_SHOWN_OTHERS,  /* others as well, to be read only */
	CG_SHOWN_MANAGED, /* others as well, and it may write there: it was told to manage them */
};

struct cg_shown_place {
	const char *mountinfo; /* of the container's mount namespace, the text of a /proc/PID/mountinfo */
	const char *file;      /* its name, for errors */
	uint64_t mount;        /* the id in it of what is mounted at /sys/fs/cgroup, uppermost */
	const char *cgroup;    /* of the container's init: the text of its /proc/PID/cgroup */
	bool own_namespace;    /* its cgroup namespace is not that of who read those texts */
	bool read_only;        /* that mount, and no other, is to be taken for read-only */
};

/*
 * Both texts name cgroups as the cgroup namespace of their reader does, so that must be one and the same. Mounts of v1's hierarchies are
 * looked for below a tmpfs; those that another mount hides do not count, nor does a hierarchy in whose root the
 * container is: there it has no cgroup of its own.
 *
 * An init may have moved within the namespace that it was born into (systemd, Docker within a container). So with own_namespace
 * a mount whose root is above init's cgroup, but not the reader's own root, is the container's.
 *
 * CG_ERROR EINVAL where the mount table is malformed; ret_shown is written only on success.
 */
bool cg_shown_look(const struct cg_shown_place *place, enum cg_shown *ret_shown, GError **error);
