/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to the kernel's FUSE (Documentation/filesystems/fuse.rst): made once, with the mount; it lives for as
 * long as its descriptor is open in any process, whoever serves it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Mounts on `mountpoint` (see mountpoint.h) and returns the connection's descriptor, close-on-exec and not blocking;
 * read-only unless `writable`. -1 with an error (CG_ERROR). Nothing has been said to the kernel yet: whoever serves it
 * answers INIT.
 */
int connection_mount(const char *mountpoint, bool writable, GError **error);

/* False once the last mount of it is gone, or it was aborted (fuse_dev_poll() of fs/fuse/dev.c). */
bool connection_lives(int device);

/* Takes the mount away, lazily where somebody uses it; a line is logged where that fails. */
void connection_unmount(const char *mountpoint);
