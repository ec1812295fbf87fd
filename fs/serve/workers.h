/* SPDX-License-Identifier: Apache-2.0
 *
 * The threads that serve a connection. One of them has the baton: it drains the
 * device into queues by container, takes what is next in turn and answers it itself,
 * because for light requests one thread that is awake beats several that wake each
 * other. What is known to take long is another thread's; what is known is
 * learned: the recent cost of such requests of this container. A container's slow requests
 * run two at a time, and never on all threads.
 *
 * A thread that does not come back from its request, because the kernel holds it, is lost after a while, and its request is given up.
 * Its container has a thread the less; others have not: the monitor makes another thread, up to a bound.
 *
 * A monitor thread sees to what does not end: it takes the baton from a thread that
 * needs longer than expected, lets go of callers that have a signal to handle,
 * and says that a request hangs.
 */
#pragma once

#include "fs/serve/ops.h"
#include "fs/serve/watch.h"

typedef struct Workers Workers;

struct fuse_session;

/*
 * Everything that serving needs, threads and all, which wait for the start. `serve` has its journal. NULL with an
 * error (G_FILE_ERROR). All arguments must outlive the object.
 */
Workers *workers_new(struct serve *serve, struct fuse_session *fuse, int device, GError **error);

/* Before the start: a request that is in this slot of the journal and still owed, in the order of the slots. */
void workers_owe(Workers *workers, unsigned slot, bool is_suspect);

/* With `asks_again` the kernel is asked for requests that no journal has, once those that are owed have been answered. */
void workers_start(Workers *workers, bool asks_again, const struct session_watch *watch);

/* How many requests have been answered by these threads. */
uint64_t workers_served(Workers *workers);

/* Ends and joins the threads: each finishes what it has begun, the rest stays in the journal. Then frees all. */
void workers_free(Workers *workers);
