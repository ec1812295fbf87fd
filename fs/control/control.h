/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's ear: the control socket, on the default main context (the
 * main thread's loop). Registers containers, forgets them, lists them, and
 * watches over their init processes: a container is forgotten when its init
 * ends. The words are in message.h, who may speak in packets.h.
 */
#pragma once

#include "fs/container/registry.h"
#include "fs/control/message.h"

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

/*
 * Begins to listen. `mountpoint` is what "path" in the answers begins with.
 * The registry must outlive the object. Errors are sentences (CG_ERROR), EADDRINUSE where another daemon
 * has the socket; see listen.h.
 */
Control *control_start(Registry *registry, const char *mountpoint, const char *socket_path, GError **error);

/* Hangs up on all, removes the socket and the watches; the containers stay registered. */
void control_stop(Control *control);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Control, control_stop)
