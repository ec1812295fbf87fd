/* SPDX-License-Identifier: Apache-2.0
 *
 * The listening socket at a path that only one living daemon may have.
 */
#pragma once

#include "cgroup/error.h"

typedef struct Listener Listener;

/*
 * A SOCK_SEQPACKET socket of mode 0666 (who may do what is decided by who has connected), not blocking; its directory is made
 * (0755) if missing. PATH.lock is held for as long as the listener lives and
 * stays behind. A socket that nobody listens at any more is replaced. CG_ERROR:
 * EADDRINUSE where a living daemon has the path, EEXIST where it is no socket,
 * ENAMETOOLONG, or what the kernel said.
 */
Listener *listener_open(const char *path, GError **error);

int listener_fd(const Listener *listener);

/* Removes the socket and gives up the lock. */
void listener_close(Listener *listener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Listener, listener_close)
