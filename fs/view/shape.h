/* SPDX-License-Identifier: Apache-2.0
 *
 * Which version of cgroups the tree at /sys/fs/cgroup is spelt in. Each container may have the one that its programs know.
 */
#pragma once

#include <stdbool.h>

enum view_shape {
	VIEW_SHAPE_HOST, /* that of the host: v1 where any controller of it is v1's */
	VIEW_SHAPE_V1,
	VIEW_SHAPE_V2,
	VIEW_SHAPE_KERNEL, /* likewise that of the host; the container keeps the kernel's own tree, whatever that shows */
};

/* "host", "v1", "v2", "kernel"; false for another word. */
bool view_shape_parse(const char *word, enum view_shape *ret_shape);
const char *view_shape_name(enum view_shape shape);
