/* SPDX-License-Identifier: Apache-2.0
 *
 * Of the sampler, for its test.
 */
#pragma once

#include <glib.h>

/* When the next pass is due, after one that was due, began and ended then; microseconds of CLOCK_MONOTONIC. */
gint64 sampler_next(gint64 due, gint64 began, gint64 ended);
