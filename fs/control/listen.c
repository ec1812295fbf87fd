/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct Listener {
	char *path;
	int fd, lock;
	bool bound;
};

static bool fill_address(struct sockaddr_un *address, const char *path, GError **error)
{
	address->sun_family = AF_UNIX;
	if (g_strlcpy(address->sun_path, path, sizeof(address->sun_path)) >= sizeof(address->sun_path))
		return cg_fail(error, ENAMETOOLONG, "the control socket's path %s is longer than %zu bytes", path,
			       sizeof(address->sun_path) - 1);
	return true;
}

static bool make_directory(const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);

	if (g_mkdir_with_parents(directory, 0755) < 0)
		return cg_fail(error, errno, "making %s: %s", directory, g_strerror(errno));
	return true;
}

/* Two daemons that start at once must not both find the socket dead, so a lock decides and not the look. */
static bool take_lock(Listener *listener, GError **error)
{
	g_autofree char *path = g_strconcat(listener->path, ".lock", NULL);

	listener->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (listener->lock < 0)
		return cg_fail(error, errno, "opening %s: %s", path, g_strerror(errno));
	if (flock(listener->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return cg_fail(error, EADDRINUSE, "another procvirtd has the control socket %s", listener->path);
	return cg_fail(error, errno, "locking %s: %s", path, g_strerror(errno));
}

/* Somebody listens there: whatever connect(2) says but these. */
static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		    (errno == ECONNREFUSED || errno == ENOENT);

	if (fd >= 0)
		close(fd);
	return !dead;
}

static bool clear_path(const struct sockaddr_un *address, GError **error)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT || cg_fail(error, errno, "%s: %s", address->sun_path, g_strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return cg_fail(error, EEXIST, "%s is in the way of the control socket and is no socket",
			       address->sun_path);
	if (is_alive(address))
		return cg_fail(error, EADDRINUSE, "something else listens at %s", address->sun_path);
	if (unlink(address->sun_path) < 0)
		return cg_fail(error, errno, "removing the stale socket %s: %s", address->sun_path, g_strerror(errno));
	return true;
}

static bool bind_and_listen(Listener *listener, const struct sockaddr_un *address, GError **error)
{
	listener->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 || bind(listener->fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return cg_fail(error, errno, "binding the control socket %s: %s", address->sun_path, g_strerror(errno));
	listener->bound = true;
	/* bind(2) takes the umask off. Until there is a listen(2) nobody can connect. */
	if (chmod(address->sun_path, 0666) < 0)
		return cg_fail(error, errno, "opening the control socket %s to all users: %s", address->sun_path,
			       g_strerror(errno));
	if (listen(listener->fd, SOMAXCONN) < 0)
		return cg_fail(error, errno, "listening at %s: %s", address->sun_path, g_strerror(errno));
	return true;
}

Listener *listener_open(const char *path, GError **error)
{
	g_autoptr(Listener) listener = g_new0(Listener, 1);
	struct sockaddr_un address = { 0 };

	*listener = (Listener){ .path = g_strdup(path), .fd = -1, .lock = -1 };
	if (!fill_address(&address, path, error) || !make_directory(path, error) || !take_lock(listener, error) ||
	    !clear_path(&address, error) || !bind_and_listen(listener, &address, error))
		return NULL;
	return g_steal_pointer(&listener);
}

static int socket_option(int fd, int option)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &length) < 0 ? -1 : value;
}

bool listener_check(int fd, GError **error)
{
	if (socket_option(fd, SO_DOMAIN) == AF_UNIX && socket_option(fd, SO_TYPE) == SOCK_SEQPACKET &&
	    socket_option(fd, SO_ACCEPTCONN) == 1)
		return true;
	return cg_fail(error, EINVAL, "descriptor %d is no control socket that listens", fd);
}

Listener *listener_adopt(const char *path, int fd, int lock, GError **error)
{
	Listener *listener;

	if (!listener_check(fd, error))
		return NULL;
	/* Of the same open file it is held already, and this changes nothing. */
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		cg_fail(error, EINVAL, "descriptor %d is not the control socket's lock: %s", lock, g_strerror(errno));
		return NULL;
	}
	listener = g_new0(Listener, 1);
	*listener = (Listener){ .path = g_strdup(path), .fd = fd, .lock = lock, .bound = true };
	return listener;
}

int listener_fd(const Listener *listener)
{
	return listener->fd;
}

int listener_lock_fd(const Listener *listener)
{
	return listener->lock;
}

void listener_close(Listener *listener)
{
	if (listener->bound)
		unlink(listener->path);
	listener_leave(listener);
}

void listener_leave(Listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	if (listener->lock >= 0)
		close(listener->lock);
	g_free(listener->path);
	g_free(listener);
}
