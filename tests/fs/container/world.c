/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/container/world.h"

#include "cgroup/path.h"
#include "tests/fs/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const hybrid_hierarchies[] = { "memory", "cpu,cpuacct", "pids", "unified", NULL };
static const char *const pure_hierarchies[] = { ".", NULL };

static const char *const *hierarchies_of(const struct world *world)
{
	return world->hybrid ? hybrid_hierarchies : pure_hierarchies;
}

static void link_namespace(const struct world *world, const char *process, const char *name, uint64_t inode)
{
	g_autofree char *dir = g_strdup_printf("%s/proc/%s/ns", world->dir, process);
	g_autofree char *path = g_strdup_printf("%s/%s", dir, name);
	g_autofree char *target = g_strdup_printf("%s:[%" G_GUINT64_FORMAT "]", name, inode ? inode : WORLD_NS);

	g_assert(g_mkdir_with_parents(dir, 0755) == 0);
	(void)unlink(path);
	g_assert(symlink(target, path) == 0);
}

static void link_namespaces(const struct world *world, const char *name, const struct world_process *process)
{
	link_namespace(world, name, "mnt", process->mnt);
	link_namespace(world, name, "pid", process->pidns);
	link_namespace(world, name, "user", process->user);
	link_namespace(world, name, "time", process->time);
	link_namespace(world, name, "cgroup", process->cgroupns);
}

static void write_host(const struct world *world)
{
	scratch_write(world->dir, "proc/uptime", "1000.00 3000.00\n");
	scratch_write(world->dir, "sys/devices/system/cpu/online", WORLD_CPUS);
	scratch_write(world->dir, "sys/devices/system/cpu/possible", "0-7\n");
	link_namespaces(world, "self", &(struct world_process){ 0 });
	if (!world->hybrid)
		scratch_write(world->dir, "cgroup/cgroup.controllers", "cpu io memory pids\n");
	for (const char *const *name = hierarchies_of(world); *name; name++) {
		g_autofree char *path = g_strdup_printf("cgroup/%s/cgroup.procs", *name);

		scratch_write(world->dir, path, "");
	}
}

void world_begin(struct world *world, bool hybrid)
{
	static const struct container_options defaults = { 0 };
	g_autofree char *cgroup = NULL;

	*world = (struct world){ .dir = scratch_new(), .hybrid = hybrid };
	write_host(world);
	cgroup = g_strconcat(world->dir, "/cgroup", NULL);
	world->dirfd = open(world->dir, O_PATH | O_CLOEXEC);
	world->cgroupfd = open(cgroup, O_PATH | O_CLOEXEC);
	world->host = host_open_at(world->dirfd, NULL);
	world->hierarchies = cg_hierarchies_open_at(world->cgroupfd, NULL);
	g_assert(world->host && world->hierarchies);
	world->registry = registry_new(world->host, world->hierarchies, &defaults);
}

void world_end(struct world *world)
{
	registry_free(world->registry);
	cg_hierarchies_free(world->hierarchies);
	host_free(world->host);
	close(world->cgroupfd);
	close(world->dirfd);
	scratch_free(world->dir);
}

void world_cgroup(const struct world *world, const char *path, const char *pids)
{
	for (const char *const *name = hierarchies_of(world); *name; name++) {
		g_autofree char *procs = g_strdup_printf("cgroup/%s%s/cgroup.procs", *name, path);
		g_autofree char *threads = g_strdup_printf("cgroup/%s%s/cgroup.threads", *name, path);
		g_autofree char *tasks = g_strdup_printf("cgroup/%s%s/tasks", *name, path);

		scratch_write(world->dir, procs, pids);
		scratch_write(world->dir, threads, pids);
		scratch_write(world->dir, tasks, pids);
	}
}

static void remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *entry = g_strconcat(path, "/", name, NULL);

		if (!g_file_test(entry, G_FILE_TEST_IS_SYMLINK) && g_file_test(entry, G_FILE_TEST_IS_DIR))
			remove_tree(entry);
		else
			g_assert(unlink(entry) == 0);
	}
	g_assert(rmdir(path) == 0);
}

void world_remove_cgroup(const struct world *world, const char *path)
{
	for (const char *const *name = hierarchies_of(world); *name; name++) {
		g_autofree char *dir = g_strdup_printf("%s/cgroup/%s%s", world->dir, *name, path);

		remove_tree(dir);
	}
}

/* Writes /proc/PID/NAME. */
static void write_file(const struct world *world, pid_t pid, const char *name, const char *text)
{
	g_autofree char *path = g_strdup_printf("proc/%d/%s", pid, name);

	scratch_write(world->dir, path, text);
}

void world_process(const struct world *world, const struct world_process *process)
{
	g_autofree char *pid = g_strdup_printf("%d", process->pid);
	g_autofree char *cgroup =
		g_strdup_printf(world->hybrid ? "%s" : "0::%s\n", process->cgroup ? process->cgroup : "/");
	g_autofree char *stat = g_strdup_printf("%d (%s) %c 1 1 1 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 %u00 9 9\n",
						process->pid, process->name ? process->name : "a name) S (",
						process->state ? process->state : 'S', process->start_s);
	unsigned uid = process->uid;
	g_autofree char *status =
		g_strdup_printf("Name:\tname\nTgid:\t%s\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n"
				"Groups:\t \nNSpid:\t%s\nNSpgid:\t1\nCapPrm:\t0000000000000000\n",
				pid, uid, uid, uid, uid, uid, uid, uid, uid, process->nspid ? process->nspid : pid);

	write_file(world, process->pid, "cgroup", cgroup);
	write_file(world, process->pid, "stat", stat);
	write_file(world, process->pid, "status", status);
	write_file(world, process->pid, "mountinfo", process->mountinfo ? process->mountinfo : "");
	link_namespaces(world, pid, process);
}

void world_remove_process(const struct world *world, pid_t pid)
{
	g_autofree char *path = g_strdup_printf("%s/proc/%d", world->dir, pid);

	remove_tree(path);
}

pid_t world_child(const struct world *world, const char *cgroup, unsigned start_s)
{
	pid_t pid = fork();

	g_assert(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	world_process(world, &(struct world_process){ .pid = pid, .cgroup = cgroup, .start_s = start_s });
	return pid;
}

void world_end_child(const struct world *world, pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	world_remove_process(world, pid);
}

struct cg_paths world_paths(const struct world *world, const char *path)
{
	struct cg_paths paths = { 0 };

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		if (cg_hierarchies_version(world->hierarchies, c) != 0)
			paths.of[c] = g_strdup(path);
	return paths;
}

int world_setup(void **state)
{
	struct world *world = g_new0(struct world, 1);

	world_begin(world, false);
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	world_end(*state);
	g_free(*state);
	return 0;
}

Container *world_register(const struct world *world, const char *id, pid_t init, GError **error)
{
	struct registration registration = { .id = id, .init = init };
	int pidfd = -1;
	Container *container = registry_register(world->registry, &registration, &pidfd, error);

	g_assert((container != NULL) == (pidfd >= 0));
	if (pidfd >= 0)
		close(pidfd);
	return container;
}

void world_assert_holder(const struct world *world, const char *path, const Container *holder)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(world, path);
	g_autoptr(Container) found = registry_by_paths(world->registry, &paths);

	g_assert(found == holder);
}
