/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/error.h"
#include "cgroup/hierarchy.h"
#include "cgroup/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <libcgroup.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char mountinfo_file[] = "/proc/self/mountinfo";

/*
 * A clone of the mount where open_tree(2) is there (5.2) and allowed: what is
 * mounted over the directory later is not in it. A plain descriptor else.
 */
static int open_root(const char *path)
{
#if defined(SYS_open_tree) && defined(OPEN_TREE_CLONE)
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd >= 0)
		return fd;
#endif
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int version_of_fd(int fd)
{
	struct statfs stat;

	if (fstatfs(fd, &stat) < 0)
		return 0;
	if ((unsigned long)stat.f_type == CGROUP2_SUPER_MAGIC)
		return 2;
	return (unsigned long)stat.f_type == CGROUP_SUPER_MAGIC ? 1 : 0;
}

/* The hierarchy that is mounted at `where`, opened if it was not yet; -1 where no cgroups are. */
static int mounted_at(CgHierarchies *hierarchies, const char *where, const char *prefix)
{
	struct hierarchy hierarchy = { .kernel = true };

	for (unsigned i = 0; i < hierarchies->n; i++) {
		if (strcmp(hierarchies->hierarchy[i].where, where) == 0)
			return (int)i;
	}
	hierarchy.fd = open_root(where);
	if (hierarchy.fd < 0)
		return -1;
	hierarchy.version = version_of_fd(hierarchy.fd);
	if (!hierarchy.version) {
		close(hierarchy.fd);
		return -1;
	}
	hierarchy.where = g_strdup(where);
	hierarchy.prefix = g_strdup(prefix);
	return hierarchies_add(hierarchies, &hierarchy);
}

/* Which of its cgroups is mounted where, by mount point; the mount on top comes last in mountinfo. */
static GHashTable *read_roots(const char *text, GError **error)
{
	g_autoptr(GHashTable) roots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct mountinfo mount;

	for (bool more = true; more;) {
		if (!mountinfo_next(&text, mountinfo_file, &mount, &more, error))
			return NULL;
		if (more && mountinfo_cgroup_version(&mount))
			g_hash_table_replace(roots, mountinfo_decode(&mount.mount_point),
					     mountinfo_decode(&mount.root));
	}
	return g_steal_pointer(&roots);
}

/* libcgroup says which controller is where. It fails where none is mounted, which is no error here: v2 may still be. */
static void add_controllers(CgHierarchies *hierarchies, GHashTable *roots)
{
	struct cgroup_mount_point mount;
	void *handle = NULL;

	if (cgroup_init() != 0)
		return;
	for (int rc = cgroup_get_controller_begin(&handle, &mount); rc == 0;
	     rc = cgroup_get_controller_next(&handle, &mount)) {
		const char *prefix = g_hash_table_lookup(roots, mount.path);
		int index = -1;

		if (hierarchies_want(hierarchies, mount.name))
			index = mounted_at(hierarchies, mount.path, prefix ? prefix : "/");
		if (index >= 0)
			hierarchies_claim(hierarchies, mount.name, index);
	}
	cgroup_get_controller_end(&handle);
}

/* What libcgroup leaves out: v2 without controllers, and v1 hierarchies that only have a name. */
static bool add_mounts(CgHierarchies *hierarchies, const char *text, GHashTable *roots, int version, GError **error)
{
	struct mountinfo mount;

	for (bool more = true; more;) {
		g_autofree char *where = NULL, *options = NULL;
		int index;

		if (!mountinfo_next(&text, mountinfo_file, &mount, &more, error))
			return false;
		if (!more || mountinfo_cgroup_version(&mount) != version)
			continue;
		where = mountinfo_decode(&mount.mount_point);
		options = mountinfo_decode(&mount.super_options);
		if (version == 1 && !hierarchies_want(hierarchies, options))
			continue;
		index = mounted_at(hierarchies, where, g_hash_table_lookup(roots, where));
		if (index < 0 || hierarchies->hierarchy[index].version != version)
			continue;
		if (version == 1)
			hierarchies_claim(hierarchies, options, index);
		else if (hierarchies->of[CG_CORE] < 0 || cg_hierarchies_version(hierarchies, CG_CORE) == 1)
			hierarchies_claim_v2(hierarchies, index);
	}
	return true;
}

CgHierarchies *cg_hierarchies_open_host(GError **error)
{
	g_autoptr(CgHierarchies) hierarchies = hierarchies_new();
	g_autoptr(GHashTable) roots = NULL;
	g_autoptr(GError) cause = NULL;
	g_autofree char *text = NULL;

	if (!g_file_get_contents(mountinfo_file, &text, NULL, &cause)) {
		cg_fail(error, EIO, "%s", cause->message);
		return NULL;
	}
	roots = read_roots(text, error);
	if (!roots)
		return NULL;
	add_controllers(hierarchies, roots);
	if (!add_mounts(hierarchies, text, roots, 1, error) || !add_mounts(hierarchies, text, roots, 2, error))
		return NULL;
	if (hierarchies->n == 0) {
		cg_fail(error, ENOENT, "no cgroup file system is mounted");
		return NULL;
	}
	return g_steal_pointer(&hierarchies);
}
