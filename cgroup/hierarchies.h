/* SPDX-License-Identifier: Apache-2.0
 *
 * Which controller is mounted where, and in which version. On a hybrid host
 * the answer differs from controller to controller.
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

typedef struct CgHierarchies CgHierarchies;

/*
 * The running host's, found through libcgroup (this is the only place that
 * uses it) and completed by the v2 mount, which libcgroup leaves out when it
 * carries no controller. Each hierarchy's root is held as a directory
 * descriptor, so what is mounted over it later does not matter.
 */
CgHierarchies *cg_hierarchies_open_host(GError **error);

/*
 * A captured host's: `dirfd` is a directory laid out as /sys/fs/cgroup is.
 * With a file cgroup.controllers it is pure v2; else each subdirectory is a v1
 * hierarchy named by its controllers ("memory", "cpu,cpuacct", "systemd") and
 * "unified" is the v2 one. The descriptor stays the caller's.
 */
CgHierarchies *cg_hierarchies_open_at(int dirfd, GError **error);

void cg_hierarchies_free(CgHierarchies *hierarchies);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CgHierarchies, cg_hierarchies_free)

/* 0 when the controller is not mounted, else 1 or 2. */
int cg_hierarchies_version(const CgHierarchies *hierarchies, enum cg_controller controller);

/* The controller's name as users know it ("memory", "io", …). */
const char *cg_controller_name(enum cg_controller controller);
