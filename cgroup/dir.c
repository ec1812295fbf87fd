/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dir.h"
#include "cgroup/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* What no file of a cgroup reaches: io.stat of a thousand devices is 100 KiB. */
enum { TEXT_MAX = 64 << 20 };

enum { GOING_LOOKS = 10, GOING_PAUSE_US = 200 };

/*
 * The lowest free number is given (open(2)), so one this high says how many are open. What is left is for those that must be held,
 * and for those that come and go.
 */
static int highest_kept(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	return (int)MIN(limit.rlim_cur / 2, (rlim_t)INT_MAX);
}

struct kept *kept_new(unsigned n)
{
	struct kept *kept = g_malloc(sizeof(*kept) + n * sizeof(kept->fd[0]));

	atomic_init(&kept->refs, 1);
	atomic_init(&kept->stale, false);
	kept->n = n;
	kept->highest = highest_kept();
	for (unsigned i = 0; i < n; i++)
		atomic_init(&kept->fd[i], -1);
	return kept;
}

void kept_unref(struct kept *kept)
{
	if (atomic_fetch_sub(&kept->refs, 1) != 1)
		return;
	for (unsigned i = 0; i < kept->n; i++) {
		int fd = atomic_load(&kept->fd[i]);

		if (fd >= 0)
			close(fd);
	}
	g_free(kept);
}

/* Publishes a descriptor that was just opened, or takes the one that another thread published first. */
static int keep(atomic_int *slot, int fd)
{
	int other = -1;

	if (fd < 0 || atomic_compare_exchange_strong(slot, &other, fd))
		return fd;
	close(fd);
	return other;
}

static atomic_int *slot_of(const struct dir *dir, unsigned index)
{
	return &dir->kept->fd[dir->chain->slot0 + dir->level * DIR_SLOTS + index];
}

static int open_parent(int fd)
{
	return openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The descriptor of a level that keeps it, opened if need be; -1 with errno. */
static int kept_fd(const struct dir *dir, unsigned level)
{
	int fd = dir->chain->fd;

	for (unsigned i = 1; i <= level && fd >= 0; i++) {
		atomic_int *slot = slot_of(&(struct dir){ .chain = dir->chain, .kept = dir->kept, .level = i }, 0);
		int known = atomic_load(slot);

		fd = known >= 0 ? known : keep(slot, open_parent(fd));
	}
	return fd;
}

void climb_end(struct climb *climb)
{
	if (climb->level > 0)
		close(climb->fd);
	climb->level = 0;
}

/* Goes on from where the reader is, or from the highest kept level if that is above; -1 with errno. */
static int climb_to(const struct dir *dir)
{
	struct climb *climb = dir->climb;

	if (climb->level > dir->level)
		climb_end(climb);
	while (climb->level < dir->level) {
		bool begun = climb->level > 0;
		int below = begun ? climb->fd : kept_fd(dir, DIR_KEPT_LEVELS - 1);
		int fd = below < 0 ? below : open_parent(below);

		if (fd < 0)
			return fd;
		if (begun)
			close(below);
		*climb = (struct climb){ fd, begun ? climb->level + 1 : DIR_KEPT_LEVELS };
	}
	return climb->fd;
}

/* The directory's descriptor, borrowed; -1 with errno. */
static int dir_fd(const struct dir *dir)
{
	return dir->level < DIR_KEPT_LEVELS ? kept_fd(dir, dir->level) : climb_to(dir);
}

char *dir_name(const struct dir *dir)
{
	g_autofree char *path = chain_level_path(dir->chain, dir->level);

	return g_strconcat(dir->chain->hierarchy->where, strcmp(path, "/") == 0 ? "" : path, NULL);
}

bool dir_blame(const struct dir *dir, GError **error)
{
	g_autofree char *name = error ? dir_name(dir) : NULL;

	if (error)
		g_prefix_error(error, "%s/", name);
	return false;
}

static enum dir_result fail(const struct dir *dir, const char *name, int code, GError **error)
{
	cg_fail(error, code, "%s: %s", name, g_strerror(code));
	dir_blame(dir, error);
	return DIR_FAILED;
}

/*
 * The kernel removes the controllers' files first and cgroup.procs last (cgroup_destroy_locked() in
 * kernel/cgroup/cgroup.c), in which moment a cgroup that goes would look like one without limits: look for a little longer.
 */
static bool going(const struct chain *chain)
{
	for (unsigned i = 0; i < GOING_LOOKS; i++) {
		if (chain_gone(chain))
			return true;
		g_usleep(GOING_PAUSE_US);
	}
	return false;
}

/* Only an empty cgroup can be going, and its ancestors stay. */
static bool gone(const struct dir *dir, int code)
{
	if (code == ENOENT && dir->level == 0 && chain_idle(dir->chain))
		return going(dir->chain);
	return code != EOPNOTSUPP && chain_gone(dir->chain);
}

/*
 * A file that is not there, in a cgroup that is: no limit. A controller that
 * was switched off takes its files with it (ENODEV from a kept descriptor), and
 * what is switched off by a boot option says EOPNOTSUPP, as the cgroup.procs of a threaded cgroup does.
 */
static enum dir_result absent(const struct dir *dir, const char *name, int code, GError **error)
{
	if (code != ENOENT && code != ENODEV && code != EOPNOTSUPP)
		return fail(dir, name, code, error);
	return gone(dir, code) ? fail(dir, name, ESRCH, error) : DIR_MISSING;
}

enum dir_result dir_open(const struct dir *dir, const char *name, int flags, int *ret_fd, GError **error)
{
	int parent = dir_fd(dir);
	int fd = parent < 0 ? -1 : openat(parent, name, flags | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return absent(dir, name, errno, error);
	*ret_fd = fd;
	return DIR_READ;
}

void text_clear(struct text *text)
{
	g_clear_pointer(&text->heap, g_free);
}

/*
 * Reads all of it from the start into a buffer that grows. The kernel makes
 * such a text in one piece for the first read, so what is cut off is read
 * again as a whole rather than continued: one text is one moment.
 */
static int read_text(int fd, struct text *text)
{
	size_t size = sizeof(text->inline_s);
	ssize_t n;

	text_clear(text);
	text->s = text->inline_s;
	for (;; size *= 4) {
		n = pread(fd, text->s, size - 1, 0);
		if (n < 0)
			return errno;
		if ((size_t)n < size - 1)
			break;
		if (size >= TEXT_MAX)
			return EFBIG;
		g_free(text->heap);
		text->s = text->heap = g_malloc(size * 4);
	}
	text->s[n] = '\0';
	return memchr(text->s, '\0', (size_t)n) ? EINVAL : 0;
}

static enum dir_result read_and_close(const struct dir *dir, const char *name, int fd, struct text *text,
				      GError **error)
{
	int code = read_text(fd, text);

	close(fd);
	return code ? absent(dir, name, code, error) : DIR_READ;
}

static enum dir_result read_once(const struct dir *dir, const char *name, struct text *text, GError **error)
{
	enum dir_result result;
	int fd = -1;

	result = dir_open(dir, name, O_RDONLY, &fd, error);
	return result == DIR_READ ? read_and_close(dir, name, fd, text, error) : result;
}

enum dir_result dir_read(const struct dir *dir, int slot, const char *name, struct text *text, GError **error)
{
	bool keeps = slot != DIR_NOT_KEPT && dir->level < DIR_KEPT_LEVELS;
	atomic_int *kept = keeps ? slot_of(dir, 1 + (unsigned)slot) : NULL;
	int fd = kept ? atomic_load(kept) : -1, code;
	enum dir_result result;

	if (!kept)
		return read_once(dir, name, text, error);
	if (fd < 0) {
		result = dir_open(dir, name, O_RDONLY, &fd, error);
		if (result != DIR_READ)
			return result;
		if (fd > dir->kept->highest)
			return read_and_close(dir, name, fd, text, error);
		fd = keep(kept, fd);
	}
	code = read_text(fd, text);
	/* A dead descriptor: the whole cgroup is being removed, or only its controller was switched off. */
	if (code == ENODEV && !going(dir->chain)) {
		/* The controller was switched off and perhaps on again: another file by now. */
		atomic_store(&dir->kept->stale, true);
		return read_once(dir, name, text, error);
	}
	return code ? absent(dir, name, code, error) : DIR_READ;
}
