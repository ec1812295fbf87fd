/* SPDX-License-Identifier: Apache-2.0
 *
 * procvirtd's options. Those that are keys of the configuration file as well
 * are only collected here, so that they can be applied after the file.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct command_line {
	char *mountpoint; /* absolute */
	char *config;     /* absolute; NULL: the default file, which may be missing */
	bool foreground, version, list_files;
	bool fd_store;       /* descriptors are kept by the service manager */
	bool worker, syslog; /* between processes of ours; not for people */
	GPtrArray *settings; /* key, value, key, value … in the order given; each has been checked */
};

/* Errors are sentences for people. --help prints and exits. Free with command_line_clear() in any case. */
bool command_line_parse(struct command_line *line, int argc, char **argv, GError **error);
void command_line_clear(struct command_line *line);
