/* SPDX-License-Identifier: Apache-2.0
 *
 * Block counters that only grow. A cgroup's own ones on v1 do not: what a nested cgroup did there goes with it, and
 * blkio.reset_stats clears them (Documentation/admin-guide/cgroup-v1/blkio-controller.rst). Where they went back,
 * they are shown as they were and count on from there. Pure.
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

struct io_counts;

struct io_counts *io_counts_new(void);
void io_counts_free(struct io_counts *counts);

/* When the counters were read: before the look at them, and after; microseconds of one clock. */
struct io_moment {
	uint64_t begun_us, ended_us;
};

/*
 * Takes what the cgroup says now and writes into it what is shown. A look that began before the last one
 * ended may be the older one of the two: what is lower in it has not gone back. A disk that is not in it any more is
 * forgotten, and its number may be another disk's. True where anything has changed.
 */
bool io_counts_hold(struct io_counts *counts, const struct io_moment *moment, struct cg_io *io);

/* As bytes, appended, and back; NULL with CG_ERROR, EINVAL and what is wrong. */
void io_counts_save(const struct io_counts *counts, GByteArray *to);
size_t io_counts_saved_size(const struct io_counts *counts);
struct io_counts *io_counts_load(const void *bytes, size_t length, GError **error);
