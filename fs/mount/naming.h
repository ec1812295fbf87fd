/* SPDX-License-Identifier: Apache-2.0
 *
 * What to call a container that nobody named: its engine put a name into the
 * path of its cgroup. Pure.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/*
 * From the text of a /proc/PID/cgroup: the engine's id of "libpod-ID.scope", "docker-ID.scope", "crio-ID.scope",
 * "cri-containerd-ID.scope", "machine-NAME.scope" and "lxc.payload.NAME", else the last component that says something.
 * Always a valid id (fs/container/id.h) of root's, short enough for naming_unique(); "container" where nothing is left.
 * Newly allocated.
 */
char *naming_from_cgroup(const char *cgroup);

/* The same, or with "-PID" behind it if the set of ids (char *) has it already. Newly allocated. */
char *naming_unique(const char *id, GHashTable *taken, pid_t pid);
