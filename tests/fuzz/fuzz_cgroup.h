/* SPDX-License-Identifier: Apache-2.0
 *
 * For the entries of cgroup/'s parsers: the input as the NUL-terminated text
 * that a reader hands over, and what holds of every parser.
 */
#pragma once

#include "cgroup/error.h"

#include <errno.h>
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Newly allocated to the very size, so that a read behind the end is seen. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	return g_strndup((const char *)data, size);
}

/* A parser did it and says nothing, or it says EINVAL (ESRCH of a deleted cgroup) with the file's name. */
static inline void fuzz_check(bool done, GError *error)
{
	if (done != !error)
		g_error("an answer and an error");
	if (error && (error->domain != CG_ERROR || (error->code != EINVAL && error->code != ESRCH) ||
		      !g_str_has_prefix(error->message, "fuzzed:")))
		g_error("not our error: %s", error->message);
	g_clear_error(&error);
}
