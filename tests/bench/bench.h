/* SPDX-License-Identifier: Apache-2.0
 *
 * What was measured: a cell for each file at each source.
 */
#pragma once

#include "tests/bench/reader.h"
#include "tests/bench/source.h"

/* How a source's text compares with the kernel's own, read just before and after it. */
enum text_is {
	TEXT_ABSENT, /* the source does not serve the file */
	TEXT_HOST,   /* nothing in it differs from the host's */
	TEXT_OWN,    /* it differs */
};

struct cell {
	char *path;
	enum text_is text;
	size_t bytes;
	GArray *us;        /* double: one a read */
	GArray *daemon_us; /* double: one a block, CPU a read of the source's processes */
	GArray *reader_us; /* double: one a block, CPU a read of the reader */
};

/* The numbers that are shown of a cell. */
enum figure { FIGURE_P50, FIGURE_P99, FIGURE_DAEMON, FIGURE_READER, FIGURES };

struct bench {
	GPtrArray *files;   /* char * */
	GPtrArray *sources; /* struct source * */
	guint ours;         /* the first so many of them are compared with each of the others */
	struct cell *cells; /* files->len rows of sources->len */
	unsigned rounds, reads;
};

struct cell *bench_cell(const struct bench *bench, guint file, guint source);

/* Microseconds; NAN where there is none. Daemon and reader CPU are medians over the blocks. Sorts the samples. */
double figure_of(struct cell *cell, enum figure figure);

/* Tables for people, and everything for programs. */
void report_tables(const struct bench *bench);
bool report_json(const struct bench *bench, const char *path, GError **error);

/* The source called `name`, or -1. */
int bench_source(const struct bench *bench, const char *name);

/* `ours` uses as much daemon CPU a read of this file as `theirs`, or more. */
bool bench_lost(const struct bench *bench, guint file, guint ours, guint theirs);
