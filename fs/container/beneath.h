/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening files beneath a directory descriptor so that nothing that is mounted
 * there, and no symbolic link, is followed. Our own mount may be laid over the
 * host's files: opening it from within would be a request to ourselves that
 * nobody answers.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/*
 * A descriptor of the mount at `path` alone: a private clone, in which nothing is
 * mounted (open_tree(2), Linux 5.2); where that is missing or not allowed, the
 * directory itself. -1 with errno on failure.
 */
int beneath_clone(const char *path);

/* `path` is relative to rootfd; -errno on failure. O_CLOEXEC is added. */
int beneath_open(int rootfd, const char *path, int flags);

/* How beneath_open() does it where openat2(2) is missing (before Linux 5.6): step by step. */
int beneath_walk(int rootfd, const char *path, int flags);

/* Appends all that is there to read; 0 or -errno. */
int beneath_read(int fd, GString *text);

/* Appends the complete lines among the first `most` bytes, all of them where the file is shorter; 0 or -errno. */
int beneath_read_lines(int fd, GString *text, size_t most);

/* Reads once into the buffer and terminates it; the length or -errno. */
ssize_t beneath_read_once(int fd, char *buffer, size_t size);

/* Appends the whole of a file that the kernel writes in one piece, from its start, however often it was read; 0 or -errno. */
int beneath_read_kept(int fd, GString *text);
