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
#include "cgroup/nested.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Whoever has a cgroup delegated to him makes as many in it as he likes, and
 * the thread that walks them serves others too: it looks into this many, and
 * no deeper than this, as each is opened by its path. That is 10 ms of work, 30
 * at that depth. The services of a machine are a few hundred, nested up to 10 deep or so.
 */
enum { CGROUPS_MAX = 1024, DEPTH_MAX = 64 };

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
	const struct chain *chain;
	const char *file;
	GArray *ids;
	GPtrArray *within; /* paths of the cgroups within, below the chain's directory, the nearest first */
};

static bool is_directory(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
	       (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

/* There is room for more cgroups, and one below this path is not too deep. */
static bool has_room(const struct listing *listing, const char *path)
{
	unsigned depth = *path != '\0';

	for (; *path; path++)
		depth += *path == '/';
	return depth < DEPTH_MAX && listing->within->len + 1 < CGROUPS_MAX;
}

/* Adds a cgroup's children to those to look into, as long as there is room; 0 or errno. */
static int find_children(const struct listing *listing, const char *path, int dirfd)
{
	GPtrArray *within = listing->within;
	int fd, code;
	DIR *dir;

	if (!has_room(listing, path) || is_leaf(dirfd, listing->chain->hierarchy))
		return 0;
	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		code = errno;
		if (fd >= 0)
			close(fd);
		return passable(code) ? 0 : code;
	}
	for (struct dirent *entry = readdir(dir); entry && within->len + 1 < CGROUPS_MAX; entry = readdir(dir)) {
		if (is_directory(entry))
			g_ptr_array_add(within, g_strconcat(path, *path ? "/" : "", entry->d_name, NULL));
	}
	closedir(dir);
	return 0;
}

/* Vanished, no directory, or nested so deep that its path is too long. */
static bool skippable(int code)
{
	return passable(code) || code == ENOTDIR || code == ELOOP || code == ENAMETOOLONG;
}

static int list_child(const struct listing *listing, const char *path, GError **error)
{
	int fd = openat(listing->chain->fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int code;

	if (fd < 0)
		return skippable(errno) ? 0 : errno;
	code = list_one(fd, listing->file, listing->ids, error);
	if (passable(code))
		code = find_children(listing, path, fd);
	close(fd);
	return code;
}

/*
 * The cgroups within, level after level, so that a crowd deep in one place
 * leaves the others listed, and each by its path, so that no depth costs
 * descriptors. (A path has no links in it: a cgroup file system has none that
 * lead on, and none was entered.) 0 or errno.
 */
static int list_within(const struct listing *listing, GError **error)
{
	int code = find_children(listing, "", listing->chain->fd);

	for (unsigned i = 0; i < listing->within->len && code == 0; i++)
		code = list_child(listing, g_ptr_array_index(listing->within, i), error);
	return code;
}

static bool list(struct walk *walk, const char *file, GArray *ids, GError **error)
{
	g_autoptr(GPtrArray) within = g_ptr_array_new_with_free_func(g_free);
	struct listing listing = { walk->dir.chain, file, ids, within };
	g_autoptr(GError) cause = NULL;
	int code = list_one(walk->dir.chain->fd, file, ids, &cause);

	if ((code == ENOENT || code == ENODEV) && chain_gone(walk->dir.chain))
		code = ESRCH;
	else if (passable(code))
		code = list_within(&listing, &cause);
	if (code == 0)
		return true;
	if (!cause)
		cg_fail(&cause, code, "%s: %s", file, g_strerror(code));
	g_propagate_error(error, g_steal_pointer(&cause));
	return dir_blame(&walk->dir, error);
}

/* What was appended before a failure is taken back. */
static bool list_into(CgGroup *group, enum cg_controller controller, bool threads, GArray *ids, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;
	unsigned before = ids->len;

	if (!walk_begin(&walk, group, controller, error))
		return false;
	if (walk_levels(&walk) == 0)
		return true;
	if (walk_done(&walk, list(&walk, threads ? walk.reader->threads : walk.reader->processes, ids, error)))
		return true;
	g_array_set_size(ids, before);
	return false;
}

static bool list_own(struct walk *walk, bool threads, GArray *ids, GError **error)
{
	const char *file = threads ? walk->reader->threads : walk->reader->processes;
	g_autoptr(GError) cause = NULL;
	int code = list_one(walk->dir.chain->fd, file, ids, &cause);

	if (code == 0)
		return true;
	if ((code == ENOENT || code == ENODEV) && chain_gone(walk->dir.chain))
		code = ESRCH;
	if (!cause)
		cg_fail(&cause, code, "%s: %s", file, g_strerror(code));
	g_propagate_error(error, g_steal_pointer(&cause));
	return dir_blame(&walk->dir, error);
}

bool cg_group_own_ids(CgGroup *group, enum cg_controller controller, bool threads, GArray *ids, GError **error)
{
	cg_cleanup(walk_end) struct walk walk = { 0 };

	return !cg_group_has(group, controller) ||
	       (walk_begin(&walk, group, controller, error) && walk_done(&walk, list_own(&walk, threads, ids, error)));
}

bool cg_group_ids_within(CgGroup *group, enum cg_controller controller, bool threads, GArray *ids, GError **error)
{
	return !cg_group_has(group, controller) || list_into(group, controller, threads, ids, error);
}

bool cg_group_processes(CgGroup *group, GArray *ids, GError **error)
{
	return list_into(group, group_listing(group), false, ids, error);
}

bool cg_group_threads(CgGroup *group, GArray *ids, GError **error)
{
	return list_into(group, group_listing(group), true, ids, error);
}
