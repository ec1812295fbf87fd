/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/control/server.h"

#include "fs/control/control.h"
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
	Control *control;
};

static void *begin_control(const char *dir, const char *socket)
{
	g_autofree char *mountpoint = g_build_filename(dir, "mount", NULL);
	struct world *world = g_new0(struct world, 1);
	g_autoptr(GError) error = NULL;

	world->registry = fake_registry_new();
	world->control = control_start(world->registry, mountpoint, socket, &error);
	g_assert_no_error(error);
	return world;
}

static void end_control(void *data)
{
	struct world *world = data;

	control_stop(world->control);
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
