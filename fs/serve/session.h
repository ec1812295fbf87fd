/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to the kernel: the mount and what serves it.
 */
#pragma once

#include "fs/serve/ops.h"
#include "fs/serve/workers.h"

typedef struct Session Session;

/*
 * Mounts on `mountpoint` and starts serving. The directory is made if its
 * parent exists; a dead mount there (its daemon was killed) is taken away; a
 * living one is refused. Errors are sentences for people (G_FILE_ERROR).
 */
Session *session_start(struct serve *serve, const char *mountpoint, GError **error);

/* Unmounts and joins the threads; a mount that somebody still uses goes away lazily. */
void session_stop(Session *session);

/* See workers.h. */
void session_on_end(Session *session, workers_ended ended, void *data);
