/* SPDX-License-Identifier: Apache-2.0
 *
 * A pressure file's text (the kernel's Documentation/accounting/psi.rst):
 * "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", and "full …".
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

bool pressure_parse(const char *text, const char *file, struct cg_pressure *ret_pressure, GError **error);
