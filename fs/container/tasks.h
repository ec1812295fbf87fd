/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting a container's threads by state, from its cgroups' thread lists and
 * /proc/TID/stat. About 9 µs a thread, so callers remember the answer.
 */
#pragma once

#include "cgroup/group.h"
#include "fs/container/host.h"
#include "fs/view/view.h"

/*
 * Counts now. `init` (0: none) tells which pid namespace last_pid is to be
 * numbered in: its innermost one. Threads that end meanwhile are left out. last_pid is that of the
 * youngest thread, 0 where that has no number in the namespace or init is gone; forks is 0 here: the
 * container's history knows both.
 */
bool tasks_count(const Host *host, CgGroup *group, pid_t init, struct view_tasks *ret_tasks, GError **error);
