/* SPDX-License-Identifier: Apache-2.0
 *
 * A directory of a test's own under TMPDIR, and files in it. Failures end the test.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Mode 0755; newly allocated path. */
char *scratch_new(void);

/* Removes the directory with all that is in it (mounts are not entered) and frees the path. */
void scratch_free(char *path);

/* Writes DIR/NAME with its directories; NAME may begin with "/". */
void scratch_write(const char *dir, const char *name, const char *text);

/* The text of a file; NULL if it cannot be read. */
char *scratch_read(const char *path);
