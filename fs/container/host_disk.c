/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a disk is in the host's sysfs, and what else is a link there. Links are read and not followed: each of these names a
 * directory below /sys/devices (Documentation/ABI/testing/sysfs-dev, drivers/base/core.c).
 */
#include "fs/container/beneath.h"
#include "fs/container/host_private.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_link(const Host *host, const char *directory, const char *name, char *buffer, size_t size)
{
	int dirfd = beneath_open(host->fd[TREE_SYS], directory + strlen("/sys/"), O_PATH | O_DIRECTORY);
	ssize_t n = dirfd < 0 ? -1 : readlinkat(dirfd, name, buffer, size - 1);

	if (dirfd >= 0)
		close(dirfd);
	buffer[MAX(n, 0)] = '\0';
	return n;
}

char *host_linked_path(const Host *host, const char *link)
{
	g_autofree char *directory = g_path_get_dirname(link);
	g_autofree char *name = g_path_get_basename(link);
	g_autofree char *path = NULL;
	char target[PATH_MAX];

	if (!g_str_has_prefix(directory, "/sys/") || read_link(host, directory, name, target, sizeof(target)) <= 0)
		return NULL;
	path = g_canonicalize_filename(target, directory);
	return g_str_has_prefix(path, "/sys/devices/") ? g_steal_pointer(&path) : NULL;
}

char *host_disk_path(const Host *host, unsigned major, unsigned minor)
{
	char link[64];

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major, minor);
	return host_linked_path(host, link);
}
