/* SPDX-License-Identifier: Apache-2.0
 *
 * Both ways of opening must give the same answers.
 */
#include "fs/mount/within.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *path;
	bool stay;
	int answer; /* 0: a descriptor */
} cases[] = {
	{ "", false, 0 },
	{ "file", true, 0 },
	{ "a/b/file", true, 0 },
	{ "a//b", true, 0 },
	{ "fifo", true, 0 },
	{ "missing", true, -ENOENT },
	{ "a/missing/file", true, -ENOENT },
	{ "file/below", true, -ENOTDIR },
	{ "link", false, -ELOOP },
	{ "dirlink/file", false, -ELOOP },
	{ "abslink", false, -ELOOP },
	{ "../file", false, -EXDEV },
	{ "mounted", false, 0 },
	{ "mounted", true, -EXDEV },
	{ "mounted/inner", false, 0 },
	{ "mounted/inner", true, -EXDEV },
	{ "bound", false, 0 },
	{ "bound", true, -EXDEV }, /* of the same file system: the device number does not tell */
};

static bool try(int dirfd, int proc, int (*open_it)(int, const struct within *), const char *name)
{
	bool good = true;

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct within how = { cases[i].path, cases[i].stay, proc };
		int fd = open_it(dirfd, &how);

		if ((fd >= 0 ? 0 : fd) != cases[i].answer) {
			fprintf(stderr, "%s \"%s\", stay %d: %d\n", name, how.path, how.stay, fd);
			good = false;
		}
		if (fd >= 0)
			close(fd);
	}
	return good;
}

/* In a mount namespace of its own; 0: good, 2: not permitted. */
static int try_both(const char *dir)
{
	int dirfd, proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool good;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 2;
	if (chdir(dir) < 0 || mount("x", "mounted", "tmpfs", 0, NULL) < 0 || mkdir("mounted/inner", 0755) < 0 ||
	    mount("file", "bound", NULL, MS_BIND, NULL) < 0)
		return 2;
	dirfd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	good = try(dirfd, proc, within_open, "open");
	good = try(dirfd, proc, within_walk, "walk") && good;
	close(dirfd);
	close(proc);
	return good ? 0 : 1;
}

static void answers_alike(void **state)
{
	char *dir = scratch_new();
	g_autofree char *fifo = g_build_filename(dir, "fifo", NULL), *mounted = g_build_filename(dir, "mounted", NULL);
	g_autofree char *link = g_build_filename(dir, "link", NULL), *dirlink = g_build_filename(dir, "dirlink", NULL);
	g_autofree char *abslink = g_build_filename(dir, "abslink", NULL);
	int status;
	pid_t pid;

	scratch_write(dir, "file", "x");
	scratch_write(dir, "bound", "x");
	scratch_write(dir, "a/b/file", "x");
	assert_int_equal(mkfifo(fifo, 0600) | mkdir(mounted, 0755), 0);
	assert_int_equal(symlink("file", link) | symlink("a/b", dirlink) | symlink("/etc/passwd", abslink), 0);
	pid = fork();
	if (pid == 0)
		_exit(try_both(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	scratch_free(dir);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
		print_message("no mount namespace of our own is permitted here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers_alike) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
