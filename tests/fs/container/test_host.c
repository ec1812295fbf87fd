/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/host.h"

#include "cgroup/cpulist.h"
#include "cgroup/error.h"
#include "fs/container/beneath.h"
#include "fs/container/host_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void reads_whole_files(void **state)
{
	struct world *world = *state;
	g_autofree char *large = g_strnfill(100000, 'x');
	g_autofree char *text = NULL;

	scratch_write(world->dir, "proc/large", large);
	text = host_read(world->host, "/proc/large", NULL);
	assert_string_equal(text, large);
	g_free(text);
	text = host_read(world->host, "/sys/devices/system/cpu/online", NULL);
	assert_string_equal(text, WORLD_CPUS);
	assert_true(host_exists(world->host, "/proc/large"));
	assert_false(host_exists(world->host, "/proc/larg"));
}

static void assert_layout(const struct world *world, const char *wanted)
{
	g_autofree char *text = host_read_layout(world->host, "/proc/costly", NULL);

	assert_int_equal(g_strcmp0(text, wanted), 0);
}

static void layouts_are_kept_for_a_while(void **state)
{
	struct world *world = *state;
	uint64_t now_us = host_now_us(world->host);

	assert_layout(world, NULL);
	scratch_write(world->dir, "proc/costly", "first");
	assert_layout(world, "first");
	scratch_write(world->dir, "proc/costly", "second");
	host_set_now_us(world->host, now_us + HOST_LAYOUT_S * G_USEC_PER_SEC - 1);
	assert_layout(world, "first");
	host_set_now_us(world->host, now_us + HOST_LAYOUT_S * G_USEC_PER_SEC);
	assert_layout(world, "second");
	host_set_now_us(world->host, now_us);
}

static void assert_unreadable(const Host *host, const char *path, int code)
{
	g_autoptr(GError) error = NULL;

	assert_null(host_read(host, path, &error));
	assert_true(g_error_matches(error, CG_ERROR, code));
	assert_has(error->message, path);
	assert_false(host_exists(host, path));
}

static void errors_name_the_file(void **state)
{
	struct world *world = *state;

	assert_unreadable(world->host, "/proc/none", ENOENT);
	assert_unreadable(world->host, "/etc/passwd", EINVAL);
	assert_unreadable(world->host, "/procedure", EINVAL);
	assert_unreadable(world->host, "/proc/../cgroup/cgroup.procs", EXDEV);
}

/* A link in sysfs is told where it leads to; nothing but a device's directory counts. */
static void links_of_devices(void **state)
{
	static const struct {
		const char *target, *path;
	} cases[] = { { "../../devices/system/cpu/cpufreq/policy0", "/sys/devices/system/cpu/cpufreq/policy0" },
		      { "../../../proc/meminfo", NULL },
		      { "../../devices/../../etc", NULL },
		      { "/etc/passwd", NULL } };
	struct world *world = *state;
	g_autofree char *link = g_strconcat(world->dir, "/sys/some/place/link", NULL);

	scratch_write(world->dir, "sys/some/place/file", "");
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = NULL;

		unlink(link);
		assert_int_equal(symlink(cases[i].target, link), 0);
		path = host_linked_path(world->host, "/sys/some/place/link");
		assert_int_equal(g_strcmp0(path, cases[i].path), 0);
	}
	assert_null(host_linked_path(world->host, "/sys/some/place/file"));
	assert_null(host_linked_path(world->host, "/sys/nowhere/link"));
	assert_null(host_linked_path(world->host, "/sys"));
}

static void links_are_not_followed(void **state)
{
	struct world *world = *state;
	g_autofree char *link = g_strconcat(world->dir, "/proc/link", NULL);
	g_autofree char *dir = g_strconcat(world->dir, "/proc/dir", NULL);

	assert_int_equal(symlink("uptime", link), 0);
	assert_int_equal(symlink("../sys/devices", dir), 0);
	assert_unreadable(world->host, "/proc/link", ELOOP);
	assert_unreadable(world->host, "/proc/dir/system/cpu/online", ELOOP);
}

/* The way of older kernels answers the same, but for the code of a link on the way (ENOTDIR, as nothing is below it). */
static void step_by_step(void **state)
{
	struct world *world = *state;
	g_autofree char *link = g_strconcat(world->dir, "/link", NULL);
	g_autofree char *dir = g_strconcat(world->dir, "/dir", NULL);
	char text[16];
	int fd;

	assert_int_equal(symlink("proc/uptime", link), 0);
	assert_int_equal(symlink("proc", dir), 0);
	fd = beneath_walk(world->dirfd, "proc/uptime", O_RDONLY);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(beneath_read_once(fd, text, sizeof(text)), 15);
	assert_string_equal(text, "1000.00 3000.00");
	close(fd);
	assert_int_equal(beneath_walk(world->dirfd, "proc/none", O_RDONLY), -ENOENT);
	assert_int_equal(beneath_walk(world->dirfd, "proc/../proc/uptime", O_RDONLY), -EXDEV);
	assert_int_equal(beneath_walk(world->dirfd, "link", O_RDONLY), -ELOOP);
	assert_int_equal(beneath_walk(world->dirfd, "dir/uptime", O_RDONLY), -ELOOP);
}

/* /proc is another file system than the root directory. */
static void other_mounts_are_not_entered(void **state)
{
	int root = open("/", O_PATH | O_CLOEXEC);

	assert_int_equal(beneath_walk(root, "proc/uptime", O_RDONLY), -EXDEV);
	assert_int_equal(beneath_open(root, "proc/uptime", O_RDONLY), -EXDEV);
	close(root);
}

static void a_captured_clock_stands_still(void **state)
{
	struct world *world = *state;

	assert_int_equal(host_now_us(world->host), WORLD_NOW_US);
}

static void cpus(void **state)
{
	struct world *world = *state;
	g_autoptr(GError) error = NULL;
	struct cg_cpumask online;
	unsigned ids;

	assert_true(host_cpus(world->host, &online, &ids, NULL));
	assert_int_equal(cg_cpumask_count(&online), 4);
	assert_int_equal(ids, 8);
	scratch_write(world->dir, "sys/devices/system/cpu/online", "0-1,9\n"); /* hotplug is seen */
	assert_true(host_cpus(world->host, &online, &ids, NULL));
	assert_true(cg_cpumask_has(&online, 9));
	scratch_write(world->dir, "sys/devices/system/cpu/online", "\n");
	assert_false(host_cpus(world->host, &online, &ids, &error));
	assert_has(error->message, "cpu/online");
	scratch_write(world->dir, "sys/devices/system/cpu/online", WORLD_CPUS);
}

/* A kernel that knows of no nodes has one. */
static void nodes(void **state)
{
	struct world *world = *state;
	g_autoptr(GError) error = NULL;
	struct cg_cpumask online;

	assert_true(host_nodes(world->host, &online, NULL));
	assert_int_equal(online.word[0], 1);
	scratch_write(world->dir, "sys/devices/system/node/online", "0,3\n");
	assert_true(host_nodes(world->host, &online, NULL));
	assert_int_equal(online.word[0], 9);
	scratch_write(world->dir, "sys/devices/system/node/online", "x\n");
	assert_false(host_nodes(world->host, &online, &error));
	assert_has(error->message, "node/online");
}

static void names_in_a_directory(void **state)
{
	struct world *world = *state;
	g_auto(GStrv) names = NULL, none = NULL;
	g_autoptr(GError) error = NULL;

	scratch_write(world->dir, "sys/listed/a", "");
	scratch_write(world->dir, "sys/listed/b/c", "");
	names = host_list(world->host, "/sys/listed", NULL);
	assert_int_equal(g_strv_length(names), 2);
	assert_true(g_strv_contains((const char *const *)names, "a") &&
		    g_strv_contains((const char *const *)names, "b"));
	none = host_list(world->host, "/sys/none", &error);
	assert_null(none);
	assert_true(g_error_matches(error, CG_ERROR, ENOENT));
	assert_has(error->message, "/sys/none");
	g_clear_error(&error);
	assert_null(host_list(world->host, "/sys/listed/a", &error));
	assert_true(g_error_matches(error, CG_ERROR, ENOTDIR));
}

static void stat_lines(void **state)
{
	struct host_process process = { .state = '?' };

	assert_true(host_parse_stat("7 (x) y) R 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 12345 99 1\n", &process));
	assert_int_equal(process.state, 'R');
	assert_int_equal(process.start_us, 123450000);
	assert_true(host_parse_stat("7 (x) D 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 8\n", &process));
	assert_int_equal(process.start_us, 80000);
	process.state = '?';
	assert_false(
		host_parse_dying("7 (x) S 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 8 9 10 11 12 13 14 15 16 0 0 0\n"));
	assert_false(host_parse_dying(
		"7 (x) S 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 8 9 10 11 12 13 14 15 16 16384 256 0\n"));
	assert_true(
		host_parse_dying("7 (x) D 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 8 9 10 11 12 13 14 15 16 256 0 0\n"));
	assert_true(host_parse_dying("7 (x) Z 1 7 7\n"));
	assert_false(host_parse_dying("7 (x) R 1 7 7\n"));
	assert_false(host_parse_stat("", &process));
	assert_false(host_parse_stat("7 (x", &process));
	assert_false(host_parse_stat("7 (x)", &process));
	assert_false(host_parse_stat("7 (x) R 1 7 7\n", &process));
	assert_false(host_parse_stat("7 (x) R 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 12x 99\n", &process));
	assert_false(host_parse_stat("7 (x) R 1 7 7 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 -12 99\n", &process));
	assert_int_equal(process.state, '?');
}

static void processes(void **state)
{
	struct world *world = *state;
	pid_t ids[HOST_PID_LEVELS];
	uint64_t start = 0;

	world_process(world, &(struct world_process){ .pid = 50, .start_s = 12, .nspid = "50\t7\t1", .mnt = 99 });
	assert_true(host_start_us(world->host, 50, &start));
	assert_int_equal(start, 12000000);
	assert_false(host_start_us(world->host, 51, &start));
	assert_int_equal(start, 12000000);
	assert_int_equal(host_ns_pids(world->host, 50, ids), 3);
	assert_int_equal(ids[0], 50);
	assert_int_equal(ids[1], 7);
	assert_int_equal(ids[2], 1);
	assert_int_equal(host_ns_pids(world->host, 51, ids), -ENOENT);
	assert_int_equal(host_pid_namespace(world->host, 50, "mnt"), 99);
	assert_int_equal(host_pid_namespace(world->host, 50, "pid"), WORLD_NS);
	assert_int_equal(host_pid_namespace(world->host, 51, "pid"), 0);
	assert_int_equal(host_own_namespace(world->host, "pid"), WORLD_NS);
	assert_int_equal(host_own_namespace(world->host, "none"), 0);
}

static void a_host_without_proc_is_an_error(void **state)
{
	char *dir = scratch_new();
	int fd = open(dir, O_PATH | O_CLOEXEC);
	g_autoptr(GError) error = NULL;

	assert_null(host_open_at(fd, &error));
	assert_has(error->message, "proc");
	close(fd);
	scratch_free(dir);
}

static uint64_t inode_of(const char *path)
{
	struct stat stat_;

	assert_int_equal(stat(path, &stat_), 0);
	return stat_.st_ino;
}

/* The machine that the test runs on. */
static void the_running_host(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Host) host = host_open(&error);
	g_autofree char *text = NULL;
	struct cg_cpumask online;
	uint64_t start, now;
	unsigned ids;
	int fd;

	assert_non_null(host);
	text = host_read(host, "/proc/uptime", NULL);
	now = host_now_us(host);
	assert_in_range(now, (uint64_t)(g_ascii_strtod(text, NULL) * 1e6),
			(uint64_t)(g_ascii_strtod(text, NULL) * 1e6) + 5000000);
	assert_true(host_start_us(host, getpid(), &start));
	assert_in_range(start, now - 300000000, now);
	assert_true(host_cpus(host, &online, &ids, NULL));
	assert_int_equal(cg_cpumask_count(&online), sysconf(_SC_NPROCESSORS_ONLN));
	assert_in_range(ids, cg_cpumask_count(&online), CG_MAX_CPUS);
	assert_int_equal(host_own_namespace(host, "mnt"), inode_of("/proc/self/ns/mnt"));
	assert_int_equal(host_pid_namespace(host, getpid(), "mnt"), inode_of("/proc/self/ns/mnt"));
	fd = host_open_pid(host, getpid(), "ns/mnt", O_RDONLY);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(host_open_pid(host, getpid(), "ns/none", O_RDONLY), -ENOENT);
	assert_unreadable(host, "/proc/self/stat", ELOOP);
	assert_unreadable(host, "/proc/meminfo/none", ENOTDIR);
}

/* Laid over the host's files before or after the start, as our own mount may be: never seen. Needs root. */
static void what_is_mounted_over_a_file_is_not_seen(void **state)
{
	struct world *world = *state;
	g_autofree char *cover = g_strconcat(world->dir, "/cover", NULL);
	g_autoptr(Host) before = NULL;
	g_autoptr(Host) after = NULL;

	scratch_write(world->dir, "cover", "covered");
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		skip();
	assert_int_equal(mount(NULL, "/proc", NULL, MS_SHARED, NULL), 0); /* later mounts propagate to its clones */
	before = host_open(NULL);
	assert_int_equal(mount(cover, "/proc/uptime", NULL, MS_BIND, NULL), 0);
	after = host_open(NULL);
	for (unsigned i = 0; i < 2; i++) {
		g_autofree char *text = host_read(i ? before : after, "/proc/uptime", NULL);

		assert_non_null(text);
		assert_null(strstr(text, "covered"));
	}
	assert_int_equal(umount("/proc/uptime"), 0);
}

/* Here the process is 1, while /proc is still that of the namespace above. */
static int open_in_another_namespace(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Host) host = host_open(&error);

	return !host && g_error_matches(error, CG_ERROR, EINVAL) && strstr(error->message, "another pid namespace") ? 0
														    : 1;
}

static int wait_for(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_proc_of_another_pid_namespace_is_refused(void **state)
{
	enum { NOT_ALLOWED = 77 };
	pid_t child = fork();
	int status;

	if (child == 0) {
		pid_t init;

		if (unshare(CLONE_NEWPID) < 0)
			_exit(NOT_ALLOWED);
		init = fork();
		_exit(init == 0 ? open_in_another_namespace() : wait_for(init));
	}
	status = wait_for(child);
	if (status == NOT_ALLOWED)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_whole_files),
		cmocka_unit_test(layouts_are_kept_for_a_while),
		cmocka_unit_test(errors_name_the_file),
		cmocka_unit_test(links_of_devices),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(step_by_step),
		cmocka_unit_test(other_mounts_are_not_entered),
		cmocka_unit_test(a_captured_clock_stands_still),
		cmocka_unit_test(cpus),
		cmocka_unit_test(nodes),
		cmocka_unit_test(names_in_a_directory),
		cmocka_unit_test(stat_lines),
		cmocka_unit_test(processes),
		cmocka_unit_test(a_host_without_proc_is_an_error),
		cmocka_unit_test(the_running_host),
		cmocka_unit_test(a_proc_of_another_pid_namespace_is_refused),
		cmocka_unit_test(what_is_mounted_over_a_file_is_not_seen),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
