/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/neighbours.h"

#include "cgroup/error.h"
#include "fs/mount/oci_state.h"
#include "fs/mount/within.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *read_beneath(int proc, const char *name, GError **error)
{
	g_autofree char *what = g_strdup_printf("/proc/%s", name);
	int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	gsize length;

	if (fd < 0) {
		cg_fail(error, errno, "opening %s: %s", what, g_strerror(errno));
		return NULL;
	}
	text = oci_read(fd, what, &length, error);
	close(fd);
	return text;
}

/* A kernel without cgroup namespaces (CONFIG_CGROUPS) has no such file, and nobody has one of its own. */
static bool is_elsewhere(int proc, pid_t pid)
{
	g_autofree char *name = g_strdup_printf("%d/ns/cgroup", (int)pid);
	struct stat its, ours;

	return fstatat(proc, name, &its, 0) == 0 && fstatat(proc, "thread-self/ns/cgroup", &ours, 0) == 0 &&
	       (its.st_dev != ours.st_dev || its.st_ino != ours.st_ino);
}

bool neighbours_look(const struct neighbours *neighbours, enum cg_shown *ret_shown, GError **error)
{
	g_autofree char *file = g_strdup_printf("%d/cgroup", (int)neighbours->pid), *mountinfo = NULL;
	g_autofree char *cgroup = read_beneath(neighbours->proc, file, error);
	int mount = within_mount_id(neighbours->proc, neighbours->cgroups);
	struct cg_shown_place place = { .cgroup = cgroup, .read_only = neighbours->read_only };

	if (!cgroup)
		return false;
	if (mount < 0)
		return cg_fail(error, -mount, "which mount is at /sys/fs/cgroup: %s", g_strerror(-mount));
	/* Of this thread, which is in the container's mount namespace, at its root. */
	mountinfo = read_beneath(neighbours->proc, "thread-self/mountinfo", error);
	if (!mountinfo)
		return false;
	place.mountinfo = mountinfo;
	place.file = "/proc/thread-self/mountinfo";
	place.mount = (uint64_t)mount;
	place.own_namespace = is_elsewhere(neighbours->proc, neighbours->pid);
	return cg_shown_look(&place, ret_shown, error);
}
