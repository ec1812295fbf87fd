/* SPDX-License-Identifier: Apache-2.0
 *
 * A runtime in front of the runtime: adds our hook to the bundle that a
 * container is made from, and becomes the real runtime by execve(2), so that arguments, signals, exit
 * status and descriptors are the real one's. procvirt-runc(8) is its manual.
 */
#include "fs/mount/oci_arguments.h"
#include "fs/mount/oci_bundle.h"
#include "fs/mount/real_runtime.h"
#include "fs/mount/wrapper_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#define NAME           "procvirt-runc"
#define EXIT_NO_RUNNER 127 /* as a shell says that it found no program */

/* One line, to whoever reads the engine's log and to the system's. */
static void log_line(const char *message, const char *consequence)
{
	g_autofree char *whole = g_strconcat(message, consequence, NULL);
	g_autofree char *line = g_strescape(whole, "\"\\");

	fprintf(stderr, NAME ": %s\n", line);
	openlog(NAME, LOG_PID, LOG_DAEMON);
	syslog(LOG_ERR, "%s", line);
	closelog();
}

static bool add_hook(const struct wrapper_settings *settings, const struct oci_arguments *arguments, GError **error)
{
	const char *const args[] = { "procvirt-hook", wrapper_settings_strict(settings) ? "--strict" : NULL, NULL };
	const struct oci_hook hook = { .path = settings->hook ? settings->hook : PROCVIRT_HOOK, .args = args };

	return oci_bundle_add_hook(arguments->bundle, arguments->config, &hook, error);
}

/* Everything that may go wrong without stopping the container, unless it has to. Other commands than create and run are
 * not our business, and many. */
static bool prepare(struct wrapper_settings *settings, char **argv)
{
	const struct oci_arguments arguments = oci_arguments_parse(argv);
	g_autoptr(GError) error = NULL;
	bool good = wrapper_settings_load(settings, WRAPPER_SETTINGS_FILE, getenv, &error);
	bool strict = wrapper_settings_strict(settings);

	if (!arguments.makes || (good && add_hook(settings, &arguments, &error)))
		return true;
	log_line(error->message, strict ? "; the container is refused" : "; the container is made without procvirt");
	return !strict;
}

static int become_runtime(const struct wrapper_settings *settings, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *runtime = NULL;
	struct stat self = { 0 };

	if (stat("/proc/self/exe", &self) < 0)
		cg_fail(&error, errno, "/proc/self/exe: %s", g_strerror(errno));
	else
		runtime = real_runtime_find(settings->runtime, getenv("PATH"), &self, &error);
	if (runtime) {
		argv[0] = runtime;
		execv(runtime, argv);
		cg_fail(&error, errno, "%s: %s", runtime, g_strerror(errno));
	}
	log_line(error->message, "; there is no runtime to hand over to");
	return EXIT_NO_RUNNER;
}

int main(int argc, char **argv)
{
	struct wrapper_settings settings = { 0 };
	int status = EXIT_FAILURE;

	if (prepare(&settings, argv))
		status = become_runtime(&settings, argv);
	wrapper_settings_clear(&settings);
	return status;
}
