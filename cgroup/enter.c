/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/enter.h"

#include "cgroup/error.h"
#include "cgroup/hierarchy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_plain(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool cg_enter_check(const char *path, GError **error)
{
	g_auto(GStrv) names = g_strsplit(path, "/", -1);
	bool good = path[0] == '/';

	for (char **name = names; good && *name; name++)
		good = name == names || is_plain(*name);
	return good || cg_fail(error, EINVAL, "\"%s\" is no path of a cgroup", path);
}

/* Takes the parent's descriptor. */
static int make_and_open(int parent, const char *name)
{
	int fd = -1, code;

	if (mkdirat(parent, name, 0755) == 0 || errno == EEXIST)
		fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	code = errno;
	close(parent);
	errno = code;
	return fd;
}

/* A cgroup's file must be there already. */
static bool write_pid(int directory, pid_t pid)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", (int)pid), code;
	int fd = openat(directory, "cgroup.procs", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, (size_t)length) == length;

	code = errno;
	if (fd >= 0)
		close(fd);
	errno = code;
	return done;
}

static bool enter_one(const struct hierarchy *hierarchy, const char *path, pid_t pid, GError **error)
{
	g_auto(GStrv) names = g_strsplit(path + 1, "/", -1);
	int fd = openat(hierarchy->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC), code;
	bool done;

	for (char **name = names; fd >= 0 && *name; name++)
		fd = make_and_open(fd, *name);
	done = fd >= 0 && write_pid(fd, pid);
	code = errno;
	if (fd >= 0)
		close(fd);
	return done || cg_fail(error, code, "entering the cgroup %s%s: %s", hierarchy->where, path, g_strerror(code));
}

bool cg_enter(const CgHierarchies *hierarchies, const char *path, pid_t pid, GError **error)
{
	g_autoptr(GError) last = NULL;
	unsigned entered = 0;

	if (!cg_enter_check(path, error))
		return false;
	for (unsigned i = 0; i < hierarchies->n; i++) {
		g_autoptr(GError) problem = NULL;

		if (enter_one(&hierarchies->hierarchy[i], path, pid, &problem)) {
			entered++;
			continue;
		}
		g_info("%s", problem->message);
		g_clear_error(&last);
		last = g_steal_pointer(&problem);
	}
	if (!entered)
		g_propagate_error(error, g_steal_pointer(&last));
	return entered > 0;
}
