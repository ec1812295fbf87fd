/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptors that must outlive a worker, by name. They are handed over by
 * systemd's protocol (sd_listen_fds(3): LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID), by a
 * keeper to its worker and by the service manager's store to a keeper alike.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum descriptor {
	DESCRIPTOR_FUSE,    /* the connection to the kernel: the mount lives as long as this is open somewhere */
	DESCRIPTOR_JOURNAL, /* memfd: requests that are not answered yet (fs/serve/journal.h) */
	DESCRIPTOR_STATE,   /* memfd: containers and their histories (fs/store/store.h) */
	DESCRIPTOR_CONTROL, /* the listening socket */
	DESCRIPTOR_LOCK,    /* the socket's path is ours (fs/control/listen.h) */
	DESCRIPTOR_LINE,    /* to the keeper (line.h); a keeper has none */
	DESCRIPTORS,
};

/* How many of them are kept by a service manager. */
#define DESCRIPTORS_STORED DESCRIPTOR_LINE

struct descriptors {
	int fd[DESCRIPTORS]; /* -1: none */
};

void descriptors_init(struct descriptors *descriptors); /* none */

/*
 * Takes what was handed over to this process, each close-on-exec; what has a name that is not known, or one
 * that is there already, is closed. Errors (CG_ERROR) where the environment makes no sense.
 */
bool descriptors_receive(struct descriptors *ret_descriptors, GError **error);
void descriptors_close(struct descriptors *descriptors);

/* All of them are there, as a worker needs it. */
bool descriptors_complete(const struct descriptors *descriptors, GError **error);

/* Where a process that is handed them finds the first; the others follow in order. */
#define DESCRIPTORS_FIRST 3

/*
 * Before exec(2): puts the first `n` of them to their places, without close-on-exec. All of these must be there. The
 * environment that belongs to it is descriptors_environment(). Async-signal-safe. False: errno.
 */
bool descriptors_place(const struct descriptors *descriptors, unsigned n);

/*
 * A copy of an environment (environ(7)) that tells of the first `n`, and not of what this process was handed
 * itself. Its first element is LISTEN_PID, to be filled in by the process that is told, for only that
 * knows its number: descriptors_set_pid(), which is async-signal-safe.
 */
char **descriptors_environment(char **environment, unsigned n);
void descriptors_set_pid(char **environment);

/* Has the service manager forget all that it keeps by this one's name: what is stored anew would otherwise be there twice. */
void descriptors_unstore(enum descriptor which);

/* Gives those that are stored to the service manager (sd_notify(3), FDSTORE=1); a line is logged where it does not take them. */
void descriptors_store(const struct descriptors *descriptors);
