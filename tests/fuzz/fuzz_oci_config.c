/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle's config.json, of which root.path, annotations and masked paths are read.
 */
#include "fs/mount/oci_masks.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_container container = { .bundle = g_strdup("/bundle") };
	g_autoptr(GError) error = NULL;
	struct oci_masks masks = { 0 };

	if (oci_config_parse((const char *)data, size, &container, &error))
		g_assert(*container.rootfs == '/' && container.annotations);
	else
		g_assert(error);
	oci_container_clear(&container);
	if (!oci_masks_parse((const char *)data, size, &masks, NULL))
		g_assert(!masks.masked && !masks.read_only);
	else if (masks.masked[0])
		g_assert(masks.masked[0][0] == '/' && oci_masks_hide(&masks, masks.masked[0]));
	oci_masks_clear(&masks);
	return 0;
}
