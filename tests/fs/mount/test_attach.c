/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/attach.h"

#include "tests/fs/harness.h"
#include "tests/fs/mount/cage.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMINFO "/proc/meminfo"
#define CPU     "/sys/devices/system/cpu"

/* DIR/tree is ours, DIR/rootfs the container's. */
static char *dir;
static struct cage cage;
static bool nesting; /* of the next laying */
static const char *const *unless_own;

static int setup(void **state)
{
	dir = scratch_new();
	scratch_write(dir, "tree/proc/meminfo", "ours");
	scratch_write(dir, "tree/proc/stat", "our stat");
	scratch_write(dir, "tree/sys/devices/system/cpu/online", "0\n");
	return 0;
}

static int teardown(void **state)
{
	cage_stop(&cage);
	nesting = false;
	unless_own = NULL;
	scratch_free(dir);
	return 0;
}

static GPtrArray *lay(const char *tree, const char *rootfs, const char *const *files, GError **error)
{
	g_autofree char *tree_path = g_build_filename(dir, tree, NULL);
	g_autofree char *rootfs_path = rootfs ? g_build_filename(dir, rootfs, NULL) : NULL;
	const struct attach_target target = { .tree = tree_path,
					      .files = files,
					      .pid = cage.pid,
					      .pidfd = cage.pidfd,
					      .rootfs = rootfs_path,
					      .nesting = nesting,
					      .unless_own = unless_own };

	return attach_lay(&target, error);
}

/* Lays one file and expects this outcome, and the note to have this part. */
static void expect_one(const char *path, enum attach_outcome outcome, const char *note)
{
	const char *const files[] = { path, NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) results = lay("tree", "rootfs", files, &error);
	const struct attach_result *result;

	g_assert_no_error(error);
	assert_int_equal(results->len, 1);
	result = g_ptr_array_index(results, 0);
	if (result->outcome != outcome)
		fail_msg("%s: outcome %d, not %d: %s", path, result->outcome, outcome, result->note);
	if (note)
		assert_has(result->note, note);
	else
		assert_null(result->note);
}

static void expect_text(const char *path, const char *expected)
{
	g_autofree char *text = cage_read(&cage, dir, path);

	assert_has(text, expected);
}

static void lays_files(void **state)
{
	static const char *const files[] = { MEMINFO, "/proc/stat", CPU, NULL };
	g_autoptr(GPtrArray) results = NULL;
	g_autofree char *path = NULL;
	struct statvfs vfs;

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	results = lay("tree", "rootfs", files, NULL);
	assert_non_null(results);
	assert_int_equal(attach_count(results, ATTACH_LAID), 3);
	expect_text(MEMINFO, "ours");
	expect_text("/proc/stat", "our stat");
	expect_text(CPU "/online", "0\n");
	expect_text("/proc/version", "Linux");
	path = g_strdup_printf("/proc/%d/root%s/rootfs" MEMINFO, (int)cage.pid, dir);
	assert_int_equal(statvfs(path, &vfs), 0);
	assert_int_equal(vfs.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC), ST_NOSUID | ST_NODEV | ST_NOEXEC);
}

static void comes_back(void **state)
{
	struct stat before, after;
	g_autofree char *cwd = g_get_current_dir(), *host = NULL;

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(stat("/proc/self/ns/mnt", &before), 0);
	expect_one(MEMINFO, ATTACH_LAID, NULL);
	assert_int_equal(stat("/proc/self/ns/mnt", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(access("tree", F_OK), 0);
	host = scratch_read(MEMINFO);
	assert_has(host, "MemTotal:");
	assert_int_equal(chdir(cwd), 0);
}

static void twice_is_once(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	for (unsigned i = 0; i < 3; i++) {
		expect_one(MEMINFO, i ? ATTACH_PRESENT : ATTACH_LAID, NULL);
		expect_one(CPU, i ? ATTACH_PRESENT : ATTACH_LAID, NULL);
	}
	assert_int_equal(cage_mounts(&cage, MEMINFO), 1);
	assert_int_equal(cage_mounts(&cage, CPU), 1);
}

static void replaces_earlier(void **state)
{
	static const char *const files[] = { MEMINFO, NULL };
	g_autoptr(GPtrArray) results = NULL;

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	expect_one(MEMINFO, ATTACH_LAID, NULL);
	scratch_write(dir, "later/proc/meminfo", "newer");
	results = lay("later", "rootfs", files, NULL);
	assert_int_equal(attach_count(results, ATTACH_LAID), 1);
	expect_text(MEMINFO, "newer");
	assert_int_equal(cage_mounts(&cage, MEMINFO), 1);
}

/* A mount whose server is gone: every look at it is ENOTCONN. */
static void mount_dead_fuse(const char *path, const char *mode)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	g_autofree char *options = g_strdup_printf("fd=%d,rootmode=%s,user_id=0,group_id=0", fd, mode);

	cage_insist(fd >= 0 && mount("dead", path, "fuse", 0, options) == 0, "fuse");
	close(fd);
}

static void fill_dead(void)
{
	cage_fill();
	for (unsigned i = 0; i < 3; i++)
		mount_dead_fuse("proc/meminfo", "0100444");
	mount_dead_fuse("sys/devices/system/cpu", "040555");
}

static void repairs_dead(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_dead);
	assert_int_equal(cage_mounts(&cage, MEMINFO), 3);
	expect_one(MEMINFO, ATTACH_LAID, NULL);
	expect_one(CPU, ATTACH_LAID, NULL);
	expect_text(MEMINFO, "ours");
	assert_int_equal(cage_mounts(&cage, MEMINFO), 1);
	assert_int_equal(cage_mounts(&cage, CPU), 1);
}

static void lays_in_running(void **state)
{
	static const char *const files[] = { MEMINFO, CPU, NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) results = NULL;

	cage_start(&cage, dir, CAGE_CHROOTED, cage_fill);
	results = lay("tree", NULL, files, &error);
	g_assert_no_error(error);
	assert_int_equal(attach_count(results, ATTACH_LAID), 2);
	expect_text(MEMINFO, "ours");
	expect_text(CPU "/online", "0\n");
}

static void lays_in_user_namespace(void **state)
{
	cage_start(&cage, dir, CAGE_USER, cage_fill);
	expect_one(MEMINFO, ATTACH_LAID, NULL);
	expect_one(CPU, ATTACH_LAID, NULL);
	expect_text(MEMINFO, "ours");
	expect_one(MEMINFO, ATTACH_PRESENT, NULL);
}

static void fill_symlink(void)
{
	cage_insist(mount("x", ".", "tmpfs", 0, NULL) == 0 && chdir(g_getenv("CAGE")) == 0, "tmpfs");
	cage_insist(symlink("/proc", "proc") == 0 && mkdir("sys", 0755) == 0 && mkdir("sys/devices", 0755) == 0,
		    "names");
}

/* Nothing is reached through a link, however right its end may be. */
static void refuses_symlink(void **state)
{
	g_autofree char *rootfs = g_build_filename(dir, "rootfs", NULL);

	g_setenv("CAGE", rootfs, TRUE);
	cage_start(&cage, dir, CAGE_PLAIN, fill_symlink);
	expect_one(MEMINFO, ATTACH_FAILED, "symbolic link");
	expect_one(CPU, ATTACH_ABSENT, "/sys is no sysfs there");
}

static void fill_tmpfs(void)
{
	cage_insist(mount("x", "proc", "tmpfs", 0, NULL) == 0 && mount("x", "sys", "tmpfs", 0, NULL) == 0, "tmpfs");
	cage_insist(mkfifo("proc/meminfo", 0644) == 0 && symlink("/etc/shadow", "proc/stat") == 0, "names");
}

static void refuses_not_procfs(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_tmpfs);
	expect_one(MEMINFO, ATTACH_FAILED, "/proc is no procfs there");
	expect_one("/proc/stat", ATTACH_FAILED, "/proc is no procfs there");
	expect_one(CPU, ATTACH_ABSENT, "/sys is no sysfs there");
}

static void fill_nothing(void)
{
}

static void passes_over_missing(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_nothing);
	expect_one(MEMINFO, ATTACH_ABSENT, "/proc is no procfs there");
	expect_one(CPU, ATTACH_ABSENT, "/sys is no sysfs there");
}

static void fill_cgroups(void)
{
	cage_fill();
	cage_insist(mount("x", "sys/fs/cgroup", "tmpfs", 0, NULL) == 0, "tmpfs");
	cage_insist(mkdir("sys/fs/cgroup/memory", 0755) == 0, "memory");
}

/* Ours goes over the container's own tree, and nothing else over a mount of its. */
static void covers_the_cgroup_tree(void **state)
{
	unsigned before;

	scratch_write(dir, "tree/sys/fs/cgroup/memory.max", "ours");
	cage_start(&cage, dir, CAGE_PLAIN, fill_cgroups);
	before = cage_mounts(&cage, "/sys/fs/cgroup");
	expect_one("/sys/fs/cgroup", ATTACH_LAID, NULL);
	expect_text("/sys/fs/cgroup/memory.max", "ours");
	expect_one("/sys/fs/cgroup", ATTACH_PRESENT, NULL);
	assert_int_equal(cage_mounts(&cage, "/sys/fs/cgroup"), before + 1);
}

/* Whether there are others' cgroups is tests/cgroup/test_shown.c's to say; here there are none, or no place for ours. */
static void expect_unless_own(void (*fill)(void), const char *note)
{
	static const char *const files[] = { MEMINFO, NULL }, *const more[] = { "/sys/fs/cgroup", NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) results = NULL;
	const struct attach_result *last;

	scratch_write(dir, "tree/sys/fs/cgroup/memory.max", "ours");
	cage_start(&cage, dir, CAGE_PLAIN, fill);
	unless_own = more;
	results = lay("tree", "rootfs", files, &error);
	g_assert_no_error(error);
	assert_int_equal(results->len, 2);
	last = g_ptr_array_index(results, 1);
	assert_string_equal(last->path, "/sys/fs/cgroup");
	assert_has(last->note, note);
	assert_int_equal(last->outcome, ATTACH_ABSENT);
	cage_stop(&cage);
}

static void leaves_own_cgroups(void **state)
{
	expect_unless_own(cage_fill, "no cgroups are mounted there");
	expect_unless_own(fill_cgroups, "no cgroups are mounted there");
	expect_unless_own(fill_nothing, "/sys is no sysfs there");
}

static void fill_dead_cgroups(void)
{
	fill_cgroups();
	mount_dead_fuse("sys/fs/cgroup", "040555");
}

/* What is dead goes, also where nothing of ours comes in its place. */
static void uncovers_own_cgroups(void **state)
{
	expect_unless_own(fill_dead_cgroups, "no cgroups are mounted there");
}

static void fill_bound_cgroups(void)
{
	cage_fill();
	cage_insist(mount("sys/fs", "sys/fs/cgroup", NULL, MS_BIND, NULL) == 0, "sys/fs");
}

static void refuses_other_cgroup_trees(void **state)
{
	scratch_write(dir, "tree/sys/fs/cgroup/memory.max", "ours");
	cage_start(&cage, dir, CAGE_PLAIN, fill_bound_cgroups);
	expect_one("/sys/fs/cgroup", ATTACH_FAILED, "something else is mounted over it");
}

static void fill_part(void)
{
	cage_insist(mount("/proc/sys", "proc", NULL, MS_BIND, NULL) == 0, "/proc/sys");
	cage_insist(mount("/sys/devices", "sys", NULL, MS_BIND, NULL) == 0, "/sys/devices");
}

static void refuses_part(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_part);
	expect_one(MEMINFO, ATTACH_FAILED, "/proc is not the root of a procfs");
	expect_one(CPU, ATTACH_FAILED, "/sys is not the root of a sysfs");
}

static void fill_covered(void)
{
	cage_fill();
	cage_insist(mount("proc/version", "proc/meminfo", NULL, MS_BIND, NULL) == 0, "proc/version");
	cage_insist(mount("x", "sys/devices/system", "tmpfs", 0, NULL) == 0, "tmpfs");
}

static void refuses_covered(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_covered);
	expect_one(MEMINFO, ATTACH_FAILED, "something else is mounted over it");
	expect_one(CPU, ATTACH_FAILED, "something else is mounted on the way to " CPU);
	assert_int_equal(cage_mounts(&cage, MEMINFO), 1);
}

/* As runtimes make it read-only. */
static void fill_bound_over_itself(void)
{
	cage_fill();
	cage_insist(mount("proc/sys", "proc/sys", NULL, MS_BIND, NULL) == 0, "proc/sys");
}

static void lays_beneath_what_is_bound_over_itself(void **state)
{
	scratch_write(dir, "tree/proc/sys/fs/file-nr", "ours");
	cage_start(&cage, dir, CAGE_PLAIN, fill_bound_over_itself);
	expect_one("/proc/sys/fs/file-nr", ATTACH_LAID, NULL);
	expect_text("/proc/sys/fs/file-nr", "ours");
	expect_one("/proc/sys/fs/file-nr", ATTACH_PRESENT, NULL);
}

/* Of the same procfs, and with a file of that name. */
static void fill_bound_elsewhere(void)
{
	cage_fill();
	cage_insist(mount("proc/sys/kernel/pty", "proc/sys/fs", NULL, MS_BIND, NULL) == 0, "proc/sys/kernel/pty");
}

static void refuses_another_directory(void **state)
{
	scratch_write(dir, "tree/proc/sys/fs/nr", "ours");
	cage_start(&cage, dir, CAGE_PLAIN, fill_bound_elsewhere);
	expect_one("/proc/sys/fs/nr", ATTACH_FAILED, "something else is mounted on the way");
}

static void fill_masked(void)
{
	cage_fill();
	cage_insist(mount("/dev/null", "proc/stat", NULL, MS_BIND, NULL) == 0, "/dev/null");
	cage_insist(mount("/dev/zero", "proc/meminfo", NULL, MS_BIND, NULL) == 0, "/dev/zero");
	cage_insist(mount("x", &CPU[1], "tmpfs", MS_RDONLY, NULL) == 0, "tmpfs");
}

static void leaves_what_is_hidden(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_masked);
	expect_one("/proc/stat", ATTACH_ABSENT, "the container's engine hides it");
	expect_one(MEMINFO, ATTACH_FAILED, "something else is mounted over it");
	expect_one(CPU, ATTACH_ABSENT, "the container's engine hides it");
	assert_int_equal(cage_mounts(&cage, CPU), 1);
}

static void fill_own_cover(void)
{
	cage_fill();
	cage_insist(mount("x", &CPU[1], "tmpfs", 0, NULL) == 0, "tmpfs");
}

static void refuses_a_writable_cover(void **state)
{
	cage_start(&cage, dir, CAGE_PLAIN, fill_own_cover);
	expect_one(CPU, ATTACH_FAILED, "something else is mounted over it");
}

static void goes_on_after_failure(void **state)
{
	static const char *const files[] = { "/etc/passwd", "/proc/stat",    "/proc/nothing",
					     MEMINFO,       "/proc/version", NULL };
	static const enum attach_outcome outcomes[] = { ATTACH_FAILED, ATTACH_FAILED, ATTACH_ABSENT, ATTACH_LAID,
							ATTACH_ABSENT };
	g_autoptr(GPtrArray) results = NULL;

	scratch_write(dir, "tree/etc/passwd", "never");
	scratch_write(dir, "tree/proc/nothing", "the host's /proc has no such file");
	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	{
		g_autofree char *stat_file = g_build_filename(dir, "tree/proc/stat", NULL);

		assert_int_equal(unlink(stat_file), 0);
		assert_int_equal(mkdir(stat_file, 0755), 0);
	}
	results = lay("tree", "rootfs", files, NULL);
	assert_int_equal(results->len, G_N_ELEMENTS(outcomes));
	for (guint i = 0; i < results->len; i++) {
		const struct attach_result *result = g_ptr_array_index(results, i);

		assert_string_equal(result->path, files[i]);
		assert_int_equal(result->outcome, outcomes[i]);
		assert_int_equal(result->note == NULL, result->outcome == ATTACH_LAID);
	}
	assert_has(((const struct attach_result *)g_ptr_array_index(results, 1))->note,
		   "is a directory, the other is not");
	expect_text(MEMINFO, "ours");
}

static void refuses_own_namespace(void **state)
{
	static const char *const files[] = { MEMINFO, NULL };
	const struct attach_target target = {
		.tree = dir, .files = files, .pid = getpid(), .pidfd = pidfd_open(getpid(), 0), .rootfs = "/"
	};
	g_autoptr(GError) error = NULL;

	assert_null(attach_lay(&target, &error));
	assert_int_equal(error->code, EINVAL);
	assert_has(error->message, "is in our own mount namespace: it is no container");
	close(target.pidfd);
}

/* The pid is in use again, by a process that is none of ours. */
static void refuses_reused_pid(void **state)
{
	static const char *const files[] = { MEMINFO, NULL };
	g_autoptr(GError) error = NULL;
	pid_t child = fork();
	struct attach_target target;
	int pidfd;

	if (child == 0)
		_exit(0);
	pidfd = pidfd_open(child, 0);
	waitpid(child, NULL, 0);
	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	target = (struct attach_target){ .tree = dir, .files = files, .pid = cage.pid, .pidfd = pidfd, .rootfs = "/" };
	assert_null(attach_lay(&target, &error));
	assert_int_equal(error->code, ESRCH);
	assert_has(error->message, "has ended");
	close(pidfd);
}

static void names_missing_rootfs(void **state)
{
	static const char *const files[] = { MEMINFO, NULL };
	g_autoptr(GError) error = NULL;
	struct stat before, after;

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	assert_int_equal(stat("/proc/self/ns/mnt", &before), 0);
	assert_null(lay("tree", "nowhere", files, &error));
	assert_has(error->message, "opening the container's root");
	assert_int_equal(stat("/proc/self/ns/mnt", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lays_files),
		TEST(comes_back),
		TEST(twice_is_once),
		TEST(replaces_earlier),
		TEST(repairs_dead),
		TEST(lays_in_running),
		TEST(lays_in_user_namespace),
		TEST(refuses_symlink),
		TEST(refuses_not_procfs),
		TEST(passes_over_missing),
		TEST(refuses_part),
		TEST(covers_the_cgroup_tree),
		TEST(leaves_own_cgroups),
		TEST(uncovers_own_cgroups),
		TEST(refuses_other_cgroup_trees),
		TEST(refuses_covered),
		TEST(lays_beneath_what_is_bound_over_itself),
		TEST(refuses_another_directory),
		TEST(leaves_what_is_hidden),
		TEST(refuses_a_writable_cover),
		TEST(goes_on_after_failure),
		TEST(refuses_own_namespace),
		TEST(refuses_reused_pid),
		TEST(names_missing_rootfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
