/* SPDX-License-Identifier: Apache-2.0
 *
 * The threads that serve a connection. One of them has the baton: it reads the
 * device and answers what it read, and the others sleep, because for light
 * requests one thread that is awake beats several that wake each other. Before
 * a request that is known to take long it passes the baton on, so that
 * nobody waits behind it. What takes long is learned: each row's recent cost.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Workers Workers;

struct fuse_session;

/* Called once, on a serving thread, when the connection ended by itself (an unmount from outside). */
typedef void (*workers_ended)(void *data);

/* NULL with an error (G_FILE_ERROR) where a thread cannot be started. The session must outlive the object. */
Workers *workers_start(struct fuse_session *fuse, GError **error);

/* May be called at any time; a connection that has ended already is told at once. NULL: nobody wants to know. */
void workers_on_end(Workers *workers, workers_ended ended, void *data);

/* Ends and joins the threads; fuse_session_exit() must have been called. */
void workers_stop(Workers *workers);
