/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as a /proc/PID/status: only one with a line of NSpid is an init's.
 */
#include "fs/mount/running.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);

	g_assert(!running_is_init(text) || strstr(text, "\nNSpid:\t"));
	return 0;
}
