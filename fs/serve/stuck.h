/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that waits in the kernel and takes no signal, not even SIGKILL: its process cannot end, and so
 * cannot be replaced, until the kernel lets the thread go.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* A thread of this process is in an uninterruptible sleep now (state D of /proc/PID/stat, proc(5)). */
bool stuck_in_kernel(pid_t tid);
