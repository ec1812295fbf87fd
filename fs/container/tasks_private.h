/* SPDX-License-Identifier: Apache-2.0
 *
 * Of counting tasks, for this room alone.
 */
#pragma once

#include "fs/container/tasks.h"

/* `init` is the first process of its pid namespace, and that is not the host's. */
bool tasks_has_pid_namespace(const Host *host, pid_t init);
