/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon: options, build the world in order, run, take it down in reverse.
 */
#include "cgroup/error.h"
#include "fs/command_line.h"
#include "fs/container/registry.h"
#include "fs/container/sampler.h"
#include "fs/control/control.h"
#include "fs/control/listen.h"
#include "fs/log.h"
#include "fs/serve/session.h"
#include "fs/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define EXIT_USAGE 2

/* ---- settings ---- */

/* The file first, then what the command line says. */
static bool load_settings(struct settings *settings, const struct command_line *line, GError **error)
{
	if (!settings_load(settings, line->config ? line->config : SETTINGS_FILE, line->config != NULL, error))
		return false;
	for (unsigned i = 0; i < line->settings->len; i += 2) {
		if (!settings_set(settings, line->settings->pdata[i], line->settings->pdata[i + 1], error))
			return false;
	}
	return true;
}

/* ---- the world, in the order in which it is built ---- */

struct world {
	CgHierarchies *hierarchies;
	Host *host;
	Registry *registry;
	struct serve serve;
	Session *session;
	Listener *listener;
	struct control_daemon daemon;
	Control *control;
	Sampler *sampler;
};

static bool may_serve(GError **error)
{
	if (geteuid() != 0)
		return cg_fail(error, EPERM, "must be run as root");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return cg_fail(error, errno, "/dev/fuse: %s (is the kernel module fuse loaded?)", g_strerror(errno));
	return true;
}

/* Descriptors of cgroup files are kept, some dozens a busy container; the soft limit of 1024 is for programs with select(2). */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		g_warning("cannot raise the limit of open files: %s", g_strerror(errno));
}

static void world_status(void *data, struct daemon_status *status)
{
	const struct world *world = data;
	uint64_t gone, failed;

	report_counts(world->serve.report, &gone, &failed);
	status->version = PROCVIRT_VERSION;
	status->workers = 1;
	status->known = status->registered;
	status->gone = (int64_t)gone;
	status->failed = (int64_t)failed;
}

static bool world_upgrade(void *data, GError **error)
{
	return cg_fail(error, ENOTSUP, "this daemon has no keeper that could start another");
}

static bool world_build(struct world *world, const struct settings *settings, const char *mountpoint, GError **error)
{
	if (!may_serve(error))
		return false;
	raise_file_limit();
	world->hierarchies = cg_hierarchies_open_host(error);
	if (!world->hierarchies)
		return false;
	world->host = host_open(error);
	if (!world->host)
		return false;
	world->registry = registry_new(world->host, world->hierarchies, &settings->containers);
	world->serve = (struct serve){
		.registry = world->registry,
		.files = open_files_new(world->registry, OPEN_FILES_TEXT_BUDGET),
		.report = report_new(),
		.unknown_host = settings->unknown_host,
		.generation = container_random(),
	};
	if (!ops_set_sizes(&world->serve, error))
		return false;
	world->session = session_start(&world->serve, mountpoint, error);
	if (!world->session)
		return false;
	world->listener = listener_open(settings->socket, error);
	if (!world->listener)
		return false;
	world->daemon = (struct control_daemon){ world_status, world_upgrade, world };
	world->control =
		control_start(world->registry, mountpoint, listener_fd(world->listener), &world->daemon, error);
	if (!world->control)
		return false;
	world->sampler = sampler_start(world->registry);
	return true;
}

static void world_take_down(struct world *world)
{
	g_clear_pointer(&world->sampler, sampler_stop);
	g_clear_pointer(&world->control, control_stop);
	g_clear_pointer(&world->listener, listener_close);
	g_clear_pointer(&world->session, session_stop);
	g_clear_pointer(&world->serve.report, report_free);
	g_clear_pointer(&world->serve.files, open_files_free);
	g_clear_pointer(&world->registry, registry_free);
	g_clear_pointer(&world->host, host_free);
	g_clear_pointer(&world->hierarchies, cg_hierarchies_free);
}

/* ---- running ---- */

/* In the background the parent waits for this byte, so that a script that starts us finds the files there. */
static void tell_parent(int pipe_fd)
{
	int null_fd;

	if (pipe_fd < 0)
		return;
	if (write(pipe_fd, "+", 1) != 1)
		g_warning("nobody waited for the start");
	close(pipe_fd);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null_fd >= 0 && fd <= 2; fd++)
		dup2(null_fd, fd);
	if (null_fd >= 0)
		close(null_fd);
}

static gboolean quit(void *data)
{
	g_main_loop_quit(data);
	return G_SOURCE_CONTINUE;
}

/* Called on a serving thread. */
static void unmounted(void *data)
{
	g_message("the file system was unmounted from outside");
	g_idle_add_full(G_PRIORITY_HIGH, quit, data, NULL);
}

/* A signal that came since the handlers were set, before all was ready, ends the loop as soon as it runs. */
static void run_loop(struct world *world, GMainLoop *loop)
{
	session_on_end(world->session, unmounted, loop);
	g_main_loop_run(loop);
	session_on_end(world->session, NULL, NULL);
	sd_notify(0, "STOPPING=1");
}

static int serve(const struct settings *settings, const char *mountpoint, struct log_sink *sink, int parent)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	struct world world = { 0 };
	g_autoptr(GError) error = NULL;
	bool built;

	g_unix_signal_add(SIGTERM, quit, loop);
	g_unix_signal_add(SIGINT, quit, loop);
	g_unix_signal_add(SIGHUP, quit, loop); /* a terminal that closes must not leave a dead mount */
	built = world_build(&world, settings, mountpoint, &error);
	if (built) {
		if (parent < 0) {
			printf("procvirtd: serving %s\n", mountpoint);
			fflush(stdout);
		} else {
			sink->to_syslog = true;
		}
		tell_parent(parent);
		sd_notifyf(0, "READY=1\nSTATUS=Serving %s", mountpoint);
		run_loop(&world, loop);
	} else {
		fprintf(stderr, "procvirtd: %s\n", error->message);
	}
	world_take_down(&world);
	return built ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The parent ends when the child is ready, or with the child's own status when it failed. */
static int wait_for_child(pid_t child, int pipe_fd)
{
	char byte;
	int status;

	if (read(pipe_fd, &byte, 1) == 1)
		return EXIT_SUCCESS;
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(stderr, "procvirtd: the daemon died while it started\n");
	return EXIT_FAILURE;
}

static int serve_in_background(const struct settings *settings, const char *mountpoint, struct log_sink *sink)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		fprintf(stderr, "procvirtd: cannot go into the background: %s\n", g_strerror(errno));
		return EXIT_FAILURE;
	}
	if (child > 0) {
		close(ends[1]);
		return wait_for_child(child, ends[0]);
	}
	close(ends[0]);
	if (setsid() < 0 || chdir("/") < 0)
		g_warning("cannot leave the terminal: %s", g_strerror(errno));
	return serve(settings, mountpoint, sink, ends[1]);
}

static int start(const struct command_line *line, struct log_sink *sink)
{
	struct settings settings;
	g_autoptr(GError) error = NULL;
	int status;

	settings_init(&settings);
	if (!load_settings(&settings, line, &error)) {
		fprintf(stderr, "procvirtd: %s\n", error->message);
		status = EXIT_FAILURE;
	} else {
		sink->level = settings.log_level;
		signal(SIGPIPE, SIG_IGN);
		status = line->foreground ? serve(&settings, line->mountpoint, sink, -1)
					  : serve_in_background(&settings, line->mountpoint, sink);
	}
	settings_clear(&settings);
	return status;
}

/* Started with one of them closed, a file that we open would be taken for it. */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

int main(int argc, char **argv)
{
	cg_cleanup(command_line_clear) struct command_line line = { 0 };
	struct log_sink sink = { .level = G_LOG_LEVEL_INFO };
	g_autoptr(GError) error = NULL;

	fill_standard_descriptors();
	setlocale(LC_ALL, "");
	log_start(&sink);
	if (!command_line_parse(&line, argc, argv, &error)) {
		fprintf(stderr, "procvirtd: %s\n", error->message);
		return EXIT_USAGE;
	}
	if (line.version) {
		puts("procvirtd " PROCVIRT_VERSION);
		return EXIT_SUCCESS;
	}
	return start(&line, &sink);
}
