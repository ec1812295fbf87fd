/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's own files, read beneath directory descriptors of /proc and /sys
 * that nothing is mounted on: clones of the mounts, made at start. A path can
 * therefore never resolve into our own mount, even where that was laid over
 * the host's files. A captured host works the same.
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct Host Host;

/*
 * The running host's /proc and /sys (open_tree(2) clones where the kernel has them and allows it). Refused where
 * /proc belongs to another pid namespace than this process: the numbers of callers would be others there.
 */
Host *host_open(GError **error);

/* A captured host's: directories `proc` and `sys` below `dirfd`, time stopped at proc/uptime. The descriptor stays the caller's. */
Host *host_open_at(int dirfd, GError **error);

void host_free(Host *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Host, host_free)

/*
 * The text of a file ("/proc/meminfo", "/sys/…"), newly allocated and
 * NUL-terminated. Symbolic links and other mounts are not followed. Errors are
 * CG_ERROR with the kernel's errno and the path.
 */
char *host_read(const Host *host, const char *path, GError **error);

/*
 * The same of a file that costs the kernel much, as it was at most HOST_LAYOUT_S seconds ago: for whom only its layout matters. Who
 * reads it in a loop is not to make the kernel count in a loop.
 */
#define HOST_LAYOUT_S 10
char *host_read_layout(const Host *host, const char *path, GError **error);
bool host_exists(const Host *host, const char *path);

/* The names in a directory, in no order, without "." and ".."; NULL with an error as above. */
GStrv host_list(const Host *host, const char *path, GError **error);

/* A descriptor of /proc/PID/NAME for the namespace files and for directories; -errno on failure. Follows the final magic link. */
int host_open_pid(const Host *host, pid_t pid, const char *name, int flags);

/* The inode number of a namespace (/proc/PID/ns/NAME); 0 where it cannot be read. */
uint64_t host_pid_namespace(const Host *host, pid_t pid, const char *name);

/* The daemon's own. */
uint64_t host_own_namespace(const Host *host, const char *name);

/* Now, in microseconds of CLOCK_BOOTTIME (the clock of /proc/uptime and of start times). */
uint64_t host_now_us(const Host *host);

/* When a process started, in microseconds of CLOCK_BOOTTIME; false if it is gone. */
bool host_start_us(const Host *host, pid_t pid, uint64_t *ret_us);

/*
 * Nothing brings this thread back: it is gone, or killed and yet in the kernel. Whichever signal ends a process, each of its
 * threads then has SIGKILL pending (complete_signal() of kernel/signal.c).
 */
bool host_is_dying(const Host *host, pid_t tid);

/*
 * The thread is in an uninterruptible sleep now (state D, proc(5)). As a rule not even SIGKILL ends that, and so its process cannot
 * end, and be replaced, until the kernel lets the thread go.
 */
bool host_is_stuck(const Host *host, pid_t tid);

/* The host's online CPUs and the kernel's nr_cpu_ids. */
bool host_cpus(const Host *host, struct cg_cpumask *ret_online, unsigned *ret_ids, GError **error);

/* The host's online memory nodes; node 0 alone where the kernel knows of no nodes (CONFIG_NUMA is not set). */
bool host_nodes(const Host *host, struct cg_cpumask *ret_online, GError **error);

/* The kernel's PAGE_SIZE in bytes; a captured host's pages have 4096. */
uint64_t host_page_size(const Host *host);

/* Where a link in the host's sysfs leads to, "/sys/devices/…"; newly allocated, NULL where there is no such link. */
char *host_linked_path(const Host *host, const char *link);

/*
 * The directory of a disk in the host's sysfs ("/sys/devices/virtual/block/dm-0"), by its device number; newly allocated,
 * NULL where the host has no such disk.
 */
char *host_disk_path(const Host *host, unsigned major, unsigned minor);

/* When the host was started, in seconds of the wall clock: btime of the kernel's own /proc/stat. */
bool host_btime_s(const Host *host, uint64_t *ret_s, GError **error);
