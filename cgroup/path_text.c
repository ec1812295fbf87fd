/* SPDX-License-Identifier: Apache-2.0
 *
 * What a path says by itself, for those too who do not read cgroups.
 */
#include "cgroup/path.h"

#include <string.h>

#define INIT_SCOPE "/init.scope"

bool cg_path_within(const char *inner, const char *outer)
{
	size_t length = strlen(outer);

	if (strcmp(outer, "/") == 0)
		return inner[0] == '/';
	return strncmp(inner, outer, length) == 0 && (inner[length] == '\0' || inner[length] == '/');
}

void cg_path_strip_init_scope(char *path)
{
	if (g_str_has_suffix(path, INIT_SCOPE) && strcmp(path, INIT_SCOPE) != 0)
		path[strlen(path) - strlen(INIT_SCOPE)] = '\0';
}
