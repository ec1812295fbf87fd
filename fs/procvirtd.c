/* SPDX-License-Identifier: Apache-2.0
 *
 * The program: options; a keeper (fs/keeper/), in the foreground or the background; or its worker (worker.h).
 */
#include "cgroup/enter.h"
#include "cgroup/error.h"
#include "fs/command_line.h"
#include "fs/container/coverage.h"
#include "fs/holdings.h"
#include "fs/keeper/keeper.h"
#include "fs/log.h"
#include "fs/settings.h"
#include "fs/standard_fds.h"
#include "fs/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
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

/* ---- the keeper ---- */

struct daemon {
	const struct command_line *line;
	const struct settings *settings;
	struct log_sink *sink;
	int parent; /* a pipe to who waits for us to serve; -1: in the foreground */
};

static bool may_serve(GError **error)
{
	if (geteuid() != 0)
		return cg_fail(error, EPERM, "must be run as root");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return cg_fail(error, errno, "/dev/fuse: %s (is the kernel module fuse loaded?)", g_strerror(errno));
	return true;
}

/* In the background the parent waits for this byte, so that a script that starts us finds the files there. */
static void tell_parent(int pipe_fd)
{
	if (pipe_fd < 0)
		return;
	if (write(pipe_fd, "+", 1) != 1)
		g_warning("nobody waited for the start");
	close(pipe_fd);
	standard_fds_leave();
}

/* Called once, by the keeper, when the first worker serves. */
static void on_ready(void *data)
{
	const struct daemon *daemon = data;

	if (daemon->parent < 0) {
		printf("procvirtd: serving %s\n", daemon->line->mountpoint);
		fflush(stdout);
	} else {
		daemon->sink->to_syslog = true;
	}
	tell_parent(daemon->parent);
	sd_notifyf(0, "READY=1\nSTATUS=Serving %s", daemon->line->mountpoint);
}

static void on_say(void *data, GLogLevelFlags level, const char *text)
{
	const struct daemon *daemon = data;

	log_line(daemon->sink, level, "%s", text);
}

/* argv[0], then `role` where there is one, and the same settings that this process has; newly allocated. */
static GPtrArray *arguments_of(const struct daemon *daemon, const char *const *role)
{
	const struct command_line *line = daemon->line;
	GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(arguments, g_strdup("procvirtd"));
	for (; *role; role++)
		g_ptr_array_add(arguments, g_strdup(*role));
	if (line->fd_store)
		g_ptr_array_add(arguments, g_strdup("--fd-store"));
	if (line->config)
		g_ptr_array_add(arguments, g_strconcat("--config=", line->config, NULL));
	for (unsigned i = 0; i < line->settings->len; i += 2)
		g_ptr_array_add(arguments, g_strdup_printf("--%s=%s", (char *)line->settings->pdata[i],
							   (char *)line->settings->pdata[i + 1]));
	g_ptr_array_add(arguments, g_strdup(line->mountpoint));
	g_ptr_array_add(arguments, NULL);
	return arguments;
}

/* The file that this program was started from, or what stands in its place now. */
static char *program_path(void)
{
	static const char gone[] = " (deleted)"; /* proc(5), /proc/pid/exe */
	char *path = g_file_read_link("/proc/self/exe", NULL);

	if (path && g_str_has_suffix(path, gone))
		path[strlen(path) - strlen(gone)] = '\0';
	return path;
}

static int keep(const struct daemon *daemon, const struct descriptors *descriptors, int signals)
{
	const char *const role[] = { "--worker", daemon->parent >= 0 || daemon->line->syslog ? "--syslog" : NULL,
				     NULL };
	g_autoptr(GPtrArray) arguments = arguments_of(daemon, role);
	g_autofree char *program = program_path();
	const struct keeper_plan plan = {
		.descriptors = *descriptors,
		.program = program,
		.arguments = (char **)arguments->pdata,
		.ready = on_ready,
		.say = on_say,
		.data = (void *)(uintptr_t)daemon,
	};
	enum keeper_end end = keeper_run(&plan, signals);

	sd_notify(0, "STOPPING=1");
	if (end == KEEPER_UNMOUNTED)
		g_message("the file system was unmounted from outside");
	return end == KEEPER_FAILED ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Workers are started in the same one. Without it we serve as well. */
static void enter_cgroup(const char *path)
{
	g_autoptr(CgHierarchies) hierarchies = NULL;
	g_autoptr(GError) error = NULL;

	if (!path)
		return;
	hierarchies = cg_hierarchies_open_host(&error);
	if (!hierarchies || !cg_enter(hierarchies, path, getpid(), &error))
		g_warning("%s", error->message);
}

static int run_keeper(const struct daemon *daemon)
{
	struct holdings holdings = {
		.mountpoint = daemon->line->mountpoint,
		.socket = daemon->settings->socket,
		.fd_store = daemon->line->fd_store,
		.writable = daemon->settings->cgroup_writes,
	};
	g_autoptr(GError) error = NULL;
	int status = EXIT_FAILURE;
	int signals = keeper_signals(&error);

	descriptors_init(&holdings.descriptors);
	enter_cgroup(daemon->settings->cgroup);
	if (signals >= 0 && may_serve(&error) && holdings_make(&holdings, &error))
		status = keep(daemon, &holdings.descriptors, signals);
	else
		fprintf(stderr, "procvirtd: %s\n", error->message);
	holdings_give_up(&holdings);
	if (signals >= 0)
		close(signals);
	return status;
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

static int keep_in_background(struct daemon *daemon)
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
	daemon->parent = ends[1];
	return run_keeper(daemon);
}

/* ---- the worker ---- */

/*
 * Our keeper was killed. Under a service manager that starts another; else we become one: all that it held we hold,
 * and it is handed to the program as a service manager would.
 */
static int become_keeper(const struct daemon *daemon, const struct descriptors *descriptors)
{
	const char *const role[] = { "--foreground", daemon->line->syslog ? "--syslog" : NULL, NULL };
	g_autoptr(GPtrArray) arguments = arguments_of(daemon, role);
	g_auto(GStrv) environment = descriptors_environment(environ, DESCRIPTORS_STORED);

	if (daemon->line->fd_store)
		return EXIT_SUCCESS;
	g_warning("the keeper was killed; this worker takes its place");
	descriptors_set_pid(environment);
	if (descriptors_place(descriptors, DESCRIPTORS_STORED))
		execve("/proc/self/exe", (char **)arguments->pdata, environment);
	g_critical("cannot take the keeper's place: %s", g_strerror(errno));
	return EXIT_FAILURE;
}

static int run_worker(const struct daemon *daemon)
{
	struct descriptors descriptors;
	g_autoptr(GError) error = NULL;
	int status = EXIT_FAILURE;

	if (!descriptors_receive(&descriptors, &error) || !descriptors_complete(&descriptors, &error))
		fprintf(stderr, "procvirtd: --worker is for procvirtd itself: %s\n", error->message);
	else
		status = worker_run(daemon->settings, daemon->line->mountpoint, &descriptors, daemon->sink);
	if (status == WORKER_ORPHANED)
		status = become_keeper(daemon, &descriptors);
	descriptors_close(&descriptors);
	return status;
}

/* ---- the program ---- */

static int start(const struct command_line *line, struct log_sink *sink)
{
	struct settings settings;
	struct daemon daemon = { .line = line, .settings = &settings, .sink = sink, .parent = -1 };
	g_autoptr(GError) error = NULL;
	int status = EXIT_FAILURE;

	settings_init(&settings);
	if (!load_settings(&settings, line, &error)) {
		fprintf(stderr, "procvirtd: %s\n", error->message);
	} else {
		sink->level = settings.log_level;
		sink->to_syslog = line->syslog;
		signal(SIGPIPE, SIG_IGN);
		if (line->worker)
			status = run_worker(&daemon);
		else
			status = line->foreground ? run_keeper(&daemon) : keep_in_background(&daemon);
	}
	settings_clear(&settings);
	return status;
}

static int list_files(void)
{
	g_autofree char *table = coverage_table();

	return fputs(table, stdout) < 0 || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	cg_cleanup(command_line_clear) struct command_line line = { 0 };
	struct log_sink sink = { .level = G_LOG_LEVEL_INFO };
	g_autoptr(GError) error = NULL;

	standard_fds_fill();
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
	if (line.list_files)
		return list_files();
	return start(&line, &sink);
}
