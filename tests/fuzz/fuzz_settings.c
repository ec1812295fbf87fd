/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as procvirtd.conf: read, or refused with an error that names the file.
 */
#include "fs/settings.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cg_cleanup(settings_clear) struct settings settings;
	g_autoptr(GError) error = NULL;

	settings_init(&settings);
	if (!settings_load_text(&settings, (const char *)data, size, "fuzz.conf", &error) &&
	    !g_str_has_prefix(error->message, "fuzz.conf: "))
		abort();
	return 0;
}
