/* SPDX-License-Identifier: Apache-2.0
 *
 * The FUSE requests but READ (read.h) and those that change something (change.h): each decodes, asks the rooms below, and replies.
 * See the kernel's include/uapi/linux/fuse.h and libfuse's fuse_lowlevel.h.
 */
#pragma once

#include "fs/container/registry.h"
#include "fs/serve/journal.h"
#include "fs/serve/node.h"
#include "fs/serve/report.h"
#include "fs/serve/seen.h"
#include "fs/serve/texts.h"

/* What the operations work on; the session's user data. */
struct serve {
	Registry *registry;
	Texts *texts;
	Report *report;
	bool unknown_host;      /* callers that cannot be placed see the host */
	bool cgroup_writes;     /* the cgroup tree can be written to */
	uint32_t generation;    /* of the inodes of the tree by caller; any number but 0 */
	uint64_t size[ROW_IDS]; /* what stat(2) says of each row's file */

	/* The session's. */
	Journal *journal;
	struct seen seen;
	uint64_t init_unique; /* the number of the INIT that is being answered, else 0 */
};

/*
 * Fills in the sizes: at least as much as a file can have now, in whole pages
 * as sysfs says it. Not 0 as in procfs, although reads do not go by it: splice(2) and
 * sendfile(2), by which busybox's cat copies, stop at the size from Linux 6.5 on, and would find
 * every file empty. With a size they ask the daemon, which refuses with EINVAL, and they
 * fall back to read(2), as sendfile(2) tells them to.
 */
bool ops_set_sizes(struct serve *serve, GError **error);

/*
 * The container that an inode or a file handle names by its number, with a reference; for 0 that of the process
 * that asks. One that was found by its cgroup may have been registered since; NULL with CG_ERROR, ESRCH, for one that is gone or forgotten.
 */
Container *ops_container(struct serve *serve, uint64_t slot, pid_t pid, GError **error);

struct fuse_lowlevel_ops;
extern const struct fuse_lowlevel_ops ops_table;
