/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_all(struct visit *visit)
{
	const int fds[] = { visit->mnt, visit->root, visit->cwd, visit->proc };

	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	*visit = VISIT_NONE;
}

static bool open_own(struct visit *visit, GError **error)
{
	visit->mnt = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	visit->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	visit->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	visit->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (visit->mnt < 0 || visit->root < 0 || visit->cwd < 0 || visit->proc < 0)
		return cg_fail(error, errno, "opening our own namespace: %s", g_strerror(errno));
	return true;
}

/* A pidfd polls readable when its process has ended: pidfd_open(2). */
static bool is_alive(int pidfd)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 0;
}

static bool check_other(int mnt, int own, pid_t pid, GError **error)
{
	struct stat theirs, ours;

	if (fstat(mnt, &theirs) < 0 || fstat(own, &ours) < 0)
		return cg_fail(error, errno, "looking at mount namespaces: %s", g_strerror(errno));
	if (theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino)
		return cg_fail(error, EINVAL, "process %d is in our own mount namespace: it is no container", (int)pid);
	return true;
}

static bool enter(int mnt, const struct visit *visit, pid_t pid, int pidfd, GError **error)
{
	/* It lived when its namespace was opened, so pid has always been its number and the namespace is its own. */
	if (!is_alive(pidfd))
		return cg_fail(error, ESRCH, "process %d has ended", (int)pid);
	if (!check_other(mnt, visit->mnt, pid, error))
		return false;
	/* setns(2) refuses a thread whose root and current directory are also another's: a sanitizer's, for one. */
	if (unshare(CLONE_FS) < 0 || setns(mnt, CLONE_NEWNS) < 0)
		return cg_fail(error, errno, "entering the mount namespace of process %d: %s", (int)pid,
			       g_strerror(errno));
	return true;
}

static void fail_open(int code, pid_t pid, const char *path, GError **error)
{
	if (code == ENOENT)
		cg_fail(error, ESRCH, "process %d has ended", (int)pid);
	else
		cg_fail(error, code, "opening %s: %s", path, g_strerror(code));
}

bool visit_begin(pid_t pid, int pidfd, struct visit *ret_visit, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/ns/mnt", (int)pid);
	struct visit visit = VISIT_NONE;
	bool entered = false;
	int mnt;

	if (open_own(&visit, error)) {
		mnt = open(path, O_RDONLY | O_CLOEXEC);
		if (mnt >= 0) {
			entered = enter(mnt, &visit, pid, pidfd, error);
			close(mnt);
		} else {
			fail_open(errno, pid, path, error);
		}
	}
	if (entered)
		*ret_visit = visit;
	else
		close_all(&visit);
	return entered;
}

bool visit_end(struct visit *visit, GError **error)
{
	/* setns(2) puts root and current directory to the namespace's root; ours may have been others. */
	bool back = setns(visit->mnt, CLONE_NEWNS) == 0 && fchdir(visit->root) == 0 && chroot(".") == 0 &&
		    fchdir(visit->cwd) == 0;
	int code = errno;

	close_all(visit);
	return back || cg_fail(error, code, "coming back to our own mount namespace: %s", g_strerror(code));
}
