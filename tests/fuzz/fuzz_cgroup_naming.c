/* SPDX-License-Identifier: Apache-2.0
 *
 * The name of a cgroup, which is its maker's, becomes an id: always a valid one of root's, never a user's.
 */
#include "fs/container/id.h"
#include "fs/mount/naming.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autofree char *name = naming_from_cgroup(text);
	g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *unique = NULL;
	uid_t owner;

	g_assert(container_id_parse(name, &owner) && owner == 0);
	g_hash_table_add(taken, name);
	unique = naming_unique(name, taken, G_MAXINT);
	g_assert(container_id_parse(unique, &owner) && owner == 0);
	return 0;
}
