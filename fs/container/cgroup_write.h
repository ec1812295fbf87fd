/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing to a container's cgroup tree, and making and removing cgroups in it, for somebody in the container: what the kernel would
 * let him do in a tree of his own, and never more.
 *
 * What the kernel can be asked is asked of it: the very file is opened with the caller's own credentials (credentials.h). What it
 * asks the caller's namespaces and mounts is done here, and where in doubt it is refused:
 *
 *   - only in the host's own shape, and only what a row says is writable
 *   - the caller is in the container that the tree is of, and sees a mount of this cgroup that is not read-only
 *   - in the container's own cgroup only what a delegated cgroup may be told: cgroup.procs, cgroup.threads, cgroup.subtree_control
 *     and on v1 tasks; its limits are those of whoever made it (cgroup-v2.rst, nsdelegate; v1 has no such notion)
 *   - processes are those of the container, by the numbers that the caller knows them by
 *   - whoever writes has the credentials of him who opened the file: a file that was handed to a program with more rights
 *     is not written to (the kernel asks whether the one who opened it may, cgroup_procs_write() of kernel/cgroup/cgroup.c)
 *
 * Errors are CG_ERROR: EROFS, EPERM, EACCES as said above, ESRCH, EINVAL and whatever the kernel answers.
 */
#pragma once

#include "fs/container/gather.h"

#include <sys/stat.h>

/* Who asks, as the request says: a thread that waits for its answer. */
struct cgroup_writer {
	Registry *registry;
	Container *container; /* whose tree it is */
	pid_t tid;
	uid_t uid;
	gid_t gid;
	uint64_t key; /* for credentials_mark() */
};

/* Whether the file may be opened with this mode (O_WRONLY, O_RDWR). *ret_mark goes with the open file. */
bool cgroup_tree_open(const struct cgroup_writer *writer, const struct row *row, struct gather_index index, int mode,
		      uint32_t *ret_mark, GError **error);

/* `mark` is that of the open file. */
bool cgroup_tree_write(const struct cgroup_writer *writer, const struct row *row, struct gather_index index,
		       uint32_t mark, const void *data, size_t size, GError **error);

/*
 * In the cgroup of that directory. With `again` the request may have been carried out before: that it has been is then success.
 * *ret_index is the new one's.
 */
bool cgroup_tree_mkdir(const struct cgroup_writer *writer, const struct row *directory, struct gather_index index,
		       const char *name, mode_t mode, bool again, struct gather_index *ret_index, GError **error);
bool cgroup_tree_rmdir(const struct cgroup_writer *writer, const struct row *directory, struct gather_index index,
		       const char *name, bool again, GError **error);

/*
 * Mode and owner of an entry as the kernel has them, but for the right to write where that is never given; false where the
 * entry is not the kernel's own, and then or with an error set.
 */
bool cgroup_tree_look(Registry *registry, Container *container, const struct row *row, struct gather_index index,
		      struct stat *ret_stat, GError **error);

/* What is written to a list of processes: one decimal number, with blanks around it. */
bool cgroup_tree_parse_id(const char *data, size_t size, pid_t *ret_id);
