/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/command_line.h"

#include "fs/settings.h"

#include <stdint.h>
#include <string.h>

void command_line_clear(struct command_line *line)
{
	g_free(line->mountpoint);
	g_free(line->config);
	g_clear_pointer(&line->settings, g_ptr_array_unref);
}

/* An option that is a key of the configuration file too. */
static gboolean take_setting(const char *option, const char *value, void *data, GError **error)
{
	GPtrArray *taken = data;
	struct settings scratch;
	g_autoptr(GError) problem = NULL;
	bool known;

	settings_init(&scratch);
	known = settings_set(&scratch, option + strlen("--"), value, &problem);
	settings_clear(&scratch);
	if (!known) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s", problem->message);
		return FALSE;
	}
	g_ptr_array_add(taken, g_strdup(option + strlen("--")));
	g_ptr_array_add(taken, g_strdup(value));
	return TRUE;
}

static void add_settings(GOptionContext *context, GPtrArray *taken)
{
	void *callback = (void *)(uintptr_t)take_setting; /* GLib's tables hold functions as data */
	const GOptionEntry entries[] = {
		{ "log-level", 0, 0, G_OPTION_ARG_CALLBACK, callback,
		  "Log what is at least this grave: error, warning, info (default), debug", "LEVEL" },
		{ "socket", 0, 0, G_OPTION_ARG_CALLBACK, callback, "The control socket (default " SETTINGS_SOCKET ")",
		  "PATH" },
		{ "cgroup", 0, 0, G_OPTION_ARG_CALLBACK, callback,
		  "The cgroup that the daemon moves into at its start (default: none)", "PATH" },
		{ "unknown", 0, 0, G_OPTION_ARG_CALLBACK, callback,
		  "What a caller reads whose container cannot be found: error (default: ESRCH), host", "WHAT" },
		{ "cpu-count", 0, 0, G_OPTION_ARG_CALLBACK, callback,
		  "How many CPUs of its set a container sees: by quota (default), cpuset, shares", "POLICY" },
		{ "renumber-cpus", 0, 0, G_OPTION_ARG_CALLBACK, callback,
		  "Number a container's CPUs from 0; without a value: true", "true|false" },
		{ "cgroup-shape", 0, 0, G_OPTION_ARG_CALLBACK, callback,
		  "How /sys/fs/cgroup looks: as the host's (default: host), as cgroup v1, v2; kernel: never laid",
		  "SHAPE" },
		{ "cgroup-writes", 0, 0, G_OPTION_ARG_CALLBACK, callback,
		  "Let containers write to their /sys/fs/cgroup; without a value: true", "true|false" },
		G_OPTION_ENTRY_NULL
	};
	GOptionGroup *group = g_option_group_new("settings", "Settings", "Settings", taken, NULL);

	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
}

/* GLib would take the next word, the mount point, for the value of an option whose value may be left out. */
static void give_value(int argc, char **argv)
{
	static char with_value[][sizeof("--renumber-cpus=true")] = { "--renumber-cpus=true", "--cgroup-writes=true" };

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		for (unsigned j = 0; j < G_N_ELEMENTS(with_value); j++) {
			size_t name = strlen(with_value[j]) - strlen("=true");

			if (strlen(argv[i]) == name && memcmp(argv[i], with_value[j], name) == 0)
				argv[i] = with_value[j];
		}
	}
}

/* Nothing depends on where the process is later. */
static void make_absolute(char **path)
{
	char *given = *path;

	*path = given ? g_canonicalize_filename(given, NULL) : NULL;
	g_free(given);
}

bool command_line_parse(struct command_line *line, int argc, char **argv, GError **error)
{
	g_autoptr(GOptionContext) context =
		g_option_context_new("MOUNTPOINT - files of /proc and /sys as each container's own");
	gboolean foreground = FALSE, version = FALSE, list_files = FALSE, fd_store = FALSE, worker = FALSE,
		 syslog = FALSE;
	const GOptionEntry entries[] = { { "foreground", 'f', 0, G_OPTION_ARG_NONE, &foreground,
					   "Stay in the foreground, log to standard error", NULL },
					 { "config", 0, 0, G_OPTION_ARG_FILENAME, &line->config,
					   "Configuration file (default " SETTINGS_FILE ")", "FILE" },
					 { "fd-store", 0, 0, G_OPTION_ARG_NONE, &fd_store,
					   "The service manager keeps the mount when this process ends", NULL },
					 { "worker", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &worker, NULL, NULL },
					 { "syslog", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &syslog, NULL, NULL },
					 { "list-files", 0, 0, G_OPTION_ARG_NONE, &list_files,
					   "Print which files are served, what from, and exit", NULL },
					 { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and exit",
					   NULL },
					 G_OPTION_ENTRY_NULL };

	give_value(argc, argv);
	line->settings = g_ptr_array_new_with_free_func(g_free);
	add_settings(context, line->settings);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, error))
		return false;
	line->foreground = foreground;
	line->version = version;
	line->list_files = list_files;
	line->fd_store = fd_store;
	line->worker = worker;
	line->syslog = syslog;
	make_absolute(&line->config);
	if (version || list_files)
		return true;
	if (argc != 2 || argv[1][0] == '\0') {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    argc <= 2 ? "a mount point is needed; see --help"
				      : "one mount point, not several; see --help");
		return false;
	}
	line->mountpoint = g_canonicalize_filename(argv[1], NULL);
	return true;
}
