/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of procvirtctl(8), one file each; procvirtctl.c has their table.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#define CTL_NAME "procvirtctl"

enum ctl_status { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

/* What holds for all commands. */
struct ctl {
	char *socket;
};

struct ctl_command {
	const char *name, *arguments, *about;
	/* argv[0] is the command's name. What went wrong has been said. */
	enum ctl_status (*run)(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
};

enum ctl_status ctl_attach(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
enum ctl_status ctl_detach(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
enum ctl_status ctl_list(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
enum ctl_status ctl_status(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
enum ctl_status ctl_upgrade(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);

/*
 * The command's own options (NULL: none) beside the common ones; the arguments that are left in argv must be from
 * `least` to `most`. CTL_USAGE after it has said why, else CTL_OK.
 */
enum ctl_status ctl_parse(struct ctl *ctl, const struct ctl_command *command, const GOptionEntry *entries, int *argc,
			  char ***argv, int least, int most);

/* One line on standard error, control characters escaped; CTL_FAILED and CTL_USAGE, to be returned. */
enum ctl_status ctl_fail(const char *format, ...) G_GNUC_PRINTF(1, 2);
enum ctl_status ctl_wrong_use(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* A number of a process; false for other text. */
bool ctl_parse_pid(const char *text, pid_t *ret_pid);
