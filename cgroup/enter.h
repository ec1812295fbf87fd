/* SPDX-License-Identifier: Apache-2.0
 *
 * Moving a process into a cgroup: the only thing that is ever written to one, and only for the daemon itself.
 */
#pragma once

#include "cgroup/hierarchies.h"

#include <sys/types.h>

/* "/procvirt", "/a/b": absolute, and of plain components. EINVAL and a sentence for others, and for the root. */
bool cg_enter_check(const char *path, GError **error);

/*
 * Moves the process into the cgroup of this path, below what is mounted, in each hierarchy in which that can be done; cgroups
 * that are missing are made, without limits. A hierarchy that does not take it is left out with a g_info() line: one that is mounted
 * read-only, or v1's cpuset, where a new cgroup has no CPUs (Documentation/admin-guide/cgroup-v1/cpusets.rst). False
 * where none took it, with the last one's error (CG_ERROR), or the path is none.
 */
bool cg_enter(const CgHierarchies *hierarchies, const char *path, pid_t pid, GError **error);
