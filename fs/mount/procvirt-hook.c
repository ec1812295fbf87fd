/* SPDX-License-Identifier: Apache-2.0
 *
 * The OCI hook: registers the container that a runtime is making and lays our
 * files over its own. procvirt-hook(8) is its manual.
 */
#include "fs/control/client.h"
#include "fs/control/strict_json.h"
#include "fs/mount/attach.h"
#include "fs/mount/oci_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <syslog.h>
#include <unistd.h>

#define NAME       "procvirt-hook"
#define EXIT_USAGE 2

struct settings {
	gboolean strict, version;
	char *socket, *log;
};

static void settings_clear(struct settings *settings)
{
	g_free(settings->socket);
	g_free(settings->log);
}

static bool parse_options(int argc, char **argv, struct settings *settings, GError **error)
{
	const GOptionEntry entries[] = {
		{ "strict", 0, 0, G_OPTION_ARG_NONE, &settings->strict,
		  "Fail, and so refuse the container, if not all could be done", NULL },
		{ "socket", 0, 0, G_OPTION_ARG_FILENAME, &settings->socket,
		  "The daemon's control socket (" CONTROL_SOCKET ")", "PATH" },
		{ "log", 0, 0, G_OPTION_ARG_FILENAME, &settings->log, "Append what went wrong to this file, too",
		  "FILE" },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &settings->version, "Print the version", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- lays procvirt's files over a container (OCI hook)");

	g_option_context_set_summary(context,
				     "Started by a container runtime at the createRuntime (or prestart) stage, "
				     "with the container's\nstate as JSON on standard input.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, error))
		return false;
	return argc == 1 || cg_fail(error, EINVAL, "unexpected argument \"%s\"", argv[1]);
}

static void log_to_file(const char *path, const char *line)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *time = g_date_time_format_iso8601(now);
	g_autofree char *text = g_strdup_printf("%s " NAME "[%d]: %s\n", time, (int)getpid(), line);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	/* One write, so that the lines of hooks that run at once stay whole. */
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, NAME ": %s: %s\n", path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* One line, everywhere. The id is the runtime's word: what is not printable is escaped. */
static void log_line(const struct settings *settings, const char *id, const char *message)
{
	g_autofree char *whole = id ? g_strdup_printf("container %s: %s", id, message) : g_strdup(message);
	g_autofree char *line = g_strescape(whole, "\"\\");

	fprintf(stderr, NAME ": %s\n", line);
	syslog(LOG_ERR, "%s", line);
	if (settings->log)
		log_to_file(settings->log, line);
}

/* What the daemon says of where the files are. Pointers are borrowed from the reply. */
struct grant {
	const char *path;
	JsonArray *array;
};

static const struct strict_json_member grant_members[] = {
	{ "path", STRICT_JSON_STRING, true, offsetof(struct grant, path) },
	{ "files", STRICT_JSON_ARRAY, true, offsetof(struct grant, array) },
};

/* The strings, NULL-terminated and borrowed; the array itself is the caller's. */
static const char **file_list(JsonArray *array, GError **error)
{
	g_autofree const char **files = g_new0(const char *, json_array_get_length(array) + 1);

	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);

		if (json_node_get_value_type(node) != G_TYPE_STRING) {
			cg_fail(error, EPROTO, "the daemon's answer: a member of \"files\" is not a string");
			return NULL;
		}
		files[i] = json_node_get_string(node);
	}
	return g_steal_pointer(&files);
}

static JsonObject *register_request(const struct oci_container *container, const struct oci_options *options)
{
	JsonObject *request = json_object_new(), *wishes = json_object_new();

	json_object_set_string_member(request, "op", "register");
	json_object_set_string_member(request, "id", container->id);
	json_object_set_int_member(request, "pid", container->pid);
	if (options->cpu_count)
		json_object_set_string_member(wishes, "cpu-count", options->cpu_count);
	if (options->has_renumber_cpus)
		json_object_set_boolean_member(wishes, "renumber-cpus", options->renumber_cpus);
	json_object_set_object_member(request, "options", wishes);
	return request;
}

/* A container that is refused is not to stay registered. It ends anyway, so an error here changes nothing. */
static void forget(const struct settings *settings, const struct oci_container *container)
{
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(JsonObject) reply = NULL;

	json_object_set_string_member(request, "op", "forget");
	json_object_set_string_member(request, "id", container->id);
	reply = control_call(settings->socket, request, NULL);
}

static bool report_results(const GPtrArray *results, GError **error)
{
	unsigned failed = attach_count(results, ATTACH_FAILED);
	g_autoptr(GString) text = g_string_new(NULL);

	if (failed == 0)
		return true;
	for (guint i = 0; i < results->len; i++) {
		const struct attach_result *result = g_ptr_array_index(results, i);

		if (result->outcome == ATTACH_FAILED)
			g_string_append_printf(text, "; %s: %s", result->path, result->note);
	}
	return cg_fail(error, EIO, "%u of %u files were not laid%s", failed, results->len, text->str);
}

static bool lay(const struct oci_container *container, int pidfd, JsonObject *reply, GError **error)
{
	static const struct strict_json_table table = { grant_members, G_N_ELEMENTS(grant_members), true };
	g_autofree const char **files = NULL;
	g_autoptr(GPtrArray) results = NULL;
	struct attach_target target = { .pid = container->pid, .pidfd = pidfd, .rootfs = container->rootfs };
	struct grant grant = { 0 };

	if (!strict_json_read(reply, &table, "the daemon's answer", &grant, error))
		return false;
	files = file_list(grant.array, error);
	if (!files)
		return false;
	target.tree = grant.path;
	target.files = files;
	results = attach_lay(&target, error);
	return results && report_results(results, error);
}

static bool register_and_lay(const struct settings *settings, const struct oci_container *container,
			     const struct oci_options *options, GError **error)
{
	g_autoptr(JsonObject) request = register_request(container, options);
	g_autoptr(JsonObject) reply = NULL;
	int pidfd = pidfd_open(container->pid, 0);
	bool done = false;

	if (pidfd < 0)
		return cg_fail(error, errno, "process %d: %s", (int)container->pid, g_strerror(errno));
	reply = control_call(settings->socket, request, error);
	if (reply) {
		done = lay(container, pidfd, reply, error);
		if (!done && settings->strict)
			forget(settings, container);
	}
	close(pidfd);
	return done;
}

static bool run(const struct settings *settings, struct oci_container *container, GError **error)
{
	g_autofree char *text = NULL;
	struct oci_options options;
	gsize length;

	text = oci_read(STDIN_FILENO, "the state on standard input", &length, error);
	if (!text || !oci_container_load(text, length, container, error) ||
	    !oci_options_parse(container->annotations, &options, error))
		return false;
	if (!options.enable)
		return true;
	return oci_container_check_stage(container, error) && register_and_lay(settings, container, &options, error);
}

static int run_logged(const struct settings *settings)
{
	struct oci_container container = { 0 };
	g_autoptr(GError) error = NULL;
	bool done;

	openlog(NAME, LOG_PID, LOG_DAEMON);
	done = run(settings, &container, &error);
	if (!done)
		log_line(settings, container.id, error->message);
	oci_container_clear(&container);
	return done || !settings->strict ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct settings settings = { 0 };
	g_autoptr(GError) error = NULL;
	int status;

	if (!parse_options(argc, argv, &settings, &error)) {
		fprintf(stderr, NAME ": %s; see --help\n", error->message);
		status = EXIT_USAGE;
	} else if (settings.version) {
		puts(NAME " " PROCVIRT_VERSION);
		status = EXIT_SUCCESS;
	} else {
		if (!settings.socket)
			settings.socket = g_strdup(CONTROL_SOCKET);
		status = run_logged(&settings);
	}
	settings_clear(&settings);
	return status;
}
