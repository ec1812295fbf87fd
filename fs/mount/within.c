/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/within.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc 2.36 has the calls of the new mount API, but not this one. */
static int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof(*how));
}

int within_open(int dirfd, const struct within *how)
{
	struct open_how open_how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				     .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	struct stat st;
	int fd;

	if (how->stay)
		open_how.resolve |= RESOLVE_NO_XDEV;
	fd = sys_openat2(dirfd, *how->path ? how->path : ".", &open_how);
	if (fd < 0)
		return errno == ENOSYS ? within_walk(dirfd, how) : -errno;
	/* O_PATH | O_NOFOLLOW gives a last component that is a link in spite of RESOLVE_NO_SYMLINKS: openat2(2). */
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
		close(fd);
		return -ELOOP;
	}
	return fd;
}

/* proc(5), /proc/PID/fdinfo. */
int within_mount_id(int proc, int fd)
{
	g_autofree char *path = g_strdup_printf("self/fdinfo/%d", fd);
	char text[512] = { 0 };
	const char *line;
	int info = openat(proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (info < 0)
		return -errno;
	n = read(info, text, sizeof(text) - 1);
	close(info);
	line = n > 0 ? strstr(text, "mnt_id:") : NULL;
	return line ? (int)strtol(line + strlen("mnt_id:"), NULL, 10) : -EIO;
}

static int check_same_mount(int proc, int a, int b)
{
	int of_a = within_mount_id(proc, a), of_b = within_mount_id(proc, b);

	if (of_a < 0 || of_b < 0)
		return of_a < 0 ? of_a : of_b;
	return of_a == of_b ? 0 : -EXDEV;
}

/* One step down from `dirfd`; never through a link. */
static int step(int dirfd, const char *name, const struct within *how)
{
	struct stat st;
	int fd, answer = 0;

	if (!strcmp(name, ".."))
		return -EXDEV; /* as RESOLVE_BENEATH says it */
	fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode))
		answer = -ELOOP;
	else if (how->stay)
		answer = check_same_mount(how->proc, dirfd, fd);
	if (answer < 0)
		close(fd);
	return answer < 0 ? answer : fd;
}

int within_walk(int dirfd, const struct within *how)
{
	g_auto(GStrv) names = g_strsplit(how->path, "/", -1);
	int fd = step(dirfd, ".", how);

	for (char **name = names; *name && fd >= 0; name++) {
		int next;

		if (!**name)
			continue;
		next = step(fd, *name, how);
		close(fd);
		fd = next;
	}
	return fd;
}
