/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/slabinfo: the heading of version 2.1 (slabinfo(5)). Caches belong to the
 * kernel, not to a cgroup, so there is none to show, and the host's file is not
 * read: that takes the kernel's lock on all of them.
 */
#include "fs/view/render.h"

void slabinfo_render(const struct view *view, GString *text)
{
	g_string_append(text, "slabinfo - version: 2.1\n"
			      "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
			      " : tunables <limit> <batchcount> <sharedfactor>"
			      " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
}
