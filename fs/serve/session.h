/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to the kernel, which outlives whoever serves it: the mount, its
 * descriptor and the journal belong to the keeper. A session is made beside the one that serves (a
 * standby), begins when that one is dead, and goes on where it was.
 *
 * What INIT negotiated stays with the connection over all workers and versions that serve it: the minor version of
 * the protocol, the flags, the largest read (256 pages) and write (one page). A version that wants
 * something else must be able to live without it on a connection from before.
 */
#pragma once

#include "fs/serve/ops.h"
#include "fs/serve/watch.h"

typedef struct Session Session;

/* How the worker before us ended. */
enum session_before {
	SESSION_FRESH,   /* there was none, or it was asked to stop */
	SESSION_KILLED,  /* from outside */
	SESSION_CRASHED, /* by itself, or it hung */
};

/*
 * A standby: everything is allocated, in memory, and its threads wait; nothing is read from the device or changed
 * in the journal. `device` is an open /dev/fuse with a mount, `journal` one of journal_make(); both stay the caller's, and
 * `device` is read without blocking from now on. `serve` must outlive the session. NULL with an error: CG_ERROR
 * EINVAL for a journal that is none (log it, journal_format() it, try again), G_FILE_ERROR for others.
 */
Session *session_new(struct serve *serve, int device, int journal, GError **error);

/*
 * Serves from now on; nobody else does. First what the worker before us owed. False with an error (G_FILE_ERROR) where
 * the kernel speaks no protocol that we do; the session is then good for nothing but session_stop(). Must be called
 * once the registry and the texts are restored.
 */
bool session_begin(Session *session, enum session_before before, const struct session_watch *watch, GError **error);

/* How many requests it has answered. */
uint64_t session_served(Session *session);

/*
 * Finishes what is being processed and frees all; what is still waiting stays in the journal. The device stays open and
 * mounted. Also for a session that never began.
 */
void session_stop(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_stop)
