/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/worker.h"

#include "cgroup/error.h"
#include "fs/container/registry.h"
#include "fs/container/sampler.h"
#include "fs/control/control.h"
#include "fs/keeper/descriptors.h"
#include "fs/keeper/line.h"
#include "fs/serve/session.h"
#include "fs/standard_fds.h"
#include "fs/store/store.h"
#include "fs/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* While it stands by it follows what the worker with the turn writes down. */
#define FOLLOW_MS 1000

/* The main loop says that it turns; a worker whose loop stands still for long is not well. */
#define TURN_MS       500
#define STANDSTILL_MS 15000

struct world {
	struct descriptors descriptors;
	Store *store;
	CgHierarchies *hierarchies;
	Host *host;
	Registry *registry;
	struct serve serve;
	Session *session;
	struct control_daemon daemon;
	Control *control;
	Sampler *sampler;
	struct turns turns;
	GMainLoop *loop;
	_Atomic int64_t turned_us; /* when the main loop did last */
	struct log_sink *sink;
	int status;
};

/* ---- what the process is ---- */

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

/* When memory is short the keeper is the last to go, and we are in front of it: proc(5), oom_score_adj. */
#define OOM_SCORE_ADJ -900

static void go_before_the_keeper(void)
{
	g_autofree char *now = NULL;
	int fd;

	if (!g_file_get_contents("/proc/self/oom_score_adj", &now, NULL, NULL) || atoi(now) >= OOM_SCORE_ADJ)
		return;
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%d", OOM_SCORE_ADJ) < 0)
		g_warning("/proc/self/oom_score_adj: %s", g_strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* ---- the world, in the order in which it is built ---- */

static bool is_foreign(const GError *why)
{
	return g_error_matches(why, CG_ERROR, EINVAL);
}

/* The two that are shared with the worker before; they stay NULL where they are another version's, which may be using them yet. */
static bool open_shared(struct world *world, GError **error)
{
	const int *fd = world->descriptors.fd;
	g_autoptr(GError) no_store = NULL, no_session = NULL;

	if (!world->store)
		world->store = store_open(fd[DESCRIPTOR_STATE], &no_store);
	if (!world->session)
		world->session = session_new(&world->serve, fd[DESCRIPTOR_FUSE], fd[DESCRIPTOR_JOURNAL], &no_session);
	if (no_store && !is_foreign(no_store))
		g_propagate_error(error, g_steal_pointer(&no_store));
	else if (no_session && !is_foreign(no_session))
		g_propagate_error(error, g_steal_pointer(&no_session));
	else
		return true;
	return false;
}

/* Everything is made beforehand that the worker with the turn does not notice. */
static bool world_build(struct world *world, const struct settings *settings, GError **error)
{
	raise_file_limit();
	go_before_the_keeper();
	world->hierarchies = cg_hierarchies_open_host(error);
	if (!world->hierarchies)
		return false;
	world->host = host_open(error);
	if (!world->host)
		return false;
	world->registry = registry_new(world->host, world->hierarchies, &settings->containers);
	world->serve = (struct serve){
		.registry = world->registry,
		.report = report_new(),
		.unknown_host = settings->unknown_host,
		.cgroup_writes = settings->cgroup_writes,
	};
	if (!ops_set_sizes(&world->serve, error) || !open_shared(world, error))
		return false;
	if (world->store)
		registry_keep_in(world->registry, world->store);
	return true;
}

/* What is another version's, or half written by a machine that failed, is not believed in any part. */
static bool renew_shared(struct world *world, GError **error)
{
	const int *fd = world->descriptors.fd;
	int r = 0;

	if (world->store && world->session)
		return true;
	if (!world->store) {
		g_warning("what was known of containers is of another version or damaged, and is lost");
		r = store_format(fd[DESCRIPTOR_STATE]);
	}
	if (r == 0 && !world->session) {
		g_warning("the journal of requests is of another version or damaged, and is lost");
		r = journal_format(fd[DESCRIPTOR_JOURNAL]);
	}
	if (r < 0)
		return cg_fail(error, -r, "files in memory: %s", g_strerror(-r));
	if (!open_shared(world, error))
		return false;
	registry_keep_in(world->registry, world->store);
	return true;
}

static void world_take_down(struct world *world)
{
	g_clear_pointer(&world->sampler, sampler_stop);
	g_clear_pointer(&world->control, control_stop);
	g_clear_pointer(&world->session, session_stop);
	g_clear_pointer(&world->serve.report, report_free);
	g_clear_pointer(&world->serve.texts, texts_free);
	g_clear_pointer(&world->registry, registry_free);
	g_clear_pointer(&world->host, host_free);
	g_clear_pointer(&world->hierarchies, cg_hierarchies_free);
	g_clear_pointer(&world->store, store_close);
	g_clear_pointer(&world->loop, g_main_loop_unref);
}

/* ---- standing by ---- */

static void follow(struct world *world)
{
	if (world->store)
		registry_restore(world->registry);
}

/* It is our turn, or there is nothing to wait for any more. Other bytes mean nothing to this version. */
static bool ends_standing_by(enum line_message message)
{
	return message == LINE_GO_FRESH || message == LINE_GO_KILLED || message == LINE_GO_CRASHED ||
	       message == LINE_QUIT || message == LINE_CLOSED;
}

static enum line_message stand_by(struct world *world)
{
	int line = world->descriptors.fd[DESCRIPTOR_LINE];
	struct pollfd wanted = { .fd = line, .events = POLLIN };
	enum line_message message;

	line_send(line, LINE_STANDBY);
	while (!ends_standing_by(message = line_receive(line))) {
		if (message == LINE_NOTHING && poll(&wanted, 1, FOLLOW_MS) == 0)
			follow(world);
	}
	return message;
}

/* ---- having the turn ---- */

static enum session_before how_it_ended(enum line_message go)
{
	if (go == LINE_GO_KILLED)
		return SESSION_KILLED;
	return go == LINE_GO_CRASHED ? SESSION_CRASHED : SESSION_FRESH;
}

static void beat(void *data)
{
	struct world *world = data;

	if (g_get_monotonic_time() - world->turned_us < STANDSTILL_MS * 1000)
		line_send(world->descriptors.fd[DESCRIPTOR_LINE], LINE_BEAT);
}

static void hung(void *data)
{
	const struct world *world = data;

	line_send(world->descriptors.fd[DESCRIPTOR_LINE], LINE_HUNG);
}

static void ended(void *data)
{
	const struct world *world = data;

	g_message("the file system was unmounted from outside");
	line_send(world->descriptors.fd[DESCRIPTOR_LINE], LINE_ENDED);
}

static gboolean on_turn(void *data)
{
	struct world *world = data;

	world->turned_us = g_get_monotonic_time();
	return G_SOURCE_CONTINUE;
}

static gboolean on_term(void *data)
{
	struct world *world = data;

	g_main_loop_quit(world->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_line(int fd, GIOCondition condition, void *data)
{
	struct world *world = data;
	enum line_message message = line_receive(fd);

	if (message == LINE_QUIT)
		control_upgrade_done(world->control, true, "a new worker takes over");
	if (message == LINE_QUIT || message == LINE_CLOSED) {
		world->status = message == LINE_QUIT ? EXIT_SUCCESS : WORKER_ORPHANED;
		g_main_loop_quit(world->loop);
		return G_SOURCE_REMOVE;
	}
	if (message == LINE_UPGRADE_FAILED)
		control_upgrade_done(world->control, false, "the new worker did not start; the log says why");
	return G_SOURCE_CONTINUE;
}

/* ---- what status and upgrade ask ---- */

static void on_status(void *data, struct daemon_status *status)
{
	const struct world *world = data;
	uint64_t gone, failed;

	report_counts(world->serve.report, &gone, &failed);
	status->version = PROCVIRT_VERSION;
	status->keeper = getppid();
	status->workers = (int64_t)world->turns.n;
	status->last_end = turns_before(&world->turns);
	status->daemon_since = world->turns.first_s;
	status->worker_since = world->turns.last_s;
	status->known = registry_count(world->registry);
	status->requests = (int64_t)session_served(world->session);
	status->gone = (int64_t)gone;
	status->failed = (int64_t)failed;
	status->log_left_out = (int64_t)log_left_out(world->sink);
}

static bool on_upgrade(void *data, GError **error)
{
	const struct world *world = data;

	return line_send(world->descriptors.fd[DESCRIPTOR_LINE], LINE_UPGRADE) ||
	       cg_fail(error, ESRCH, "the keeper is gone");
}

/* ---- the turn ---- */

/* Nobody has served it before us. */
static bool is_new_connection(const struct world *world)
{
	size_t length;

	return !journal_init(world->serve.journal, &length);
}

/* The order: first what is served, then who is asked about it. */
static bool begin(struct world *world, const char *mountpoint, enum line_message go, GError **error)
{
	const struct session_watch watch = { .beat = beat, .hung = hung, .ended = ended, .data = world };
	const int *fd = world->descriptors.fd;

	world->turned_us = g_get_monotonic_time();
	store_claim(world->store);
	registry_take_over(world->registry, is_new_connection(world));
	world->serve.generation = registry_generation(world->registry);
	world->serve.texts = texts_new(world->store, TEXTS_BUDGET, TEXTS_BUDGET_EACH);
	texts_restore(world->serve.texts);
	turns_begin(&world->turns, world->store, go);
	if (!session_begin(world->session, how_it_ended(go), &watch, error))
		return false;
	line_send(fd[DESCRIPTOR_LINE], LINE_ACTIVE);
	if (world->sink->to_syslog)
		standard_fds_leave();
	world->daemon = (struct control_daemon){ on_status, on_upgrade, world, world->store };
	world->control = control_start(world->registry, mountpoint, fd[DESCRIPTOR_CONTROL], &world->daemon, error);
	if (!world->control)
		return false;
	world->sampler = sampler_start(world->registry);
	return true;
}

static void run_loop(struct world *world)
{
	world->loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, on_term, world);
	g_unix_fd_add(world->descriptors.fd[DESCRIPTOR_LINE], G_IO_IN | G_IO_HUP, on_line, world);
	g_timeout_add(TURN_MS, on_turn, world);
	g_main_loop_run(world->loop);
}

/* ---- all of it ---- */

static bool serve(struct world *world, const struct settings *settings, const char *mountpoint, GError **error)
{
	enum line_message go;

	if (!world_build(world, settings, error))
		return false;
	go = stand_by(world);
	if (go == LINE_QUIT || go == LINE_CLOSED)
		return true;
	if (!renew_shared(world, error) || !begin(world, mountpoint, go, error))
		return false;
	run_loop(world);
	return true;
}

int worker_run(const struct settings *settings, const char *mountpoint, const struct descriptors *descriptors,
	       struct log_sink *sink)
{
	struct world world = { .descriptors = *descriptors, .sink = sink, .status = EXIT_SUCCESS };
	g_autoptr(GError) error = NULL;

	/* From a terminal they come to all of us; what is to be done about them the keeper says. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (!serve(&world, settings, mountpoint, &error)) {
		fprintf(stderr, "procvirtd: %s\n", error->message);
		world.status = EXIT_FAILURE;
	}
	world_take_down(&world);
	return world.status;
}
