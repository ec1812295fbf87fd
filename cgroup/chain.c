/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dir.h"
#include "cgroup/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Component by component, none of them a link: what openat2(2)'s
 * RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS does, on kernels without it too. Paths
 * with ".." were refused when they were parsed.
 */
static int open_below(int fd, char **names, unsigned *ret_depth)
{
	*ret_depth = 0;
	fd = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (; fd >= 0 && *names; names++) {
		int parent = fd, code;

		if (**names == '\0')
			continue;
		fd = strcmp(*names, "..") == 0 ? -1
					       : openat(parent, *names, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		code = errno;
		close(parent);
		errno = code;
		++*ret_depth;
	}
	return fd;
}

bool chain_open(const struct hierarchy *hierarchy, const char *path, struct chain *ret_chain, GError **error)
{
	g_auto(GStrv) names = g_strsplit(path, "/", -1);
	struct chain chain = { .hierarchy = hierarchy };

	errno = EINVAL;
	chain.fd = open_below(hierarchy->fd, names, &chain.depth);
	if (chain.fd < 0) {
		int code = errno == ENOENT || errno == ENODEV ? ESRCH : errno;

		return cg_fail(error, code, "%s%s: %s", hierarchy->where, path, g_strerror(code));
	}
	chain.path = g_strdup(path);
	chain.levels = MAX(chain.depth, 1);
	*ret_chain = chain;
	return true;
}

bool chain_open_below(const struct chain *above, const char *path, struct chain *ret_chain, GError **error)
{
	g_auto(GStrv) names = g_strsplit(path, "/", -1);
	struct chain chain = { .hierarchy = above->hierarchy };

	errno = EINVAL;
	chain.fd = open_below(above->fd, names, &chain.depth);
	if (chain.fd < 0) {
		int code = errno == ENOENT || errno == ENODEV ? ESRCH : errno;

		return cg_fail(error, code, "%s%s/%s: %s", above->hierarchy->where, above->path, path,
			       g_strerror(code));
	}
	chain.path = g_strconcat(strcmp(above->path, "/") == 0 ? "" : above->path, "/", path, NULL);
	chain.depth += above->depth;
	chain.levels = MAX(chain.depth, 1);
	*ret_chain = chain;
	return true;
}

void chain_close(struct chain *chain)
{
	close(chain->fd);
	g_free(chain->path);
}

/* A removed directory of the kernel's has no files, not even cgroup.procs; another file system counts its links. */
bool chain_gone(const struct chain *chain)
{
	struct stat stat;

	if (chain->hierarchy->kernel)
		return faccessat(chain->fd, "cgroup.procs", F_OK, 0) < 0 && errno == ENOENT;
	return fstat(chain->fd, &stat) == 0 && stat.st_nlink == 0;
}

/* A directory has a link for itself, its "." and the ".." of each below it (fs/kernfs/inode.c counts them). */
bool chain_idle(const struct chain *chain)
{
	struct stat stat;
	char byte;
	int fd;
	bool empty;

	if (!chain->hierarchy->kernel || fstat(chain->fd, &stat) < 0 || stat.st_nlink > 2)
		return false;
	fd = openat(chain->fd, "cgroup.procs", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT;
	empty = read(fd, &byte, 1) == 0;
	close(fd);
	return empty;
}

char *chain_level_path(const struct chain *chain, unsigned level)
{
	char *path = g_strdup(chain->path);

	for (; level > 0; level--) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
	}
	if (*path)
		return path;
	g_free(path);
	return g_strdup("/");
}
