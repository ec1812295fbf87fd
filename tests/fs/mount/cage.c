/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/mount/cage.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_PERMITTED 77

void cage_insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "cage: %s: %s\n", what, g_strerror(errno));
	_exit(1);
}

/* A new user namespace is for processes of one thread, and sanitizers run a second one; so it is entered at birth. */
static pid_t fork_into(int namespaces)
{
	return (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
}

static void leave(int namespaces)
{
	if (unshare(namespaces) < 0)
		_exit(errno == EPERM ? NOT_PERMITTED : 1);
}

void cage_fill(void)
{
	cage_insist(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0, "mounting proc");
	cage_insist(mount("sysfs", "sys", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0,
		    "mounting sysfs");
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	cage_insist(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* The process inside: fills the rootfs, tells its host pid, waits to be ended. */
static void inhabit(const char *rootfs, enum cage_kind kind, void (*fill)(void), int ready, pid_t pid)
{
	cage_insist(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "making / private");
	cage_insist(mount(rootfs, rootfs, NULL, MS_BIND, NULL) == 0 && chdir(rootfs) == 0, rootfs);
	fill();
	if (kind == CAGE_CHROOTED)
		cage_insist(chroot(".") == 0, "chroot");
	if (kind == CAGE_USER)
		cage_insist(mount(NULL, rootfs, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0, "read-only");
	cage_insist(write(ready, &pid, sizeof(pid)) == sizeof(pid), "pipe");
	pause();
	_exit(0);
}

/* The guard: its one child is the first process of the new pid namespace, and dies with it. */
static void guard_user(const char *rootfs, void (*fill)(void), int ready)
{
	int pipe_fds[2];
	pid_t pid;

	leave(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET);
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 0 1");
	put("/proc/self/gid_map", "0 0 1");
	cage_insist(pipe(pipe_fds) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		cage_insist(read(pipe_fds[0], &pid, sizeof(pid)) == sizeof(pid), "pipe");
		inhabit(rootfs, CAGE_USER, fill, ready, pid);
	}
	cage_insist(write(pipe_fds[1], &pid, sizeof(pid)) == sizeof(pid), "pipe");
	close(ready);
	pause();
}

static void guard(const char *rootfs, enum cage_kind kind, void (*fill)(void), int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (kind == CAGE_USER)
		guard_user(rootfs, fill, ready);
	leave(CLONE_NEWNS);
	inhabit(rootfs, kind, fill, ready, getpid());
}

static bool begin(struct cage *cage, const char *dir, enum cage_kind kind, void (*fill)(void))
{
	g_autofree char *rootfs = g_build_filename(dir, "rootfs", NULL);
	g_autofree char *proc = g_build_filename(rootfs, "proc", NULL), *sys = g_build_filename(rootfs, "sys", NULL);
	int pipe_fds[2];
	ssize_t n;

	g_assert(g_mkdir_with_parents(proc, 0755) == 0 && g_mkdir_with_parents(sys, 0755) == 0);
	g_assert(pipe2(pipe_fds, O_CLOEXEC) == 0);
	cage->guard = fork_into(kind == CAGE_USER ? CLONE_NEWUSER : 0);
	if (cage->guard < 0 && errno == EPERM)
		return false;
	g_assert(cage->guard >= 0);
	if (cage->guard == 0) {
		guard(rootfs, kind, fill, pipe_fds[1]);
		_exit(0);
	}
	close(pipe_fds[1]);
	n = read(pipe_fds[0], &cage->pid, sizeof(cage->pid));
	close(pipe_fds[0]);
	if (n != sizeof(cage->pid)) {
		int status;

		g_assert(waitpid(cage->guard, &status, 0) == cage->guard);
		g_assert(WIFEXITED(status) && WEXITSTATUS(status) == NOT_PERMITTED);
		return false;
	}
	cage->pidfd = pidfd_open(cage->pid, 0);
	g_assert(cage->pidfd >= 0);
	return true;
}

void cage_start(struct cage *cage, const char *dir, enum cage_kind kind, void (*fill)(void))
{
	if (begin(cage, dir, kind, fill))
		return;
	*cage = (struct cage){ 0 };
	print_message("no mount namespace of our own is permitted here\n");
	skip();
}

void cage_stop(struct cage *cage)
{
	if (cage->pid == 0)
		return;
	kill(cage->pid, SIGKILL);
	kill(cage->guard, SIGKILL);
	waitpid(cage->guard, NULL, 0);
	close(cage->pidfd);
	*cage = (struct cage){ 0 };
}

char *cage_read(const struct cage *cage, const char *dir, const char *path)
{
	g_autofree char *plain = g_strdup_printf("/proc/%d/root%s/rootfs%s", (int)cage->pid, dir, path);
	g_autofree char *chrooted = g_strdup_printf("/proc/%d/root%s", (int)cage->pid, path);
	char *text = scratch_read(plain);

	return text ? text : scratch_read(chrooted);
}

unsigned cage_mounts(const struct cage *cage, const char *path)
{
	g_autofree char *file = g_strdup_printf("/proc/%d/mountinfo", (int)cage->pid);
	g_autofree char *text = scratch_read(file);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned n = 0;

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, " ", -1);

		n += g_strv_length(fields) > 4 && g_str_has_suffix(fields[4], path);
	}
	return n;
}
