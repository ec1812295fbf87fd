/* SPDX-License-Identifier: Apache-2.0
 *
 * The OCI hook: registers the container that a runtime is making and lays our
 * files over its own. procvirt-hook(8) is its manual.
 */
#include "fs/control/message.h"
#include "fs/control/strict_json.h"
#include "fs/mount/enlist.h"
#include "fs/mount/oci_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define NAME       "procvirt-hook"
#define EXIT_USAGE 2

#define TIMEOUT     20 /* seconds */
#define TIMEOUT_MAX 3600

struct settings {
	gboolean strict, version;
	int timeout; /* seconds */
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
		{ "timeout", 0, 0, G_OPTION_ARG_INT, &settings->timeout,
		  "Give up after so many seconds (" G_STRINGIFY(TIMEOUT) ")", "SECONDS" },
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
	if (settings->timeout < 1 || settings->timeout > TIMEOUT_MAX)
		return cg_fail(error, EINVAL, "--timeout is %d, not 1 to %d", settings->timeout, TIMEOUT_MAX);
	return argc == 1 || cg_fail(error, EINVAL, "unexpected argument \"%s\"", argv[1]);
}

/* Null, or why not. */
static const char *log_to_file(const char *path, const char *line)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *time = g_date_time_format_iso8601(now);
	g_autofree char *text = g_strdup_printf("%s " NAME "[%d]: %s\n", time, (int)getpid(), line);
	size_t length = strlen(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	/* One write, so that the lines of hooks that run at once stay whole. */
	ssize_t n = fd < 0 ? -1 : write(fd, text, length);
	const char *why = n < 0 ? g_strerror(errno) : (size_t)n < length ? g_strerror(ENOSPC) : NULL;

	if (fd >= 0)
		close(fd);
	return why;
}

/* One line, everywhere. The id is the runtime's word: what is not printable is escaped. */
static void log_line(const struct settings *settings, const char *id, const char *message)
{
	g_autofree char *whole = id ? g_strdup_printf("container %s: %s", id, message) : g_strdup(message);
	g_autofree char *line = g_strescape(whole, "\"\\");
	const char *why = settings->log ? log_to_file(settings->log, line) : NULL;
	g_autofree char *more = why ? g_strdup_printf(" (not in %s: %s)", settings->log, why) : g_strdup("");

	fprintf(stderr, NAME ": %s%s\n", line, more);
	syslog(LOG_ERR, "%s%s", line, more);
}

/* A container that is refused does not stay registered. */
static bool bring_in(const struct settings *settings, const struct oci_container *container,
		     const struct oci_options *options, const struct oci_masks *masks, GError **error)
{
	const struct enlistment enlistment = {
		.socket = settings->socket,
		.id = container->id,
		.pid = container->pid,
		.rootfs = container->rootfs,
		.cpu_count = options->cpu_count,
		.has_renumber_cpus = options->has_renumber_cpus,
		.renumber_cpus = options->renumber_cpus,
		.cgroup_shape = options->cgroup_shape,
		.masks = masks,
		.forget_failed = settings->strict,
		.nesting = options->nesting,
	};

	return enlist(&enlistment, NULL, error);
}

/*
 * What config.json hides it hides for a reason, and that the kernel then refuses nested namespaces a procfs of their
 * own, in which they would find it, is part of that: a clean one of ours would undo it.
 */
static bool check_nesting(const struct oci_masks *masks, struct oci_options *options, GError **error)
{
	const char *path = masks->masked[0] ? masks->masked[0] : masks->read_only[0];
	g_autofree char *quoted = NULL;

	if (!options->nesting || !path)
		return true;
	options->nesting = false;
	quoted = strict_json_quote(path);
	return cg_fail(
		error, EPERM,
		"nesting: config.json masks %s or makes it read-only, so that nested user namespaces may not mount "
		"their own; tell the engine to unmask /proc and /sys",
		quoted);
}

/* Only nesting needs to know: a file of ours that is laid and then hidden all the same is one that nobody sees. */
static bool find_masks(const struct oci_container *container, struct oci_options *options, struct oci_masks *ret_masks,
		       GError **error)
{
	bool nesting = options->nesting;

	if (oci_masks_load(container, ret_masks, nesting ? error : NULL))
		return check_nesting(ret_masks, options, error);
	options->nesting = false;
	ret_masks->cgroups_read_only = true; /* not to show the host's because something failed */
	return !nesting;
}

/* All that is possible, also where something was not; the first error is told. */
static bool bring_in_checked(const struct settings *settings, const struct oci_container *container,
			     struct oci_options *options, GError **error)
{
	__attribute__((cleanup(oci_masks_clear))) struct oci_masks masks = { 0 };
	g_autoptr(GError) refused = NULL;
	bool checked = find_masks(container, options, &masks, &refused);

	if (!checked && settings->strict) {
		g_propagate_error(error, g_steal_pointer(&refused));
		return false;
	}
	if (!bring_in(settings, container, options, &masks, error))
		return false;
	if (!checked)
		g_propagate_error(error, g_steal_pointer(&refused));
	return checked;
}

/* All that the child writes before it ends; NULL and a killed child if that takes longer. */
static char *listen_to(pid_t child, int fd, int seconds)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	gsize length;
	int n;

	do {
		n = poll(&poll_fd, 1, seconds * 1000);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return oci_read(fd, "what our child says", &length, NULL);
	kill(child, SIGKILL);
	return NULL;
}

static bool supervise(pid_t child, int fd, int seconds, GError **error)
{
	g_autofree char *said = listen_to(child, fd, seconds);
	int status;

	if (!said) /* and it is not waited for: see bring_in_bounded() */
		return cg_fail(error, ETIMEDOUT,
			       "gave up after %d s: the daemon, or the container's file systems, do not answer",
			       seconds);
	if (waitpid(child, &status, 0) < 0)
		return cg_fail(error, errno, "waiting for our child: %s", g_strerror(errno));
	if (*said)
		return cg_fail(error, EIO, "%s", said);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
		return cg_fail(error, EIO, "the process that lays the files ended before its time (status %#x)",
			       status);
	return true;
}

/* Nothing of the runtime's is held by it: runtimes wait for the end of what they read from a hook. */
static void become_quiet(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

/* The child's part: it says what went wrong, which is nothing if all is well. */
static void bring_in_and_tell(const struct settings *settings, const struct oci_container *container,
			      struct oci_options *options, int fd)
{
	g_autoptr(GError) error = NULL;

	become_quiet();
	if (!bring_in_checked(settings, container, options, &error) &&
	    write(fd, error->message, strlen(error->message)) < 0)
		g_debug("%s", g_strerror(errno)); /* nobody listens any more */
}

/*
 * In a child: a look at a file of a daemon that hangs ends when whoever looks is killed, or not even then once the
 * daemon has taken the request (request_wait_answer() in fs/fuse/dev.c); a hook that hangs would keep the container
 * from starting.
 */
static bool bring_in_bounded(const struct settings *settings, const struct oci_container *container,
			     struct oci_options *options, bool *ret_is_child, GError **error)
{
	bool done = true;
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return cg_fail(error, errno, "making a pipe: %s", g_strerror(errno));
	child = fork();
	*ret_is_child = child == 0;
	if (child < 0)
		done = cg_fail(error, errno, "making a process: %s", g_strerror(errno));
	else if (child == 0)
		bring_in_and_tell(settings, container, options, fds[1]);
	close(fds[1]);
	if (child > 0)
		done = supervise(child, fds[0], settings->timeout, error);
	close(fds[0]);
	return done;
}

static bool load(struct oci_container *container, struct oci_options *ret_options, GError **error)
{
	g_autofree char *text = NULL;
	gsize length;

	text = oci_read(STDIN_FILENO, "the state on standard input", &length, error);
	return text && oci_container_load(text, length, container, error) &&
	       oci_options_parse(container->annotations, ret_options, error) &&
	       (!ret_options->enable || oci_container_check_stage(container, error));
}

static int run(const struct settings *settings)
{
	struct oci_container container = { 0 };
	struct oci_options options = { 0 };
	g_autoptr(GError) error = NULL;
	bool is_child = false, done;

	openlog(NAME, LOG_PID, LOG_DAEMON);
	done = load(&container, &options, &error) &&
	       (!options.enable || bring_in_bounded(settings, &container, &options, &is_child, &error));
	if (!done)
		log_line(settings, container.id, error->message);
	oci_container_clear(&container);
	return done || !settings->strict ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct settings settings = { .timeout = TIMEOUT };
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
		status = run(&settings);
	}
	settings_clear(&settings);
	return status;
}
