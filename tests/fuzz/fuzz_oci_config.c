/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle's config.json, of which root.path, annotations and masked paths are read.
 */
#include "fs/mount/oci_state.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_container container = { .bundle = g_strdup("/bundle") };
	g_autoptr(GError) error = NULL;
	g_autofree char *masked = NULL;

	if (oci_config_parse((const char *)data, size, &container, &error))
		g_assert(*container.rootfs == '/' && container.annotations);
	else
		g_assert(error);
	oci_container_clear(&container);
	if (oci_config_masked((const char *)data, size, &masked, NULL))
		g_assert(!masked || *masked == '/');
	else
		g_assert(!masked);
	return 0;
}
