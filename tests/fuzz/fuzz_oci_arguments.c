/* SPDX-License-Identifier: Apache-2.0
 *
 * A runtime's command line, one word a line.
 */
#include "fs/mount/oci_arguments.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) argv = g_strsplit(text, "\n", -1);
	const struct oci_arguments arguments = oci_arguments_parse(argv);

	g_assert(arguments.bundle && arguments.config);
	return 0;
}
