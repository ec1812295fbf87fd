/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/nesting.h"

#include "fs/mount/within.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MODE 0700

/* Their names in the hoard, by which it is known again and by which mountinfo shows them. */
#define PROCFS "clean-procfs"
#define SYSFS  "clean-sysfs"

static bool is_whole(int fd, __fsword_t magic)
{
	struct statfs fs;
	struct stat st;

	return fstatfs(fd, &fs) == 0 && fs.f_type == magic && fstat(fd, &st) == 0 && st.st_ino == FS_ROOT_INO;
}

/* -1 in ret_copy: it is not there, and so cannot be covered. */
static bool copy(int rootfs, int proc, const char *name, __fsword_t magic, int *ret_copy, GError **error)
{
	const struct within how = { .path = name, .proc = proc };
	int fd = within_open(rootfs, &how), copied = -1, code = 0;

	if (fd < 0)
		return true;
	if (is_whole(fd, magic)) {
		copied = open_tree(fd, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		code = copied < 0 ? errno : 0;
	}
	close(fd);
	if (code)
		return cg_fail(error, code, "copying /%s: %s", name, g_strerror(code));
	*ret_copy = copied;
	return true;
}

bool nesting_take(int rootfs, int proc, struct nesting *ret_nesting, GError **error)
{
	struct nesting nesting = NESTING_NONE;

	if (!copy(rootfs, proc, "proc", PROC_SUPER_MAGIC, &nesting.procfs, error) ||
	    !copy(rootfs, proc, "sys", SYSFS_MAGIC, &nesting.sysfs, error)) {
		nesting_clear(&nesting);
		return false;
	}
	*ret_nesting = nesting;
	return true;
}

void nesting_clear(struct nesting *nesting)
{
	if (nesting->procfs >= 0)
		close(nesting->procfs);
	if (nesting->sysfs >= 0)
		close(nesting->sysfs);
	*nesting = NESTING_NONE;
}

static void close_quietly(int fd)
{
	int code = errno;

	if (fd >= 0)
		close(fd);
	errno = code;
}

/* A tmpfs of our own, mounted nowhere. fsconfig(2) is Linux 5.2. */
static int mount_tmpfs(void)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), tmpfs = -1;

	if (context >= 0 && fsconfig(context, FSCONFIG_SET_STRING, "source", "procvirt", 0) == 0 &&
	    fsconfig(context, FSCONFIG_SET_STRING, "mode", "700", 0) == 0 &&
	    fsconfig(context, FSCONFIG_SET_STRING, "size", "64k", 0) == 0 &&
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		tmpfs = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	close_quietly(context);
	return tmpfs;
}

static int make_hoard(void)
{
	int hoard = mount_tmpfs();

	if (hoard >= 0 && mkdirat(hoard, PROCFS, MODE) == 0 && mkdirat(hoard, SYSFS, MODE) == 0)
		return hoard;
	close_quietly(hoard);
	return -1;
}

/* Into the current directory. Private: what happens to the container's own later is not to happen to the copy. */
static bool put(int copied, const char *name)
{
	return copied < 0 || (move_mount(copied, "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
			      mount(NULL, name, NULL, MS_PRIVATE | MS_REC, NULL) == 0);
}

static bool fill_hoard(int hoard, const struct nesting *nesting)
{
	if (fchdir(hoard) < 0 || !put(nesting->procfs, PROCFS) || !put(nesting->sysfs, SYSFS))
		return false;
	/* An empty directory of the kernel's, which may be covered; but programs look for cgroups in mountinfo. */
	(void)umount2(SYSFS "/fs/cgroup", MNT_DETACH | UMOUNT_NOFOLLOW);
	return mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

int nesting_tuck(struct nesting *nesting, int target, GError **error)
{
	int hoard = make_hoard(), code;

	if (hoard >= 0 && move_mount(hoard, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0) {
		if (fill_hoard(hoard, nesting)) {
			nesting_clear(nesting);
			return hoard;
		}
		code = errno;
		if (fchdir(hoard) == 0)
			(void)umount2(".", MNT_DETACH);
		errno = code;
	}
	code = errno;
	close_quietly(hoard);
	cg_fail(error, code, "keeping a clean procfs and sysfs: %s", g_strerror(code));
	return -1;
}

bool nesting_is_hoard(int fd)
{
	struct statx stx;
	struct statfs fs;
	struct stat st;

	/* First what the kernel remembers: a FUSE server that does not answer is not asked. */
	return statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MODE, &stx) ==
		       0 &&
	       stx.stx_mode == (S_IFDIR | MODE) && fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC &&
	       fstatat(fd, PROCFS, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
