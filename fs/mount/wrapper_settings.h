/* SPDX-License-Identifier: Apache-2.0
 *
 * What an administrator may set for procvirt-runc: by a key file, group [procvirt-runc], or by the environment,
 * which is stronger. procvirt-runc(8) is the manual.
 */
#pragma once

#include "cgroup/error.h"

#include <glib.h>

#define WRAPPER_SETTINGS_FILE "/etc/procvirt/procvirt-runc.conf"

/* Owned; wrapper_settings_clear() frees them. */
struct wrapper_settings {
	char *runtime; /* runtime, PROCVIRT_RUNTIME: the real runtime's name or path; NULL: to be looked for */
	char *hook;    /* hook, PROCVIRT_HOOK: an absolute path; NULL: where it was installed */
	char *strict;  /* strict, PROCVIRT_STRICT: "true" or "false"; NULL: not strict */
};

/*
 * Reads the file, which may be missing, and the environment (`get` is getenv(3), but for tests). An unknown group,
 * key or value is a sentence that names it (CG_ERROR); what could be read is taken nevertheless.
 */
bool wrapper_settings_load(struct wrapper_settings *settings, const char *file, char *(*get)(const char *name),
			   GError **error);
bool wrapper_settings_strict(const struct wrapper_settings *settings);
void wrapper_settings_clear(struct wrapper_settings *settings);
