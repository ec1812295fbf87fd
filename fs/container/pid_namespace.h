/* SPDX-License-Identifier: Apache-2.0
 *
 * The first process of another process's pid namespace (pid_namespaces(7)).
 */
#pragma once

#include "fs/container/registry.h"

/*
 * The host pid of the init of the pid namespace in which `tid` is, 0 where there is none to be found. False with
 * CG_ERROR where the daemon lacked something to look. `own` is tid's cgroups: before Linux 6.11 their processes, and
 * then their parents', are searched, a bounded number of them.
 */
bool pid_namespace_init(Registry *registry, pid_t tid, const struct cg_paths *own, pid_t *ret_init, GError **error);
