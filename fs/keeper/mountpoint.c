/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/mountpoint.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

/* Mounts may be stacked; more dead ones than this are somebody's mistake that we had better not touch. */
#define MAX_DEAD_MOUNTS 16

static bool fail(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool fail(GError **error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_propagate_error(error,
			  g_error_new_valist(G_FILE_ERROR, (int)g_file_error_from_errno(code), format, arguments));
	va_end(arguments);
	return false;
}

/* A mount whose daemon died answers ENOTCONN to all that must ask it; stat(2) may still be answered from a cache. */
static bool remove_dead_mounts(const char *path, GError **error)
{
	struct statfs file_system;

	for (int i = 0; i < MAX_DEAD_MOUNTS; i++) {
		if (statfs(path, &file_system) == 0 || errno != ENOTCONN)
			return true;
		if (umount2(path, MNT_DETACH) < 0)
			return fail(error, errno, "cannot take away the dead mount on %s: %s", path, g_strerror(errno));
		g_message("took away a dead mount on %s", path);
	}
	return fail(error, EBUSY, "too many dead mounts on %s", path);
}

static bool make_directory(const char *path, GError **error)
{
	struct stat status;

	if (mkdir(path, 0755) < 0 && errno != EEXIST) {
		if (errno == ENOENT)
			return fail(error, ENOENT, "cannot make the mount point %s: its parent does not exist", path);
		return fail(error, errno, "cannot make the mount point %s: %s", path, g_strerror(errno));
	}
	if (stat(path, &status) < 0)
		return fail(error, errno, "cannot look at the mount point %s: %s", path, g_strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return fail(error, ENOTDIR, "the mount point %s is not a directory", path);
	return true;
}

bool mountpoint_prepare(const char *path, GError **error)
{
	struct statfs file_system;

	if (!remove_dead_mounts(path, error) || !make_directory(path, error))
		return false;
	if (statfs(path, &file_system) == 0 && file_system.f_type == FUSE_SUPER_MAGIC)
		return fail(error, EBUSY, "another daemon serves %s already", path);
	return true;
}
