/* SPDX-License-Identifier: Apache-2.0
 *
 * The mount table of a container, whose mount points are named by whoever is
 * in it: what is to be taken away lies in /proc or /sys of our table's kind, or nowhere.
 */
#include "fs/mount/unlay.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autoptr(GPtrArray) found = unlay_find(text);

	for (guint i = 0; i < found->len; i++) {
		const struct laid *laid = g_ptr_array_index(found, i);

		g_assert(laid->path[0] == '/' && !strchr(laid->path, ' ') && !strchr(laid->path, '\n'));
	}
	return 0;
}
