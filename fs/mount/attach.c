/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/attach.h"

#include "fs/mount/visit.h"
#include "fs/mount/within.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ROOT_INO  1  /* of procfs (PROC_ROOT_INO) and of sysfs (fs/kernfs: the root is the first node) */
#define STACK_MAX 16 /* mounts over one target that we take away before we give up */

/* The file systems that files are laid over. */
static const struct base {
	const char *prefix, *directory;
	__fsword_t magic;
	const char *name;
} bases[] = {
	{ "/proc/", "proc", PROC_SUPER_MAGIC, "procfs" },
	{ "/sys/", "sys", SYSFS_MAGIC, "sysfs" },
};

/* One of our files, cloned, on its way. */
struct clone {
	int tree; /* -1: the result says why */
	dev_t dev;
	ino_t ino;
	mode_t type; /* S_IFREG, S_IFDIR */
};

/* Where it goes: an entry of a directory on the base's own mount. */
struct spot {
	int parent;
	int proc;
	char *name;
};

static void G_GNUC_PRINTF(3, 4)
	conclude(struct attach_result *result, enum attach_outcome outcome, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	result->outcome = outcome;
	result->note = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}

static void result_free(gpointer pointer)
{
	struct attach_result *result = pointer;

	g_free(result->note);
	g_free(result);
}

/* Dev, inode and type as the kernel remembers them: a FUSE server is not asked, so a dead one does not matter. */
static bool look(int fd, struct clone *ret_clone)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &stx) < 0)
		return false;
	*ret_clone =
		(struct clone){ fd, makedev(stx.stx_dev_major, stx.stx_dev_minor), stx.stx_ino, stx.stx_mode & S_IFMT };
	return true;
}

/* Not fatal: kernels before 5.12 lack it, and our mount has been made with such flags. */
static void restrict_clone(int tree)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
				   .propagation = MS_PRIVATE };

	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 && errno != ENOSYS)
		g_debug("mount_setattr: %s", g_strerror(errno));
}

static struct clone clone_file(const char *tree, struct attach_result *result)
{
	g_autofree char *path = g_strconcat(tree, result->path, NULL);
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	struct clone clone = { .tree = -1 };

	if (fd < 0 && errno == ENOENT) {
		conclude(result, ATTACH_ABSENT, "%s is not served", path);
	} else if (fd < 0 || !look(fd, &clone)) {
		conclude(result, ATTACH_FAILED, "cloning %s: %s", path, g_strerror(errno));
		if (fd >= 0)
			close(fd);
	} else {
		restrict_clone(fd);
	}
	return clone;
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
		conclude(result, ATTACH_FAILED, "looking at /%s: %s", base->directory, g_strerror(errno));
		return false;
	}
	if (fs.f_type != base->magic) {
		int there = within_open(fd, &how);

		conclude(result, there == -ENOENT ? ATTACH_ABSENT : ATTACH_FAILED, "/%s is no %s there",
			 base->directory, base->name);
		if (there >= 0)
			close(there);
		return false;
	}
	if (st.st_ino != ROOT_INO)
		conclude(result, ATTACH_FAILED, "/%s is not the root of a %s", base->directory, base->name);
	return st.st_ino == ROOT_INO;
}

static void conclude_errno(struct attach_result *result, int code, const char *what)
{
	switch (code) {
	case ENOENT:
		conclude(result, ATTACH_ABSENT, "the container has no %s", what);
		break;
	case ELOOP:
		conclude(result, ATTACH_FAILED, "%s is a symbolic link, or behind one", what);
		break;
	case EXDEV:
		conclude(result, ATTACH_FAILED, "something else is mounted on the way to %s", what);
		break;
	default:
		conclude(result, ATTACH_FAILED, "opening %s: %s", what, g_strerror(code));
		break;
	}
}

static int open_parent(int rootfs, int proc, const struct base *base, struct attach_result *result)
{
	const char *rest = result->path + strlen(base->prefix);
	g_autofree char *directory = g_path_get_dirname(rest);
	const struct within to_base = { .path = base->directory, .proc = proc };
	const struct within to_parent = { .path = directory, .stay = true, .proc = proc };
	int parent = -1, fd = within_open(rootfs, &to_base);

	if (fd < 0) {
		conclude_errno(result, -fd, base->directory);
		return -1;
	}
	if (check_base(fd, base, rest, proc, result)) {
		parent = within_open(fd, &to_parent);
		if (parent < 0)
			conclude_errno(result, -parent, result->path);
	}
	close(fd);
	return parent;
}

/* By name in its directory, because umount2(2) takes no descriptor and must not follow a link. */
static bool detach(const struct spot *spot, struct attach_result *result)
{
	if (fchdir(spot->parent) == 0 && umount2(spot->name, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		return true;
	conclude(result, ATTACH_FAILED, "taking away an old mount: %s", g_strerror(errno));
	return false;
}

static bool is_dead(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 && errno == ENOTCONN;
}

/* Something is mounted over the target. True: it was stale, is gone now, look again; false: the result is set. */
static bool clear_cover(const struct spot *spot, const struct clone *clone, struct attach_result *result)
{
	const struct within how = { .path = spot->name, .proc = spot->proc };
	int fd = within_open(spot->parent, &how);
	struct clone cover = { 0 };
	bool dead, seen, ours;

	if (fd < 0) {
		conclude_errno(result, -fd, result->path);
		return false;
	}
	seen = look(fd, &cover);
	ours = seen && cover.dev == clone->dev;
	dead = !ours && is_dead(fd);
	close(fd);
	if (dead || (ours && cover.ino != clone->ino))
		return detach(spot, result);
	if (ours)
		result->outcome = ATTACH_PRESENT;
	else
		conclude(result, ATTACH_FAILED, "something else is mounted over it");
	return false;
}

/* The bare entry; -1 when the result says that there is nothing (more) to do. */
static int open_target(const struct spot *spot, const struct clone *clone, struct attach_result *result)
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
		if (!clear_cover(spot, clone, result))
			return -1;
	}
	conclude(result, ATTACH_FAILED, "more than %d old mounts are over it", STACK_MAX);
	return -1;
}

static void move_clone(const struct clone *clone, int target, struct attach_result *result)
{
	struct stat st;

	if (fstat(target, &st) < 0)
		conclude(result, ATTACH_FAILED, "looking at it: %s", g_strerror(errno));
	else if ((st.st_mode & S_IFMT) != clone->type)
		conclude(result, ATTACH_FAILED, "one of ours and the container's is a directory, the other is not");
	else if (move_mount(clone->tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		conclude(result, ATTACH_FAILED, "mounting: %s", g_strerror(errno));
	else
		result->outcome = ATTACH_LAID;
}

static void lay_one(int rootfs, int proc, const struct clone *clone, struct attach_result *result)
{
	const struct base *base = find_base(result->path);
	struct spot spot = { .parent = -1, .proc = proc };
	int target;

	if (!base) {
		conclude(result, ATTACH_FAILED, "it is neither in /proc nor in /sys");
		return;
	}
	spot.parent = open_parent(rootfs, proc, base, result);
	if (spot.parent < 0)
		return;
	spot.name = g_path_get_basename(result->path);
	target = open_target(&spot, clone, result);
	if (target >= 0) {
		move_clone(clone, target, result);
		close(target);
	}
	close(spot.parent);
	g_free(spot.name);
}

static int open_rootfs(const char *path, GError **error)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		cg_fail(error, errno, "opening the container's root %s: %s", path, g_strerror(errno));
	return fd;
}

/* A process's own root is found from outside, by its magic link; a path is right inside only. */
static bool lay_all(const struct attach_target *target, const struct clone *clones, GPtrArray *results, GError **error)
{
	g_autofree char *own_root = g_strdup_printf("/proc/%d/root", (int)target->pid);
	int rootfs = target->rootfs ? -1 : open_rootfs(own_root, error);
	struct visit visit = VISIT_NONE;
	bool done = false;

	if (!target->rootfs && rootfs < 0)
		return false;
	if (visit_begin(target->pid, target->pidfd, &visit, error)) {
		if (target->rootfs)
			rootfs = open_rootfs(target->rootfs, error);
		for (guint i = 0; rootfs >= 0 && i < results->len; i++) {
			if (clones[i].tree >= 0)
				lay_one(rootfs, visit.proc, &clones[i], g_ptr_array_index(results, i));
		}
		done = visit_end(&visit, rootfs >= 0 ? error : NULL) && rootfs >= 0;
	}
	if (rootfs >= 0)
		close(rootfs);
	return done;
}

GPtrArray *attach_lay(const struct attach_target *target, GError **error)
{
	g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(result_free);
	g_autofree struct clone *clones = NULL;
	guint n = 0;
	bool done;

	while (target->files[n])
		n++;
	clones = g_new0(struct clone, n + 1);
	for (guint i = 0; i < n; i++) {
		struct attach_result *result = g_new0(struct attach_result, 1);

		result->path = target->files[i];
		g_ptr_array_add(results, result);
		clones[i] = clone_file(target->tree, result);
	}
	done = lay_all(target, clones, results, error);
	for (guint i = 0; i < n; i++) {
		if (clones[i].tree >= 0)
			close(clones[i].tree); /* one that was not moved goes away */
	}
	return done ? g_steal_pointer(&results) : NULL;
}

unsigned attach_count(const GPtrArray *results, enum attach_outcome outcome)
{
	unsigned n = 0;

	for (guint i = 0; i < results->len; i++) {
		const struct attach_result *result = g_ptr_array_index(results, i);

		n += result->outcome == outcome;
	}
	return n;
}
