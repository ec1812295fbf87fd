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
 * Begins to listen. `mountpoint` is what "path" in the answers begins with.
 * The registry must outlive the object. Errors are sentences (CG_ERROR), EADDRINUSE where another daemon
 * has the socket; see listen.h.
 */
Control *control_start(Registry *registry, const char *mountpoint, const char *socket_path, GError **error);

/* Hangs up on all, removes the socket and the watches; the containers stay registered. */
void control_stop(Control *control);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Control, control_stop)
