/* SPDX-License-Identifier: Apache-2.0
 *
 * The listening socket at a path that only one living daemon may have. It outlives those who answer at it: whoever connects
 * while nobody does waits in its queue. Its two descriptors keep it, in whatever process they are.
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

/*
 * The same from both descriptors, which an earlier process opened; they belong to the listener from now on, unless it
 * fails: EINVAL where one is not what it should be.
 */
Listener *listener_adopt(const char *path, int fd, int lock, GError **error);

/* Whether it is a socket such as listener_open() makes; EINVAL. */
bool listener_check(int fd, GError **error);

int listener_fd(const Listener *listener);
int listener_lock_fd(const Listener *listener);

/* Closes both descriptors and leaves the socket to the other processes that have them. */
void listener_leave(Listener *listener);

/* Removes the socket, closes both descriptors, and so gives up the lock unless another process has it too. */
void listener_close(Listener *listener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Listener, listener_close)
