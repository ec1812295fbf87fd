/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether shared memory is kept out of this process's core dumps.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Of proc(5)'s smaps: the flag "dd" of each mapping of a memfd, of which there must be one. */
static inline bool memfds_are_undumped(void)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	bool in_memfd = false;
	unsigned n = 0, undumped = 0;

	if (!g_file_get_contents("/proc/self/smaps", &text, NULL, NULL))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (g_ascii_isdigit(**line) || (**line >= 'a' && **line <= 'f'))
			in_memfd = strstr(*line, "/memfd:") != NULL;
		if (in_memfd && g_str_has_prefix(*line, "VmFlags:")) {
			n++;
			undumped += strstr(*line, " dd") != NULL;
		}
	}
	return n > 0 && undumped == n;
}
