/* SPDX-License-Identifier: Apache-2.0
 *
 * A source: somebody who serves the files that are measured, and its CPU clock.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct source {
	char *name;     /* "lxcfs" */
	char *pattern;  /* a path with {file} or {size} in it */
	GArray *clocks; /* clockid_t: the CPU clocks of its process and that one's children; empty for the kernel */
};

/* NAME=PID:PATTERN, "lxcfs=123:/mnt/lxcfs{file}"; PID is 0 for the kernel. NULL and a sentence when it is not that. */
struct source *source_parse(const char *word, GError **error);
void source_free(struct source *source);

/* The path of a file ("/proc/stat"), or of one of `size` bytes, at this source. */
char *source_path(const struct source *source, const char *file, size_t size);

/* What its processes have used since they started, of all threads, ended ones too; microseconds. */
double source_cpu_us(const struct source *source);
