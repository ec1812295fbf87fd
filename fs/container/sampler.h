/* SPDX-License-Identifier: Apache-2.0
 *
 * Load averages: the kernel's fixed-point exponential averages (kernel/sched/loadavg.c)
 * of each container's runnable and uninterruptible threads, every 5 seconds.
 * The arithmetic is in load.h. Its cost is bounded: after a pass that took t it rests at least 20 t, and the
 * averages then decay by the time that has really passed.
 */
#pragma once

#include "fs/container/registry.h"

typedef struct Sampler Sampler;

/* Starts the thread. */
Sampler *sampler_start(Registry *registry);
void sampler_stop(Sampler *sampler); /* joins it */
