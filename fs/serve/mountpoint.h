/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a place fit to be mounted on.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Makes the directory if only it is missing, takes away dead FUSE mounts, and
 * refuses a place where a FUSE file system lives. On success *ret_lock is a
 * descriptor that keeps a second daemon from the same place (flock(2) on the directory
 * below the mount) until it is closed.
 */
bool mountpoint_prepare(const char *path, int *ret_lock, GError **error);
