/* SPDX-License-Identifier: Apache-2.0
 *
 * The lists of processes and threads, nested cgroups included.
 *
 * They are opened anew each time: v1 makes the list at the first read of an
 * open file and keeps it for the next ones (kernel/cgroup/cgroup-v1.c,
 * cgroup_pidlist_start()), so a kept descriptor shows old ones. And they come in
 * pieces of about a page, so a short read is not the end.
 */
#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "cgroup/group.h"
#include "cgroup/group_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cgroups nest as deep as somebody likes; each level holds a descriptor while we are below it. */
enum { DEPTH_MAX = 128 };

/* Reads to the end; 0 or errno. */
static int read_all(int fd, GString *text)
{
	char piece[8192];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0)
		g_string_append_len(text, piece, n);
	return n < 0 ? errno : 0;
}

/* One id a line; 0 stands for a process that the daemon's pid namespace does not show. */
static bool take_ids(const char *text, const char *file, GArray *ids, GError **error)
{
	while (*text) {
		const char *line = text;
		uint64_t value;
		pid_t id;

		if (!cg_take_u64(&text, &value) || value > INT_MAX || (*text != '\0' && *text++ != '\n'))
			return cg_fail_text(error, file, "one id a line", line);
		id = (pid_t)value;
		if (id > 0)
			g_array_append_val(ids, id);
	}
	return true;
}

/* The one list of one directory, added to `ids`; 0 or errno, EINVAL with the error set. */
static int list_one(int dirfd, const char *file, GArray *ids, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int fd = openat(dirfd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int code;

	if (fd < 0)
		return errno;
	code = read_all(fd, text);
	close(fd);
	if (code)
		return code;
	return take_ids(text->str, file, ids, error) ? 0 : EINVAL;
}

/* Removed meanwhile, or a threaded cgroup, whose processes are listed above it. */
static bool passable(int code)
{
	return code == 0 || code == ENOENT || code == ENODEV || code == EOPNOTSUPP;
}

/* The kernel's directories count their subdirectories: without any there is nothing to look for. */
static bool is_leaf(int dirfd, const struct hierarchy *hierarchy)
{
	struct stat stat;

	return hierarchy->kernel && fstat(dirfd, &stat) == 0 && stat.st_nlink == 2;
}

struct listing {
	const struct hierarchy *hierarchy;
	const char *file;
	GArray *ids;
};

static int list_below(const struct listing *listing, int dirfd, unsigned depth, GError **error);

static int list_entry(const struct listing *listing, DIR *dir, const struct dirent *entry, unsigned depth,
		      GError **error)
{
	int fd, code;

	if (entry->d_name[0] == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
		return 0;
	fd = openat(dirfd(dir), entry->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENODEV || errno == ENOTDIR ? 0 : errno;
	code = list_one(fd, listing->file, listing->ids, error);
	if (passable(code))
		code = list_below(listing, fd, depth + 1, error);
	close(fd);
	return code;
}

/* The cgroups within; what vanishes meanwhile is passed over. 0 or errno. */
static int list_below(const struct listing *listing, int dirfd, unsigned depth, GError **error)
{
	int fd, code = 0;
	DIR *dir;

	if (is_leaf(dirfd, listing->hierarchy))
		return 0;
	if (depth >= DEPTH_MAX)
		return ELOOP;
	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		code = errno;
		if (fd >= 0)
			close(fd);
		return passable(code) ? 0 : code;
	}
	for (struct dirent *entry = readdir(dir); entry && code == 0; entry = readdir(dir))
		code = list_entry(listing, dir, entry, depth, error);
	closedir(dir);
	return code;
}

static bool list(struct walk *walk, const char *file, GArray *ids, GError **error)
{
	struct listing listing = { walk->dir.chain->hierarchy, file, ids };
	g_autoptr(GError) cause = NULL;
	int code = list_one(walk->dir.chain->fd, file, ids, &cause);

	if ((code == ENOENT || code == ENODEV) && chain_gone(walk->dir.chain))
		code = ESRCH;
	else if (passable(code))
		code = list_below(&listing, walk->dir.chain->fd, 0, &cause);
	if (code == 0)
		return true;
	if (!cause)
		cg_fail(&cause, code, "%s: %s", file, g_strerror(code));
	g_propagate_error(error, g_steal_pointer(&cause));
	return dir_blame(&walk->dir, error);
}

/* What was appended before a failure is taken back. */
static bool list_into(CgGroup *group, bool threads, GArray *ids, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;
	unsigned before = ids->len;

	if (!walk_begin(&walk, group, group_listing(group), error))
		return false;
	if (walk_levels(&walk) == 0)
		return true;
	if (walk_done(&walk, list(&walk, threads ? walk.reader->threads : walk.reader->processes, ids, error)))
		return true;
	g_array_set_size(ids, before);
	return false;
}

bool cg_group_processes(CgGroup *group, GArray *ids, GError **error)
{
	return list_into(group, false, ids, error);
}

bool cg_group_threads(CgGroup *group, GArray *ids, GError **error)
{
	return list_into(group, true, ids, error);
}
