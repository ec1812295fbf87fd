/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of files and directories that are served. A row names a path,
 * what its text is made from, and the renderer. Adding a file is one source
 * and one row.
 *
 * A row's id is part of inode numbers that outlive the daemon: an id that was
 * released is never given to another path (tests/fs/view/released-rows lists
 * them). Ids are below ROW_IDS.
 *
 * A "%" in a path stands for one thing of many: "cpu%" is a directory for each visible CPU, "index%" one for each of a
 * CPU's caches that the host has. What tells which ones there are is among the needs of the row whose name has the "%".
 */
#pragma once

#include "fs/view/shape.h"
#include "fs/view/view.h"

#include <sys/types.h>

#define ROW_IDS        1024
#define ROW_ROOT       1    /* FUSE_ROOT_ID */
#define ROW_CGROUP_WAY 1000 /* the one of its kind */

enum row_kind {
	ROW_DIRECTORY,
	ROW_FILE,
	ROW_CONTAINERS, /* the directory /containers: one entry a registered container, each with the tree of the root */
	ROW_EACH_CPU,   /* …/cpu%: a directory a visible CPU */
	ROW_EACH_CACHE,       /* …/index%: a directory a cache of that CPU */
	ROW_EACH_DISK,        /* …/%: by name, a disk that the container has used */
	ROW_EACH_DISK_NUMBER, /* …/%: the same, by device number: "8:0" */
	ROW_EACH_BLOCK,       /* …/memory%: a directory a block of the container's memory */
	ROW_EACH_NODE,        /* …/node%: a directory a visible memory node */
	ROW_EACH_HOME,        /* …/cpu%/node%: the memory node of that CPU, one */
	ROW_EACH_HUGE, /* …/hugepages-%kB: a directory a size of huge pages that the host has; its number is the size's logarithm */
	ROW_CGROUP, /* the root of the cgroup tree, or of a controller's: its instances are the cgroups within */
	ROW_CGROUP_PATH, /* …/%: not listed, but found by the names in the container's own path from the host's root; leads back */
	ROW_KINDS,
};

struct row {
	unsigned id;
	enum row_kind kind;
	const char *path;                                       /* "/proc/meminfo"; the root is "/" */
	mode_t mode;                                            /* permission bits, as the kernel's own file */
	unsigned needs;                                         /* enum view_needs */
	void (*render)(const struct view *view, GString *text); /* appends; files, and links: what they say */
	const char *about;                                      /* one line for people */
	const char *host; /* which of the host's files in that directory is looked at; NULL: the one of the same name */
	bool layout; /* of the host's text only its layout is shown, and the kernel takes long for it: it may be some seconds old */
	bool linked;        /* a directory that may be a link on the host, to one below /sys/devices */
	const char *zeroed; /* what is 0 because nobody counts it for a cgroup; NULL: nothing */
	bool link;          /* a symbolic link; where there are many, each of them */
	bool lay;           /* the hook lays this path over a container's own */

	/*
	 * The cgroup tree. Where the host's version of the controller is the row's the text is the kernel's file of this name; else
	 * it is rendered, from the view and from the files of the other version that `other` names (with blanks between them),
	 * and the row is there if the first one is. Without a renderer of its own and such names it is there in its own version only.
	 */
	enum view_shape shape; /* VIEW_SHAPE_HOST: the root of the tree, in either; and all that is not of the tree */
	enum cg_controller controller; /* CG_CONTROLLERS: none; its version is that of the host as a whole */
	const char *other;             /* NULL: none */
	bool limit; /* in the container's own cgroup it is rendered in any case: the smallest of all levels */
	bool writable; /* what is written to it goes to the kernel's file of this name, where that is asked for (cgroup_write.h) */
	bool lay_shape; /* laid over a container's own only if a shape was asked for */
};

/* It has entries. */
bool rows_is_directory(const struct row *row);

/* The row is of the cgroup tree: whether it is there, and what is below, differs from container to container. */
static inline bool row_in_tree(const struct row *row)
{
	return row->kind == ROW_CGROUP || row->shape != VIEW_SHAPE_HOST;
}

/* All rows, parents before children. */
const struct row *rows_all(unsigned *ret_n);

/* NULL for an id that no row has. */
const struct row *rows_by_id(unsigned id);
const struct row *rows_by_path(const char *path);

/* The row of the directory that holds this one; the root's is the root. */
const struct row *rows_parent(const struct row *row);

/* The row is an entry of that directory; what rows_parent() says, without a search. */
bool rows_is_child(const struct row *row, const struct row *parent);

/* The last component of the path ("meminfo", "cpu%"). */
const char *rows_name(const struct row *row);
