/* SPDX-License-Identifier: Apache-2.0
 *
 * A captured host (tests/fixtures/HOST) opened as the daemon opens a running
 * one, and the list of everything that its container can read.
 */
#pragma once

#include "fs/container/cgroup_tree.h"
#include "fs/container/entries.h"

struct fixture {
	char *name, *directory;
	int fd;
	GKeyFile *keys; /* the file `container` */
	CgHierarchies *hierarchies;
	Host *host;
	Registry *registry;
	Container *container;
	struct view_cpus cpus; /* that it sees */
	/* The same host and container, where its cgroup tree has the shape that is not the host's. */
	Registry *other_registry;
	Container *other;
	pid_t reader;  /* one of the container's processes */
	GError *error; /* why it could not be opened; then nothing else is valid */
};

/* Never NULL. */
struct fixture *fixture_open(const char *directory, const char *name);
void fixture_free(struct fixture *fixture);

/* A captured or expected file ("proc/meminfo"); NULL with an error that names it. */
char *fixture_read(const struct fixture *fixture, const char *path, GError **error);

/* One file that the container sees: a row, and which instance of it. */
struct instance {
	struct fixture *fixture;
	bool other; /* of the cgroup tree in the other shape */
	const struct row *row;
	struct gather_index index;
	char *path; /* as the container sees it: "/sys/devices/system/cpu/cpu0/cache/index1/size"; "/as-v1/sys/…" in the other shape */
	char *name; /* "HOST PATH" */
};

/* All of them (struct instance *, owned). */
GPtrArray *fixture_instances(struct fixture *fixture);

/* What the daemon would answer now; fails the running test where it cannot. */
char *instance_text(const struct instance *instance);

/* The same for a file by its path. */
char *fixture_text(struct fixture *fixture, const char *path);
