/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's ear: the control socket, on the default main context (the
 * main thread's loop). Registers containers, forgets them, lists them, and
 * watches over their init processes: a container is forgotten when its init
 * ends. Says how the daemon fares, and has it upgraded. The words are in message.h, who may speak in packets.h.
 */
#pragma once

#include "fs/container/registry.h"
#include "fs/control/status.h"

typedef struct Control Control;

#define CONTROL_CLIENTS 64
#define CONTROL_IDLE_MS 10000

/*
 * Who may do what: root all; another user may register what is its own (registry.h) and see and forget what it
 * registered. What users take is bounded, each of them and all together, since a user
 * with subordinate uids can be many: connections, containers, and new containers a minute, for each
 * one takes a number that is never given again.
 */
#define CONTROL_USERS_CLIENTS    48
#define CONTROL_USER_CLIENTS     8
#define CONTROL_USERS_CONTAINERS 1024
#define CONTROL_USER_CONTAINERS  128
#define CONTROL_USER_PACE        300 /* new containers of one user */
#define CONTROL_PACE_MS          60000

/* What the control socket asks of the rest of the daemon, on the main thread. */
struct control_daemon {
	/* Fills in the rest: mount, worker and registered are there already. Strings are borrowed until the next call. */
	void (*status)(void *data, struct daemon_status *status);

	/*
	 * Begins an upgrade and returns; control_upgrade_done() is called when it is known how it ends, within
	 * CONTROL_UPGRADE_MS. False and a sentence where it cannot begin.
	 */
	bool (*upgrade)(void *data, GError **error);
	void *data;
	Store *store; /* for what users have taken, and must not take again from the next worker; NULL: it is forgotten */
};

/*
 * Begins to accept from a listening socket (listen.h), which is borrowed. `mountpoint` is what "path" in the answers begins with.
 * The registry and `daemon` must outlive the object. Containers that are registered already, by the process before this one,
 * are watched, and those whose init has ended forgotten. Errors are sentences (CG_ERROR): those of listener_check().
 */
Control *control_start(Registry *registry, const char *mountpoint, int listening, const struct control_daemon *daemon,
		       GError **error);

/*
 * The upgrade that was asked for has come off, or has not and why. Who asked is told before this returns, so that this process
 * may end then. Nothing happens where nobody asked (SIGHUP).
 */
void control_upgrade_done(Control *control, bool ok, const char *message);

/* Hangs up on all, removes the watches; the socket goes on listening, the containers stay registered. */
void control_stop(Control *control);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Control, control_stop)
