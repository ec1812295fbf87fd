/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/error.h"
#include "cgroup/hierarchy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* -1 (with errno) where `name` is no directory; a link to one ("cpu" to "cpu,cpuacct") is passed over. */
static int add_directory(CgHierarchies *hierarchies, int dirfd, const char *name, int version)
{
	struct hierarchy hierarchy = { .version = version };

	hierarchy.fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (hierarchy.fd < 0)
		return -1;
	hierarchy.where = g_strdup(name);
	hierarchy.prefix = g_strdup("/");
	return hierarchies_add(hierarchies, &hierarchy);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The entries' names in order, so that a captured tree gives the same host on every file system. */
static GPtrArray *list_names(int dirfd, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		cg_fail(error, errno, "captured cgroups: %s", g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		if (entry->d_name[0] != '.')
			g_ptr_array_add(names, g_strdup(entry->d_name));
	}
	closedir(dir);
	g_ptr_array_sort(names, compare_names);
	return g_steal_pointer(&names);
}

static void add_v1(CgHierarchies *hierarchies, int dirfd, const char *name)
{
	const char *controllers = strcmp(name, "systemd") == 0 ? "name=systemd" : name;
	int index = hierarchies_want(hierarchies, controllers) ? add_directory(hierarchies, dirfd, name, 1) : -1;

	if (index >= 0)
		hierarchies_claim(hierarchies, controllers, index);
}

static bool add_v1_and_hybrid(CgHierarchies *hierarchies, int dirfd, GError **error)
{
	g_autoptr(GPtrArray) entries = list_names(dirfd, error);
	int unified;

	if (!entries)
		return false;
	for (unsigned i = 0; i < entries->len; i++)
		add_v1(hierarchies, dirfd, g_ptr_array_index(entries, i));
	unified = add_directory(hierarchies, dirfd, "unified", 2);
	if (unified >= 0)
		hierarchies_claim_v2(hierarchies, unified);
	return true;
}

CgHierarchies *cg_hierarchies_open_at(int dirfd, GError **error)
{
	g_autoptr(CgHierarchies) hierarchies = hierarchies_new();

	if (faccessat(dirfd, "cgroup.controllers", F_OK, 0) == 0) {
		int index = add_directory(hierarchies, dirfd, ".", 2);

		if (index >= 0)
			hierarchies_claim_v2(hierarchies, index);
	} else if (!add_v1_and_hybrid(hierarchies, dirfd, error)) {
		return NULL;
	}
	if (hierarchies->n == 0) {
		cg_fail(error, ENOENT, "captured cgroups: no hierarchy in the directory");
		return NULL;
	}
	return g_steal_pointer(&hierarchies);
}
