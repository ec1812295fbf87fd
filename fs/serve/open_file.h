/* SPDX-License-Identifier: Apache-2.0
 *
 * An open file: whose it is and the text of the moment that is being read. A
 * read at offset 0 takes a new moment, as seq_file does; reads further on
 * get slices of the same one. Safe for concurrent use.
 */
#pragma once

#include "fs/serve/node.h"

typedef struct OpenFile OpenFile;   /* reference counted */
typedef struct OpenFiles OpenFiles; /* the table behind file handles */

/* Enough for a thousand large texts that are read in pieces at the same time. */
#define OPEN_FILES_TEXT_BUDGET (16 << 20)

/*
 * `text_budget` bounds the bytes of all texts that are kept for who reads on.
 * Beyond it the oldest are dropped, and who reads on gets the rest of a new one: a
 * client that opens files and stops reading cannot fill our memory.
 */
OpenFiles *open_files_new(Registry *registry, size_t text_budget);
void open_files_free(OpenFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OpenFiles, open_files_free)

/* Opens a file for one container (NULL for a constant row); the handle carries a registered one's slot in its upper bits. */
uint64_t open_files_add(OpenFiles *files, const struct node *node, Container *container);
void open_files_remove(OpenFiles *files, uint64_t handle);

/* NULL for a handle that is not open; the reference is the caller's. */
OpenFile *open_files_get(OpenFiles *files, uint64_t handle);
void open_file_unref(OpenFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OpenFile, open_file_unref)

const struct row *open_file_row(const OpenFile *file);

/* The text from `offset` on, at most `size` bytes; empty beyond its end. NULL with CG_ERROR. */
GBytes *open_file_read(OpenFiles *files, OpenFile *file, uint64_t offset, size_t size, GError **error);
