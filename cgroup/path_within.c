/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/path.h"

#include <string.h>

bool cg_path_within(const char *inner, const char *outer)
{
	size_t length = strlen(outer);

	if (strcmp(outer, "/") == 0)
		return inner[0] == '/';
	return strncmp(inner, outer, length) == 0 && (inner[length] == '\0' || inner[length] == '/');
}
