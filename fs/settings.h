/* SPDX-License-Identifier: Apache-2.0
 *
 * What an administrator may set, by configuration file or by option: one table
 * of keys, so that both have the same names, values and error sentences.
 */
#pragma once

#include "fs/container/container.h"

#include <glib.h>

#define SETTINGS_FILE   "/etc/procvirt/procvirtd.conf"
#define SETTINGS_SOCKET "/run/procvirt/control"

struct settings {
	GLogLevelFlags log_level; /* messages at least this grave are logged */
	char *socket;             /* the control socket's path */
	char *cgroup;             /* that the daemon moves into (cgroup/enter.h); NULL: none */
	bool unknown_host;        /* callers that cannot be placed see the host */
	bool cgroup_writes;       /* the cgroup tree can be written to */
	struct container_options containers;
};

void settings_init(struct settings *settings); /* the defaults */
void settings_clear(struct settings *settings);

/* Sets one key from its text ("cpu-count", "quota"). Errors (G_KEY_FILE_ERROR) name the key and the values it takes. */
bool settings_set(struct settings *settings, const char *key, const char *value, GError **error);

/*
 * Reads a configuration file (GKeyFile, group [procvirtd]). A file that is
 * missing is an error only if `must_exist`. Unknown groups, keys and values are errors that
 * name the file and the key; nothing is then changed.
 */
bool settings_load(struct settings *settings, const char *path, bool must_exist, GError **error);
bool settings_load_text(struct settings *settings, const char *text, size_t length, const char *path, GError **error);
