/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A clone of a shared mount is its peer (Documentation/filesystems/sharedsubtree.rst): let it hear of no later mount. */
static void make_private(int fd)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };

	/* Linux 5.12; before that beneath_open() refuses what is mounted there. */
	(void)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

int beneath_clone(const char *path)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	make_private(fd);
	return fd;
}

/* Which file system, without asking it: a FUSE one would ask us. */
static int device_of(int fd, struct statx *ret)
{
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, ret) < 0)
		return -errno;
	return 0;
}

static bool same_device(const struct statx *a, const struct statx *b)
{
	return a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

/* One step down; neither a link nor another file system. */
static int step(int dirfd, const char *name, const struct statx *root)
{
	struct statx here;
	int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = device_of(fd, &here);
	if (r == 0 && !same_device(&here, root))
		r = -EXDEV;
	else if (r == 0 && S_ISLNK(here.stx_mode))
		r = -ELOOP;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* The file behind an O_PATH descriptor, opened for good. */
static int reopen(int fd, int flags)
{
	char path[32];
	int opened;

	if (flags & O_PATH)
		return fcntl(fd, F_DUPFD_CLOEXEC, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, flags | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}

int beneath_walk(int rootfd, const char *path, int flags)
{
	g_auto(GStrv) names = g_strsplit(path, "/", -1);
	struct statx root;
	int fd = fcntl(rootfd, F_DUPFD_CLOEXEC, 0);
	int r = fd < 0 ? -errno : device_of(rootfd, &root);

	for (char **name = names; r == 0 && *name; name++) {
		int next = strcmp(*name, "..") == 0 ? -EXDEV : step(fd, *name, &root);

		if (next < 0) {
			r = next;
			break;
		}
		close(fd);
		fd = next;
	}
	if (r == 0)
		r = reopen(fd, flags);
	if (fd >= 0)
		close(fd);
	return r;
}

int beneath_open(int rootfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, rootfd, path, &how, sizeof(how));

	if (fd >= 0)
		return fd;
	return errno == ENOSYS ? beneath_walk(rootfd, path, flags) : -errno;
}

ssize_t beneath_read_once(int fd, char *buffer, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, buffer, size - 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buffer[n] = '\0';
	return n;
}

int beneath_read(int fd, GString *text)
{
	char buffer[16384];
	ssize_t n;

	while ((n = beneath_read_once(fd, buffer, sizeof(buffer))) > 0)
		g_string_append_len(text, buffer, n);
	return (int)n;
}

int beneath_read_lines(int fd, GString *text, size_t most)
{
	size_t before = text->len, end = before + most;
	char buffer[16384];
	ssize_t n;

	do {
		n = beneath_read_once(fd, buffer, MIN(sizeof(buffer), end - text->len + 1));
		if (n < 0)
			return (int)n;
		g_string_append_len(text, buffer, n);
	} while (n > 0 && text->len < end);
	while (text->len == end && end > before && text->str[end - 1] != '\n')
		g_string_truncate(text, --end);
	return 0;
}

/* What does not fit into the buffer is read again as a whole, so that the text is of one moment. */
int beneath_read_kept(int fd, GString *text)
{
	size_t before = text->len;

	for (size_t size = 4096;; size *= 4) {
		ssize_t n;

		g_string_set_size(text, before + size);
		do {
			n = pread(fd, text->str + before, size, 0);
		} while (n < 0 && errno == EINTR);
		g_string_set_size(text, before + (size_t)MAX(n, 0));
		if (n < 0)
			return -errno;
		if ((size_t)n < size)
			return 0;
	}
}
