/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/control/server.h"

#include "fs/control/client.h"
#include "fs/control/control.h"
#include "fs/control/listen.h"
#include "tests/fs/control/fake_registry.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
	Registry *registry;
	Listener *listener;
	Control *control;
	struct control_daemon daemon;
	unsigned upgrades; /* asked for so far */
};

static void fill_status(void *data, struct daemon_status *status)
{
	const struct world *world = data;

	status->version = "1.2.3";
	status->keeper = getppid();
	status->workers = world->upgrades + 1;
	status->last_end = world->upgrades > 0 ? "stopped" : NULL;
	status->requests = 17;
}

/* The second succeeds, the third fails, the others cannot begin. */
static gboolean end_upgrade(gpointer data)
{
	struct world *world = data;

	control_upgrade_done(world->control, world->upgrades == 2, "the new one does not start");
	return G_SOURCE_CONTINUE;
}

static bool begin_upgrade(void *data, GError **error)
{
	struct world *world = data;

	world->upgrades++;
	if (world->upgrades < 2 || world->upgrades > 3)
		return cg_fail(error, ENOSYS, "not now");
	return true;
}

static void *begin_control(const char *dir, const char *socket)
{
	g_autofree char *mountpoint = g_build_filename(dir, "mount", NULL);
	struct world *world = g_new0(struct world, 1);
	g_autoptr(GError) error = NULL;

	world->registry = fake_registry_new();
	g_unix_signal_add(SIGUSR1, end_upgrade, world);
	world->daemon = (struct control_daemon){ fill_status, begin_upgrade, world, NULL };
	world->listener = listener_open(socket, &error);
	g_assert_no_error(error);
	world->control =
		control_start(world->registry, mountpoint, listener_fd(world->listener), &world->daemon, &error);
	g_assert_no_error(error);
	return world;
}

static void end_control(void *data)
{
	struct world *world = data;

	control_stop(world->control);
	listener_close(world->listener);
	registry_free(world->registry);
	g_free(world);
}

const struct server_kind server_control = { begin_control, end_control };

static gboolean on_term(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

static void serve(const struct server_kind *kind, const struct server *server, int ready)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	void *data = kind->begin(server->dir, server->socket);

	g_unix_signal_add(SIGTERM, on_term, loop);
	g_assert(write(ready, "", 1) == 1);
	g_main_loop_run(loop);
	kind->end(data);
	g_main_loop_unref(loop);
}

struct server server_start(const struct server_kind *kind, char *dir)
{
	struct server server = { .dir = dir, .socket = g_build_filename(dir, "run", "control", NULL) };
	int pipe_fds[2];
	char byte;

	g_assert(pipe(pipe_fds) == 0);
	server.pid = fork();
	if (server.pid == 0) {
		close(pipe_fds[0]);
		serve(kind, &server, pipe_fds[1]);
		g_free(server.socket);
		exit(0);
	}
	close(pipe_fds[1]);
	g_assert(read(pipe_fds[0], &byte, 1) == 1);
	close(pipe_fds[0]);
	return server;
}

static int end_with(struct server *server, int signal)
{
	int status;

	kill(server->pid, signal);
	g_assert(waitpid(server->pid, &status, 0) == server->pid);
	g_clear_pointer(&server->socket, g_free);
	return status;
}

bool server_stop(struct server *server)
{
	int status = end_with(server, SIGTERM);

	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void server_kill(struct server *server)
{
	end_with(server, SIGKILL);
}

int server_setup(struct server *server, const struct server_kind *kind)
{
	if (geteuid() != 0)
		skip();
	*server = server_start(kind, scratch_new());
	return 0;
}

int server_teardown(struct server *server)
{
	char *dir = server->dir;
	bool clean = server_stop(server);

	scratch_free(dir);
	return clean ? 0 : -1;
}

int server_connect(const struct server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, server->socket, sizeof(address.sun_path));
	g_assert(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

char *server_ask(int fd, const char *text, gsize length)
{
	g_autofree char *buffer = g_malloc0(1 << 17);
	ssize_t n;

	if (text && send(fd, text, length, MSG_NOSIGNAL) < 0)
		return NULL;
	n = recv(fd, buffer, (1 << 17) - 1, 0);
	return n > 0 ? g_steal_pointer(&buffer) : NULL;
}

JsonObject *server_call(const struct server *server, const char *text, GError **error)
{
	g_autoptr(JsonNode) node = json_from_string(text, NULL);

	return control_call(server->socket, json_node_get_object(node), error);
}

JsonObject *server_call_ok(const struct server *server, const char *text)
{
	g_autoptr(GError) error = NULL;
	JsonObject *reply = server_call(server, text, &error);

	g_assert_no_error(error);
	return reply;
}

char *server_call_as(const struct server *server, uid_t uid, const char *text)
{
	char *answer;
	int fd;

	assert_int_equal(seteuid(uid), 0);
	fd = server_connect(server);
	assert_int_equal(seteuid(0), 0);
	answer = server_ask(fd, text, strlen(text));
	close(fd);
	return answer;
}
