/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a place fit to be mounted on.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Makes the directory if only it is missing, takes away dead FUSE mounts, and
 * refuses a place where a FUSE file system lives. Two daemons that start at
 * the same moment are told apart by the control socket: see control/listen.h.
 */
bool mountpoint_prepare(const char *path, GError **error);
