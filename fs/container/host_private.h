/* SPDX-License-Identifier: Apache-2.0
 *
 * Of a host, for this room alone: what it holds, and cheap reads about one process.
 */
#pragma once

#include "fs/container/host.h"

#include <stdbool.h>

/* The trees that are read. */
enum tree { TREE_PROC, TREE_SYS, TREES };

enum { HOST_KEPT = 2, HOST_NAMESPACES = 5 };

/* What host_read_layout() remembers: path -> struct layout. */
struct layouts {
	GMutex lock;
	GHashTable *texts;
};

struct Host {
	int fd[TREES];
	int kept[HOST_KEPT]; /* -1: not kept */
	unsigned cpu_ids;    /* a running host's, fixed when its kernel started */
	bool captured;
	uint64_t now_us;               /* of a captured host */
	uint64_t own[HOST_NAMESPACES]; /* the daemon's own */
	struct layouts *layouts;
};

struct layouts *layouts_new(void);
void layouts_free(struct layouts *layouts);

/* The kernel's nr_cpu_ids, from the possible CPUs. */
bool host_read_cpu_ids(const Host *host, unsigned *ret_ids, GError **error);

/* Enough for the files of a process that are read here; a longer one is cut. */
#define HOST_SMALL 4096

/*
 * Reads /proc/PID/NAME into the caller's buffer and terminates it; a longer
 * file is cut. The length, or -errno. PID may be a thread id.
 */
ssize_t host_read_small(const Host *host, pid_t pid, const char *name, char *buffer, size_t size);

/* A descriptor of /proc/PID/NAME, which belongs to this very process or thread: reading it says ESRCH once that has ended; -errno. */
int host_open_small(const Host *host, pid_t pid, const char *name);

/* host_pid_namespace() that says why it cannot be read: 0 or -errno. */
int host_read_namespace(const Host *host, pid_t pid, const char *name, uint64_t *ret_inode);

/* What /proc/PID/stat says, as far as it matters here. */
struct host_process {
	char state;        /* 'R', 'D', 'Z', … */
	uint64_t start_us; /* CLOCK_BOOTTIME */
};

/* Parses the text of a stat file; false where it is none. */
bool host_parse_stat(const char *text, struct host_process *ret_process);

/* 0 or -errno; -EPROTO for text that is not understood. */
int host_process(const Host *host, pid_t pid, struct host_process *ret_process);

/* The process of that pid that started then lives; a zombie does not. */
bool host_lives(const Host *host, pid_t pid, uint64_t start_us);

bool host_parse_dying(const char *text); /* of a stat file, for host_is_dying() */

#define HOST_PID_LEVELS 32 /* MAX_PID_NS_LEVEL of include/linux/pid_namespace.h */

/* The ids of a process from the host's pid namespace to its innermost one (NSpid); how many, or -errno. */
int host_ns_pids(const Host *host, pid_t pid, pid_t ret_pids[HOST_PID_LEVELS]);

/* The process that a thread belongs to, by the id of its first thread (Tgid); -errno. */
pid_t host_leader(const Host *host, pid_t tid);

/* For tests: the moment at which a captured host stands still. */
void host_set_now_us(Host *host, uint64_t now_us);
