/* SPDX-License-Identifier: Apache-2.0
 *
 * procvirtctl: containers that run already are brought in and let go; the daemon is looked after.
 * procvirtctl(8) is its manual.
 */
#include "fs/control/message.h"
#include "fs/ctl/ctl.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ctl_command commands[] = {
	{ "attach", "PID | --all", "lay procvirt's files over containers that run, and repair them", ctl_attach },
	{ "detach", "PID | ID", "take them away again", ctl_detach },
	{ "list", "", "show the registered containers", ctl_list },
	{ "status", "", "show how the daemon fares", ctl_status },
	{ "upgrade", "", "have the daemon go on as the program that is installed now", ctl_upgrade },
};

static void G_GNUC_PRINTF(1, 0) tell(const char *format, va_list arguments, const char *hint)
{
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	g_autofree char *line = g_strescape(text, "\"\\");

	fprintf(stderr, CTL_NAME ": %s%s\n", line, hint);
}

enum ctl_status ctl_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(format, arguments, "");
	va_end(arguments);
	return CTL_FAILED;
}

enum ctl_status ctl_wrong_use(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(format, arguments, "; see --help");
	va_end(arguments);
	return CTL_USAGE;
}

bool ctl_parse_pid(const char *text, pid_t *ret_pid)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT, &number, NULL))
		return false;
	*ret_pid = (pid_t)number;
	return true;
}

static void add_common(GOptionContext *context, struct ctl *ctl)
{
	const GOptionEntry entries[] = {
		{ "socket", 0, 0, G_OPTION_ARG_FILENAME, &ctl->socket,
		  "The daemon's control socket (" CONTROL_SOCKET ")", "PATH" },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
}

enum ctl_status ctl_parse(struct ctl *ctl, const struct ctl_command *command, const GOptionEntry *entries, int *argc,
			  char ***argv, int least, int most)
{
	g_autofree char *use = g_strconcat(command->name, *command->arguments ? " " : "", command->arguments, NULL);
	g_autoptr(GOptionContext) context = g_option_context_new(use);
	g_autoptr(GError) error = NULL;

	g_option_context_set_summary(context, command->about);
	if (entries)
		g_option_context_add_main_entries(context, entries, NULL);
	add_common(context, ctl);
	if (!g_option_context_parse(context, argc, argv, &error))
		return ctl_wrong_use("%s: %s", command->name, error->message);
	if (*argc - 1 > most)
		return ctl_wrong_use("%s: unexpected argument \"%s\"", command->name, (*argv)[most + 1]);
	if (*argc - 1 < least)
		return ctl_wrong_use("%s: an argument is missing: %s", command->name, command->arguments);
	return CTL_OK;
}

static char *describe_commands(void)
{
	GString *text = g_string_new("Commands:");

	for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
		g_string_append_printf(text, "\n  %-8s%-14s%s", commands[i].name, commands[i].arguments,
				       commands[i].about);
	return g_string_free(text, FALSE);
}

static bool parse_options(struct ctl *ctl, int *argc, char ***argv, gboolean *ret_version, GError **error)
{
	const GOptionEntry entries[] = {
		{ "version", 0, 0, G_OPTION_ARG_NONE, ret_version, "Print the version", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new("COMMAND - speak with procvirtd");
	g_autofree char *description = describe_commands();

	g_option_context_set_description(context, description);
	g_option_context_set_strict_posix(context, TRUE); /* what follows the command is the command's */
	g_option_context_add_main_entries(context, entries, NULL);
	add_common(context, ctl);
	return g_option_context_parse(context, argc, argv, error);
}

static enum ctl_status run_command(struct ctl *ctl, int argc, char **argv)
{
	if (!ctl->socket)
		ctl->socket = g_strdup(CONTROL_SOCKET);
	for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(argv[0], commands[i].name) == 0)
			return commands[i].run(ctl, &commands[i], argc, argv);
	}
	return ctl_wrong_use("there is no command \"%s\"", argv[0]);
}

static enum ctl_status run(struct ctl *ctl, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	gboolean version = FALSE;

	if (!parse_options(ctl, &argc, &argv, &version, &error))
		return ctl_wrong_use("%s", error->message);
	if (version) {
		puts(CTL_NAME " " PROCVIRT_VERSION);
		return CTL_OK;
	}
	return argc > 1 ? run_command(ctl, argc - 1, argv + 1) : ctl_wrong_use("a command is missing");
}

/* What nobody could be told, on a full disk for example, has not been done well. */
static enum ctl_status finish_output(enum ctl_status status)
{
	return fflush(stdout) == 0 || status != CTL_OK ? status : ctl_fail("writing the output: %s", g_strerror(errno));
}

int main(int argc, char **argv)
{
	struct ctl ctl = { 0 };
	enum ctl_status status;

	setlocale(LC_ALL, "");
	status = finish_output(run(&ctl, argc, argv));
	g_free(ctl.socket);
	return (int)status;
}
