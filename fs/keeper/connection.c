/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/connection.h"

#include "cgroup/error.h"
#include "fs/keeper/mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <unistd.h>

#define FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/*
 * On most hosts / is shared, and so would be our mount. What the hook clones of
 * a shared mount is its peer: what a container mounts over its own file would
 * appear in our tree on the host (Documentation/filesystems/sharedsubtree.rst).
 * From Linux 5.12 on the hook makes its clones private; this does for all.
 */
static void make_private(const char *mountpoint)
{
	if (mount(NULL, mountpoint, NULL, MS_PRIVATE, NULL) < 0)
		g_warning("making the mount on %s private: %s", mountpoint, g_strerror(errno));
}

static bool attach(int device, const char *mountpoint, bool writable, GError **error)
{
	g_autofree char *options =
		g_strdup_printf("fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other", device);

	if (mount("procvirt", mountpoint, "fuse.procvirt", FLAGS | (writable ? 0 : MS_RDONLY), options) < 0)
		return cg_fail(error, errno, "cannot mount on %s: %s", mountpoint, g_strerror(errno));
	make_private(mountpoint);
	return true;
}

int connection_mount(const char *mountpoint, bool writable, GError **error)
{
	int device;

	if (!mountpoint_prepare(mountpoint, error))
		return -1;
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device < 0) {
		cg_fail(error, errno, "/dev/fuse: %s (is the kernel module fuse loaded?)", g_strerror(errno));
		return -1;
	}
	if (!attach(device, mountpoint, writable, error)) {
		close(device);
		return -1;
	}
	return device;
}

bool connection_lives(int device)
{
	struct pollfd look = { .fd = device, .events = POLLIN };

	return poll(&look, 1, 0) >= 0 && !(look.revents & (POLLERR | POLLNVAL));
}

void connection_unmount(const char *mountpoint)
{
	if (umount2(mountpoint, MNT_DETACH) < 0 && errno != EINVAL)
		g_warning("unmounting %s: %s", mountpoint, g_strerror(errno));
}
