/* SPDX-License-Identifier: Apache-2.0
 *
 * The counters of /proc/vmstat, which only grow. Those of a cgroup do not always: before Linux 5.2 (memcg: recursive
 * statistics) what was counted in a nested cgroup went with it, and what was read from a disk goes with the disk. Where one
 * went back, it is shown as it was and counts on from there. Pure.
 */
#pragma once

#include "fs/container/io_counts.h"
#include "fs/view/view.h"

struct event_counts;

struct event_counts *event_counts_new(void);
void event_counts_free(struct event_counts *counts);

/* Takes what the cgroup says now and writes into it what is shown; see io_counts_hold(). True where anything has changed. */
bool event_counts_hold(struct event_counts *counts, const struct io_moment *moment, struct view_events *events);

/* As bytes, appended, nothing for those that nobody asked for; and back: NULL with CG_ERROR, EINVAL and what is wrong. */
void event_counts_save(const struct event_counts *counts, GByteArray *to);
struct event_counts *event_counts_load(const void *bytes, size_t length, GError **error);
