/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/spot.h"

#include "fs/mount/nesting.h"
#include "fs/mount/within.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DEV_NULL  makedev(1, 3) /* devices.txt of the kernel's documentation */
#define STACK_MAX 16            /* mounts over one target that we take away before we give up */

/* The file systems that files are laid over. */
static const struct base {
	const char *prefix, *directory;
	__fsword_t magic;
	const char *name;
} bases[] = {
	{ "/proc/", "proc", PROC_SUPER_MAGIC, "procfs" },
	{ "/sys/", "sys", SYSFS_MAGIC, "sysfs" },
};

void attach_conclude(struct attach_result *result, enum attach_outcome outcome, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_free(result->note);
	result->outcome = outcome;
	result->note = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}

bool clone_look(int fd, struct clone *ret_clone)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &stx) < 0)
		return false;
	*ret_clone =
		(struct clone){ fd, makedev(stx.stx_dev_major, stx.stx_dev_minor), stx.stx_ino, stx.stx_mode & S_IFMT };
	return true;
}

static const struct base *find_base(const char *path)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(bases); i++) {
		if (g_str_has_prefix(path, bases[i].prefix))
			return &bases[i];
	}
	return NULL;
}

/* The base directory is the root of its file system; a bound part of procfs holds other files under known names. */
static bool check_base(int fd, const struct base *base, const char *rest, int proc, struct attach_result *result)
{
	const struct within how = { .path = rest, .proc = proc };
	struct statfs fs;
	struct stat st;

	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0) {
		attach_conclude(result, ATTACH_FAILED, "looking at /%s: %s", base->directory, g_strerror(errno));
		return false;
	}
	if (fs.f_type != base->magic) {
		int there = within_open(fd, &how);

		attach_conclude(result, there == -ENOENT ? ATTACH_ABSENT : ATTACH_FAILED, "/%s is no %s there",
				base->directory, base->name);
		if (there >= 0)
			close(there);
		return false;
	}
	if (st.st_ino != FS_ROOT_INO)
		attach_conclude(result, ATTACH_FAILED, "/%s is not the root of a %s", base->directory, base->name);
	return st.st_ino == FS_ROOT_INO;
}

static void conclude_errno(struct attach_result *result, int code, const char *what)
{
	switch (code) {
	case ENOENT:
		attach_conclude(result, ATTACH_ABSENT, "the container has no %s", what);
		break;
	case ELOOP:
		attach_conclude(result, ATTACH_FAILED, "%s is a symbolic link, or behind one", what);
		break;
	case EXDEV:
		attach_conclude(result, ATTACH_FAILED, "something else is mounted on the way to %s", what);
		break;
	default:
		attach_conclude(result, ATTACH_FAILED, "opening %s: %s", what, g_strerror(code));
		break;
	}
}

/* The directory is what the base has there itself, beneath all that is mounted on it. */
static bool is_bases_own(int base, const struct within *on_base, int directory)
{
	int alone = open_tree(base, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	int fd = alone < 0 ? -1 : within_open(alone, on_base);
	struct clone own, there;
	bool same = fd >= 0 && clone_look(fd, &own) && clone_look(directory, &there) && own.dev == there.dev &&
		    own.ino == there.ino;

	if (fd >= 0)
		close(fd);
	if (alone >= 0)
		close(alone);
	return same;
}

/*
 * The target's directory, on the base's own mount. Runtimes bind /proc/sys over itself to make it read-only
 * (readonlyPaths of the OCI runtime specification): that is another mount, but of the same directory.
 */
static int open_directory(int base, const char *directory, int proc)
{
	const struct within on_base = { .path = directory, .stay = true, .proc = proc };
	const struct within anywhere = { .path = directory, .proc = proc };
	int fd = within_open(base, &on_base);

	if (fd != -EXDEV)
		return fd;
	fd = within_open(base, &anywhere);
	if (fd < 0 || is_bases_own(base, &on_base, fd))
		return fd;
	close(fd);
	return -EXDEV;
}

static int open_parent(int rootfs, int proc, const struct base *base, struct attach_result *result)
{
	const char *rest = result->path + strlen(base->prefix);
	g_autofree char *directory = g_path_get_dirname(rest);
	const struct within to_base = { .path = base->directory, .proc = proc };
	int parent = -1, fd = within_open(rootfs, &to_base);

	if (fd < 0) {
		conclude_errno(result, -fd, base->directory);
		return -1;
	}
	if (check_base(fd, base, rest, proc, result)) {
		parent = open_directory(fd, directory, proc);
		if (parent < 0)
			conclude_errno(result, -parent, result->path);
	}
	close(fd);
	return parent;
}

bool spot_find(int rootfs, int proc, struct attach_result *result, struct spot *ret_spot)
{
	const struct base *base = find_base(result->path);
	int parent;

	if (!base) {
		attach_conclude(result, ATTACH_FAILED, "it is neither in /proc nor in /sys");
		return false;
	}
	parent = open_parent(rootfs, proc, base, result);
	if (parent < 0)
		return false;
	*ret_spot = (struct spot){ .parent = parent, .proc = proc, .name = g_path_get_basename(result->path) };
	return true;
}

void spot_clear(struct spot *spot)
{
	close(spot->parent);
	g_free(spot->name);
}

/* By name in its directory, because umount2(2) takes no descriptor and must not follow a link. */
bool spot_unmount(int parent, const char *name)
{
	return fchdir(parent) == 0 && umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
}

bool spot_detach(const struct spot *spot, struct attach_result *result)
{
	if (spot_unmount(spot->parent, spot->name))
		return true;
	attach_conclude(result, ATTACH_FAILED, "taking away an old mount: %s", g_strerror(errno));
	return false;
}

bool spot_is_masked(int fd)
{
	struct statx stx;
	struct statfs fs;

	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE, &stx) < 0)
		return false;
	if (S_ISCHR(stx.stx_mode))
		return makedev(stx.stx_rdev_major, stx.stx_rdev_minor) == DEV_NULL;
	return S_ISDIR(stx.stx_mode) && fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC && fs.f_flags & ST_RDONLY;
}

static bool is_dead(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 && errno == ENOTCONN;
}

/* The container's own cgroups: those of v2, or a tmpfs with v1's hierarchies in it. They are what our tree goes over. */
static bool is_cgroups(int fd, const char *path)
{
	struct statfs fs;

	return strcmp(path, ATTACH_CGROUPS) == 0 && fstatfs(fd, &fs) == 0 &&
	       (fs.f_type == CGROUP2_SUPER_MAGIC || fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == TMPFS_MAGIC);
}

/*
 * Something is mounted over the target. -EAGAIN: it was stale, is gone now, look again; -1: the result is set; else
 * it is what our directory goes over, a hoard or the container's cgroups, and this is its descriptor.
 */
static int clear_cover(const struct spot *spot, const struct clone *clone, struct attach_result *result)
{
	const struct within how = { .path = spot->name, .proc = spot->proc };
	int fd = within_open(spot->parent, &how);
	struct clone cover = { 0 };
	bool dead, masked, seen, ours;

	if (fd < 0) {
		conclude_errno(result, -fd, result->path);
		return -1;
	}
	seen = clone_look(fd, &cover);
	ours = seen && cover.dev == clone->dev;
	if (seen && !ours && (nesting_is_hoard(fd) || is_cgroups(fd, result->path)))
		return fd;
	dead = !ours && is_dead(fd);
	masked = !ours && !dead && spot_is_masked(fd);
	close(fd);
	if (dead || (ours && cover.ino != clone->ino))
		return spot_detach(spot, result) ? -EAGAIN : -1;
	if (ours)
		result->outcome = ATTACH_PRESENT;
	else if (masked)
		attach_conclude(result, ATTACH_ABSENT, "the container's engine hides it");
	else
		attach_conclude(result, ATTACH_FAILED, "something else is mounted over it");
	return -1;
}

int spot_open(const struct spot *spot, const struct clone *clone, struct attach_result *result)
{
	const struct within how = { .path = spot->name, .stay = true, .proc = spot->proc };

	for (unsigned i = 0; i < STACK_MAX; i++) {
		int fd = within_open(spot->parent, &how);

		if (fd >= 0)
			return fd;
		if (fd != -EXDEV) {
			conclude_errno(result, -fd, result->path);
			return -1;
		}
		fd = clear_cover(spot, clone, result);
		if (fd != -EAGAIN)
			return fd;
	}
	attach_conclude(result, ATTACH_FAILED, "more than %d old mounts are over it", STACK_MAX);
	return -1;
}
