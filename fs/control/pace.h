/* SPDX-License-Identifier: Apache-2.0
 *
 * How often each user may do something within a while. Pure: the clock is the caller's.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct Pace Pace;

/* `most` times a user in each `window_us`. */
Pace *pace_new(unsigned most, gint64 window_us);
void pace_free(Pace *pace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pace, pace_free)

/* Now (by a clock that never goes back), may this user do it once more? */
bool pace_allows(Pace *pace, uid_t uid, gint64 now_us);

/* Counts one more. */
void pace_take(Pace *pace, uid_t uid, gint64 now_us);
