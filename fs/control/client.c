/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/client.h"

#include "fs/control/strict_json.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WHAT "the daemon's answer"

struct answer {
	bool ok;
	const char *error;
	int64_t code;
};

static const struct strict_json_member answer_members[] = {
	{ "ok", STRICT_JSON_BOOLEAN, true, offsetof(struct answer, ok) },
	{ "error", STRICT_JSON_STRING, false, offsetof(struct answer, error) },
	{ "errno", STRICT_JSON_INTEGER, false, offsetof(struct answer, code) },
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool fail_with(GError **error, int code, const char *path)
{
	if (code == ENOENT || code == ECONNREFUSED)
		return cg_fail(error, code, "procvirtd does not run: nobody listens at %s", path);
	if (code == EAGAIN || code == ETIMEDOUT || code == EINPROGRESS)
		return cg_fail(error, ETIMEDOUT, "procvirtd at %s did not answer within %d ms", path,
			       CONTROL_TIMEOUT_MS);
	return cg_fail(error, code, "asking procvirtd at %s: %s", path, g_strerror(code));
}

static int connect_to(const char *path, GError **error)
{
	const struct timeval timeout = { .tv_sec = CONTROL_TIMEOUT_MS / 1000,
					 .tv_usec = CONTROL_TIMEOUT_MS % 1000 * 1000 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, code;

	if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
		cg_fail(error, ENAMETOOLONG, "the socket's path %s is longer than %zu bytes", path,
			sizeof(address.sun_path) - 1);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) &&
	    !connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	code = errno;
	close_fd(&fd);
	fail_with(error, code, path);
	return -1;
}

static bool send_request(int fd, JsonObject *request, const char *path, GError **error)
{
	gsize length;
	g_autofree char *text = control_message_text(request, &length);

	/* Whom the daemon refuses, it has told so and hung up before we spoke: the reason is still to be read. */
	if (send(fd, text, length, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
		return fail_with(error, errno, path);
	return true;
}

static JsonObject *receive_answer(int fd, const char *path, GError **error)
{
	g_autofree char *buffer = g_malloc(CONTROL_MESSAGE_MAX);
	ssize_t length = recv(fd, buffer, CONTROL_MESSAGE_MAX, MSG_TRUNC);

	/* A peer that closed with our request unread leaves this error in front of its last message (unix(7)). */
	if (length < 0 && errno == ECONNRESET)
		length = recv(fd, buffer, CONTROL_MESSAGE_MAX, MSG_TRUNC);
	if (length < 0) {
		fail_with(error, errno, path);
		return NULL;
	}
	if (length == 0 || (gsize)length > CONTROL_MESSAGE_MAX) {
		cg_fail(error, EPROTO, WHAT " is %s", length ? "too long" : "missing: it hung up");
		return NULL;
	}
	return strict_json_parse(buffer, (gsize)length, WHAT, error);
}

JsonObject *control_call(const char *socket_path, JsonObject *request, GError **error)
{
	static const struct strict_json_table table = { answer_members, G_N_ELEMENTS(answer_members), true };
	__attribute__((cleanup(close_fd))) int fd = connect_to(socket_path, error);
	g_autoptr(JsonObject) reply = NULL;
	struct answer answer = { .code = EPROTO };

	if (fd < 0 || !send_request(fd, request, socket_path, error))
		return NULL;
	reply = receive_answer(fd, socket_path, error);
	if (!reply || !strict_json_read(reply, &table, WHAT, &answer, error))
		return NULL;
	if (!answer.ok) {
		cg_fail(error, answer.code > 0 ? (int)MIN(answer.code, G_MAXINT) : EPROTO, "%s",
			answer.error ? answer.error : WHAT " gives no reason");
		return NULL;
	}
	return g_steal_pointer(&reply);
}
