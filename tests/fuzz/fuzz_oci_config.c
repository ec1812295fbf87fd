/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle's config.json, of which root.path and annotations are read.
 */
#include "fs/mount/oci_state.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_container container = { .bundle = g_strdup("/bundle") };
	g_autoptr(GError) error = NULL;

	if (oci_config_parse((const char *)data, size, &container, &error))
		g_assert(*container.rootfs == '/' && container.annotations);
	else
		g_assert(error);
	oci_container_clear(&container);
	return 0;
}
