/* SPDX-License-Identifier: Apache-2.0
 *
 * The state that a runtime gives a hook, and the annotations in it.
 */
#include "fs/mount/oci_state.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_container container = { 0 };
	struct oci_options options = { 0 };
	g_autoptr(GError) error = NULL;

	if (!oci_state_parse((const char *)data, size, &container, &error)) {
		g_assert(error && !container.id);
		return 0;
	}
	g_assert(*container.id && *container.bundle == '/' && container.pid >= 0);
	g_assert(!container.rootfs || *container.rootfs == '/');
	if (oci_container_check_stage(&container, NULL))
		g_assert(container.pid > 1);
	if (container.annotations && !oci_options_parse(container.annotations, &options, &error))
		g_assert(error);
	oci_container_clear(&container);
	return 0;
}
