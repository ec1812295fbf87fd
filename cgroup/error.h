/* SPDX-License-Identifier: Apache-2.0
 *
 * The errors of cgroup/. The domain is CG_ERROR and the code a positive errno:
 *
 *   ESRCH    the cgroup is gone (removed while we looked, or never was)
 *   EMFILE   no descriptor is left, here or (ENFILE) in the system: this says nothing about the cgroup
 *   EINVAL   malformed text; the message names the file and what was wrong
 *   other    what the kernel said to open or read; the message names the file
 *
 * A missing file or controller is not an error but "no limit" or zero.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define CG_ERROR (cg_error_quark())
GQuark cg_error_quark(void);

/* Sets CG_ERROR with errno `code`; returns false, to be returned. */
bool cg_fail(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
