/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a disk is in the host's sysfs. Links are read and not followed: each of these names a directory below
 * /sys/devices (Documentation/ABI/testing/sysfs-dev, drivers/base/core.c).
 */
#include "fs/container/beneath.h"
#include "fs/container/host_private.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define LINKS "dev/block" /* below /sys */

static ssize_t read_link(const Host *host, const char *name, char *buffer, size_t size)
{
	int dirfd = beneath_open(host->fd[TREE_SYS], LINKS, O_PATH | O_DIRECTORY);
	ssize_t n = dirfd < 0 ? -1 : readlinkat(dirfd, name, buffer, size - 1);

	if (dirfd >= 0)
		close(dirfd);
	buffer[MAX(n, 0)] = '\0';
	return n;
}

char *host_disk_path(const Host *host, unsigned major, unsigned minor)
{
	g_autofree char *path = NULL;
	char name[32], target[PATH_MAX];

	snprintf(name, sizeof(name), "%u:%u", major, minor);
	if (read_link(host, name, target, sizeof(target)) <= 0)
		return NULL;
	path = g_canonicalize_filename(target, "/sys/" LINKS);
	return g_str_has_prefix(path, "/sys/devices/") ? g_steal_pointer(&path) : NULL;
}
