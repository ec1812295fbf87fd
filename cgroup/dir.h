/* SPDX-License-Identifier: Apache-2.0
 *
 * One cgroup's directory in one hierarchy, at one level of its ancestry, and
 * the text of its files. Inside cgroup/ only.
 *
 * A file is opened at its first read, beneath the directory's descriptor, and
 * kept; later reads are one pread. Ancestors are opened through ".." from the
 * cgroup's own directory: they are the cgroup's for as long as it lives,
 * whatever a path would now lead to. Names here are single components from
 * our tables, opened with O_NOFOLLOW, so no path can lead out of the hierarchy.
 * Of a deep cgroup only the lowest levels' descriptors are kept; what lies
 * above is opened for one read.
 */
#pragma once

#include "cgroup/cg.h"
#include "cgroup/hierarchy.h"

#include <glib.h>
#include <stdatomic.h>

/* A directory's kept descriptors: its own, then one a file of the version's table. */
#define DIR_FILES 31
#define DIR_SLOTS (1 + DIR_FILES)

/*
 * The levels that keep descriptors, from the cgroup upwards: real containers
 * are 3 to 8 levels deep. Whoever has a cgroup delegated to him nests as deep
 * as he likes, and must not spend the daemon's descriptors by it.
 */
#define DIR_KEPT_LEVELS 16

/* For a file that is not worth keeping. */
#define DIR_NOT_KEPT (-1)

/*
 * A set of kept descriptors, -1 for none. It is replaced as a whole and closed
 * when the last reader has left it, so nobody closes what another one reads.
 */
struct kept {
	atomic_uint refs;
	atomic_bool stale; /* holds a descriptor of a file that was removed: replace it */
	int highest;       /* no file's descriptor above this is kept: half of what this process may have */
	unsigned n;
	atomic_int fd[];
};

struct kept *kept_new(unsigned n);
void kept_unref(struct kept *kept);

/* A cgroup in one hierarchy: its own directory, held as long as the cgroup is known. */
struct chain {
	const struct hierarchy *hierarchy;
	char *path;
	int fd;          /* O_PATH */
	unsigned depth;  /* its levels below the root; 0: it is the root */
	unsigned slot0;  /* where its descriptors begin in the set */
	unsigned levels; /* MAX(depth, 1): the levels that are read, the root only if it is the cgroup itself */
};

/* Opens each component beneath the one before; ESRCH where one is missing. ret_chain->slot0 is left to the caller. */
bool chain_open(const struct hierarchy *hierarchy, const char *path, struct chain *ret_chain, GError **error);
/* The same of a path below another cgroup, found from that one's directory. */
bool chain_open_below(const struct chain *above, const char *path, struct chain *ret_chain, GError **error);
void chain_close(struct chain *chain);

/* The cgroup's directory was removed. */
bool chain_gone(const struct chain *chain);

/* The kernel says that there are neither processes nor cgroups in it, so that it may be removed at any moment. */
bool chain_idle(const struct chain *chain);

/* The path `level` steps above the cgroup; newly allocated. */
char *chain_level_path(const struct chain *chain, unsigned level);

/* The descriptors of a chain that a set holds at most. */
static inline unsigned chain_slots(const struct chain *chain)
{
	return MIN(chain->levels, DIR_KEPT_LEVELS) * DIR_SLOTS;
}

/* One reader's directory above the kept levels: a walk upwards then opens each once. All zero: none. */
struct climb {
	int fd;
	unsigned level; /* 0: none */
};

void climb_end(struct climb *climb);

struct dir {
	const struct chain *chain;
	struct kept *kept;   /* borrowed from whoever reads */
	struct climb *climb; /* likewise */
	unsigned level;
};

/* The directory is the hierarchy's root. */
static inline bool dir_is_root(const struct dir *dir)
{
	return dir->level == dir->chain->depth;
}

/* A file's text: where it is small, without an allocation. */
struct text {
	char *s; /* NUL-terminated */
	char *heap;
	char inline_s[6144];
};

void text_clear(struct text *text);

enum dir_result {
	DIR_READ,
	DIR_MISSING, /* no such file in a cgroup that is there, or nothing to be read from it by design */
	DIR_FAILED,  /* the error is set: ESRCH where the cgroup is gone */
};

/*
 * Reads a whole file that the kernel writes in one piece (every file but the
 * lists of processes). `text` is begun or reused, and the caller's to clear.
 */
enum dir_result dir_read(const struct dir *dir, int slot, const char *name, struct text *text, GError **error);

/* A new descriptor of a file of the directory, or of a directory in it ("."); errors as above, DIR_READ is success. */
enum dir_result dir_open(const struct dir *dir, const char *name, int flags, int *ret_fd, GError **error);

/* Puts the directory's path in front of a parser's message; returns false. */
bool dir_blame(const struct dir *dir, GError **error);

/* "/sys/fs/cgroup/memory/a/b"; newly allocated, for messages. */
char *dir_name(const struct dir *dir);
