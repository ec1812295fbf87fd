/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/host.h"

#include "cgroup/error.h"
#include "fs/container/beneath.h"
#include "fs/container/host_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* What must be mounted there on a running host. */
static const struct {
	const char *path;
	__fsword_t magic;
} trees[TREES] = {
	[TREE_PROC] = { "/proc", PROC_SUPER_MAGIC },
	[TREE_SYS] = { "/sys", SYSFS_MAGIC },
};

/* The namespaces that are compared; the daemon's own never change, so they are read once. */
static const char *const namespaces[HOST_NAMESPACES] = { "mnt", "pid", "user", "cgroup", "time" };

/*
 * Files that nearly every request needs: a running host's are kept open, which saves
 * opening and closing them, the larger part of their cost. Each is written in one piece.
 */
static const char *const kept_paths[HOST_KEPT] = { "/proc/meminfo", "/sys/devices/system/cpu/online" };

/* 0 or -errno. */
static int read_namespace(const Host *host, const char *process, const char *name, uint64_t *ret_inode)
{
	g_autofree char *path = g_strdup_printf("%s/ns/%s", process, name);
	char text[64];
	ssize_t n = readlinkat(host->fd[TREE_PROC], path, text, sizeof(text) - 1);
	const char *inode;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	inode = strchr(text, '['); /* "mnt:[4026531840]" */
	*ret_inode = inode ? g_ascii_strtoull(inode + 1, NULL, 10) : 0;
	return *ret_inode ? 0 : -EPROTO;
}

static Host *host_new(void)
{
	Host *host = g_new0(Host, 1);

	for (enum tree tree = 0; tree < TREES; tree++)
		host->fd[tree] = -1;
	for (unsigned i = 0; i < G_N_ELEMENTS(kept_paths); i++)
		host->kept[i] = -1;
	host->layouts = layouts_new();
	return host;
}

void host_free(Host *host)
{
	if (!host)
		return;
	for (enum tree tree = 0; tree < TREES; tree++)
		if (host->fd[tree] >= 0)
			close(host->fd[tree]);
	for (unsigned i = 0; i < G_N_ELEMENTS(kept_paths); i++)
		if (host->kept[i] >= 0)
			close(host->kept[i]);
	layouts_free(host->layouts);
	g_free(host);
}

/* Opens "/proc/…" or "/sys/…"; -errno on failure. */
static int open_path(const Host *host, const char *path, int flags)
{
	for (enum tree tree = 0; tree < TREES; tree++) {
		size_t length = strlen(trees[tree].path);

		if (strncmp(path, trees[tree].path, length) == 0 && path[length] == '/')
			return beneath_open(host->fd[tree], path + length + 1, flags);
	}
	return -EINVAL;
}

static void read_own_namespaces(Host *host)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(namespaces); i++)
		if (read_namespace(host, "self", namespaces[i], &host->own[i]) < 0)
			host->own[i] = 0;
}

/* In the /proc of another pid namespace the number of a caller is another process, or nobody's (pid_namespaces(7)). */
static bool check_own_pid(const Host *host, GError **error)
{
	char self[16];
	ssize_t n = readlinkat(host->fd[TREE_PROC], "self", self, sizeof(self) - 1);

	self[MAX(n, 0)] = '\0';
	if (g_ascii_strtoull(self, NULL, 10) == (guint64)getpid())
		return true;
	return cg_fail(error, EINVAL, "/proc: belongs to another pid namespace: it calls this process %s instead of %d",
		       n > 0 ? self : "nothing", getpid());
}

Host *host_open(GError **error)
{
	g_autoptr(Host) host = host_new();

	for (enum tree tree = 0; tree < TREES; tree++) {
		struct statfs fs;

		host->fd[tree] = beneath_clone(trees[tree].path);
		if (host->fd[tree] < 0 || fstatfs(host->fd[tree], &fs) < 0) {
			cg_fail(error, errno, "%s: %s", trees[tree].path, g_strerror(errno));
			return NULL;
		}
		if (fs.f_type != trees[tree].magic) {
			cg_fail(error, EINVAL, "%s: not the kernel's own file system", trees[tree].path);
			return NULL;
		}
	}
	if (!check_own_pid(host, error))
		return NULL;
	for (unsigned i = 0; i < G_N_ELEMENTS(kept_paths); i++)
		host->kept[i] = open_path(host, kept_paths[i], O_RDONLY);
	read_own_namespaces(host);
	return host_read_cpu_ids(host, &host->cpu_ids, error) ? g_steal_pointer(&host) : NULL;
}

/* The first field of /proc/uptime, "12.34 56.78". */
static bool captured_now(Host *host, GError **error)
{
	g_autofree char *text = host_read(host, "/proc/uptime", error);
	unsigned long long s;
	unsigned cs;

	if (!text)
		return false;
	if (sscanf(text, "%llu.%2u ", &s, &cs) != 2)
		return cg_fail(error, EINVAL, "/proc/uptime: not a time");
	host->now_us = s * G_USEC_PER_SEC + cs * (G_USEC_PER_SEC / 100);
	return true;
}

Host *host_open_at(int dirfd, GError **error)
{
	g_autoptr(Host) host = host_new();

	host->captured = true;
	for (enum tree tree = 0; tree < TREES; tree++) {
		const char *name = trees[tree].path + 1;

		host->fd[tree] = openat(dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (host->fd[tree] < 0) {
			cg_fail(error, errno, "captured %s: %s", name, g_strerror(errno));
			return NULL;
		}
	}
	if (!captured_now(host, error))
		return NULL;
	read_own_namespaces(host);
	return g_steal_pointer(&host);
}

/* The kept descriptor of a file; -1 where there is none. */
static int kept_of(const Host *host, const char *path)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(kept_paths); i++)
		if (strcmp(kept_paths[i], path) == 0)
			return host->kept[i];
	return -1;
}

static int read_opened(const Host *host, const char *path, GString *text)
{
	int fd = open_path(host, path, O_RDONLY);
	int r = fd;

	if (fd >= 0) {
		r = beneath_read(fd, text);
		close(fd);
	}
	return r;
}

char *host_read(const Host *host, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_sized_new(HOST_SMALL);
	int kept = kept_of(host, path);
	int r = kept < 0 ? read_opened(host, path, text) : beneath_read_kept(kept, text);

	if (r < 0) {
		cg_fail(error, -r, "%s: %s", path, g_strerror(-r));
		return NULL;
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

bool host_exists(const Host *host, const char *path)
{
	int fd = open_path(host, path, O_PATH);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static GStrv read_names(DIR *dir)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	const struct dirent *entry;

	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			g_strv_builder_add(names, entry->d_name);
	}
	return g_strv_builder_end(names);
}

GStrv host_list(const Host *host, const char *path, GError **error)
{
	int fd = open_path(host, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	GStrv names;

	if (!dir) {
		int code = fd < 0 ? -fd : errno;

		if (fd >= 0)
			close(fd);
		cg_fail(error, code, "%s: %s", path, g_strerror(code));
		return NULL;
	}
	names = read_names(dir);
	closedir(dir);
	return names;
}

int host_open_pid(const Host *host, pid_t pid, const char *name, int flags)
{
	g_autofree char *path = g_strdup_printf("%d/%s", pid, name);
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *last = g_path_get_basename(path);
	int dirfd = beneath_open(host->fd[TREE_PROC], parent, O_PATH | O_DIRECTORY);
	int fd;

	if (dirfd < 0)
		return dirfd;
	fd = openat(dirfd, last, flags | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(dirfd);
	return fd;
}

int host_read_namespace(const Host *host, pid_t pid, const char *name, uint64_t *ret_inode)
{
	char process[16];

	snprintf(process, sizeof(process), "%d", pid);
	return read_namespace(host, process, name, ret_inode);
}

uint64_t host_pid_namespace(const Host *host, pid_t pid, const char *name)
{
	uint64_t inode;

	return host_read_namespace(host, pid, name, &inode) < 0 ? 0 : inode;
}

uint64_t host_own_namespace(const Host *host, const char *name)
{
	uint64_t inode;

	for (unsigned i = 0; i < G_N_ELEMENTS(namespaces); i++)
		if (strcmp(namespaces[i], name) == 0)
			return host->own[i];
	return read_namespace(host, "self", name, &inode) < 0 ? 0 : inode;
}

int host_open_small(const Host *host, pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	return beneath_open(host->fd[TREE_PROC], path, O_RDONLY);
}

ssize_t host_read_small(const Host *host, pid_t pid, const char *name, char *buffer, size_t size)
{
	int fd = host_open_small(host, pid, name);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = beneath_read_once(fd, buffer, size);
	close(fd);
	return n;
}
