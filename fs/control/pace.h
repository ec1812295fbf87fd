/* SPDX-License-Identifier: Apache-2.0
 *
 * How often each user may do something within a while. The clock is the caller's. What they did outlives the worker in the store.
 */
#pragma once

#include "fs/store/store.h"

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct Pace Pace;

/*
 * `most` times a user in each `window_us`. A store must be claimed and outlive the object; NULL: nothing is kept. The same clock then
 * goes on for all workers.
 */
Pace *pace_new(unsigned most, gint64 window_us, Store *store);
void pace_free(Pace *pace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pace, pace_free)

/* Now (by a clock that never goes back), may this user do it once more? */
bool pace_allows(Pace *pace, uid_t uid, gint64 now_us);

/* Counts one more. */
void pace_take(Pace *pace, uid_t uid, gint64 now_us);
