/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/shape.h"

#include <glib.h>
#include <string.h>

static const char *const names[] = {
	[VIEW_SHAPE_HOST] = "host",
	[VIEW_SHAPE_V1] = "v1",
	[VIEW_SHAPE_V2] = "v2",
	[VIEW_SHAPE_KERNEL] = "kernel",
};

bool view_shape_parse(const char *word, enum view_shape *ret_shape)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(word, names[i]) == 0) {
			*ret_shape = (enum view_shape)i;
			return true;
		}
	}
	return false;
}

const char *view_shape_name(enum view_shape shape)
{
	return names[shape];
}
