/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as procvirt-runc.conf: read, or refused with an error that names the file.
 */
#include "fs/mount/wrapper_settings.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *unset(const char *name)
{
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	struct wrapper_settings settings = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	if (!wrapper_settings_load(&settings, path, unset, &error))
		g_assert(g_str_has_prefix(error->message, path));
	else if (settings.hook)
		g_assert(g_path_is_absolute(settings.hook));
	wrapper_settings_clear(&settings);
	close(fd);
	return 0;
}
