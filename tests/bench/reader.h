/* SPDX-License-Identifier: Apache-2.0
 *
 * A process that reads files when it is told to and times each read. It is the
 * init of a pid namespace of its own, as a container's is, and stays in the
 * cgroups of the process that made it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define READER_MAX_READS 10000
#define READER_MAX_TEXT  (1u << 20)

typedef struct Reader Reader;

/* Forks; the maker's later children are in the new pid namespace too. */
Reader *reader_new(GError **error);
void reader_free(Reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reader, reader_free)

struct reader_result {
	const double *us; /* open + read to the end + close, one a read, microseconds; borrowed until the next call */
	const char *text; /* what the last read gave, NUL-terminated; borrowed likewise */
	size_t length;
	double cpu_us; /* the reader's own CPU time for all of them */
};

/* Reads the file n times, at most READER_MAX_READS. A file that cannot be read is a G_FILE_ERROR. */
bool reader_read(Reader *reader, const char *path, unsigned n, struct reader_result *ret, GError **error);
