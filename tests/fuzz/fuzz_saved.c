/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a container's record, and as the numbers': refused, or sound, and the same after having been written again.
 */
#include "cgroup/path.h"
#include "fs/container/saved.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct saved_container *saved)
{
	g_autoptr(GVariant) record = saved_container_write(saved);
	cg_cleanup(saved_container_clear) struct saved_container other = { 0 };

	if (!saved_container_read(g_variant_get_data(record), g_variant_get_size(record), &other, NULL) ||
	    g_strcmp0(saved->id, other.id) != 0 || !cg_paths_equal(&saved->paths, &other.paths) ||
	    saved->start_us != other.start_us)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree void *bytes = g_memdup2(data, size);
	cg_cleanup(saved_container_clear) struct saved_container saved = { 0 };
	struct saved_numbers numbers;
	g_autoptr(GError) error = NULL;

	if (saved_container_read(bytes, size, &saved, &error))
		again(&saved);
	if (saved_numbers_read(bytes, size, &numbers, NULL) && numbers.last_slot > CONTAINER_MAX_SLOT)
		abort();
	return 0;
}
