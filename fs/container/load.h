/* SPDX-License-Identifier: Apache-2.0
 *
 * The arithmetic of load averages (kernel/sched/loadavg.c). Pure.
 */
#pragma once

#include "fs/view/view.h"

#define LOAD_PERIOD_US 5000000 /* LOAD_FREQ */

/* The averages after `periods` periods during which `active` threads were runnable. */
void load_decay(struct view_load *load, uint64_t active, unsigned periods);
