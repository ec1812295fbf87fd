/* SPDX-License-Identifier: Apache-2.0
 *
 * A host made of files, for tests: /proc, /sys and cgroups below a scratch
 * directory, which the code under test takes for a captured one. Its clock stands at
 * 1000 s after boot. Failures end the test.
 */
#pragma once

#include "fs/container/host_private.h"
#include "fs/container/registry.h"

#define WORLD_NOW_US 1000000000 /* 1000 s */
#define WORLD_NS     4026531836 /* the daemon's namespaces */
#define WORLD_CPUS   "0-3\n"

struct world {
	char *dir;
	int dirfd, cgroupfd;
	bool hybrid; /* v1 memory, cpu, pids and a v2 hierarchy without controllers; else v2 */
	Host *host;
	CgHierarchies *hierarchies;
	Registry *registry;
};

/* A process or a thread. What is 0 or NULL gets a value of the host's. */
struct world_process {
	pid_t pid;
	const char *cgroup; /* on v2 a path; on a hybrid host the text of the whole file */
	const char *name;
	char state;
	unsigned start_s;  /* after boot */
	const char *nspid; /* "100\t1" */
	uint64_t mnt, pidns, user, time, cgroupns;
	const char *mountinfo;
	unsigned uid; /* and its group */
};

void world_begin(struct world *world, bool hybrid);
void world_end(struct world *world);

/* The same as a test's setup and teardown: a v2 world as its state. */
int world_setup(void **state);
int world_teardown(void **state);

/* Makes the cgroup in each hierarchy and puts these processes ("1\n2\n") into it. */
void world_cgroup(const struct world *world, const char *path, const char *pids);
void world_remove_cgroup(const struct world *world, const char *path);

void world_process(const struct world *world, const struct world_process *process);
void world_remove_process(const struct world *world, pid_t pid);

/* A real process that sleeps, known to the world too, in this cgroup (pidfds are the running kernel's). */
pid_t world_child(const struct world *world, const char *cgroup, unsigned start_s);
void world_end_child(const struct world *world, pid_t pid);

/* The paths that are `path` in each controller that the world mounts; owned. */
struct cg_paths world_paths(const struct world *world, const char *path);

/* As root, without watching its end. NULL and an error where it is refused. */
Container *world_register(const struct world *world, const char *id, pid_t init, GError **error);

/* The registered container that holds a process in this cgroup is this one; NULL: there is none. */
void world_assert_holder(const struct world *world, const char *path, const Container *holder);
