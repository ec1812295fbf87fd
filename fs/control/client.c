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

#define FIRST_PAUSE_US   10000
#define LONGEST_PAUSE_US 500000

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

/* A call on its way. */
struct call {
	const char *path;
	JsonObject *request;
	int timeout_ms;
	gint64 deadline_us;
	unsigned tries; /* begun so far */
	bool again;     /* the last one failed for a reason that may pass */
};

static bool fail_with(const struct call *call, GError **error, int code)
{
	if (code == ENOENT || code == ECONNREFUSED)
		return cg_fail(error, code, "procvirtd does not run: nobody listens at %s", call->path);
	if (code == EAGAIN || code == ETIMEDOUT || code == EINPROGRESS)
		return cg_fail(error, ETIMEDOUT, "procvirtd at %s did not answer within %d ms", call->path,
			       call->timeout_ms);
	return cg_fail(error, code, "asking procvirtd at %s: %s", call->path, g_strerror(code));
}

/* For the next system call: what is left of the time. */
static bool set_timeout(const struct call *call, int fd, int option)
{
	gint64 left_us = call->deadline_us - g_get_monotonic_time();
	const struct timeval timeout = { .tv_sec = left_us / G_USEC_PER_SEC, .tv_usec = left_us % G_USEC_PER_SEC };

	if (left_us <= 0) { /* to the kernel, 0 is for ever */
		errno = ETIMEDOUT;
		return false;
	}
	return setsockopt(fd, SOL_SOCKET, option, &timeout, sizeof(timeout)) == 0;
}

/* Nobody listens: at the first try there is no daemon; later one has just gone, and the next may come. */
static void judge_connect(struct call *call, int code)
{
	call->again = call->tries > 1 && (code == ENOENT || code == ECONNREFUSED);
}

static int connect_to(struct call *call, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, code;

	if (g_strlcpy(address.sun_path, call->path, sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
		cg_fail(error, ENAMETOOLONG, "the socket's path %s is longer than %zu bytes", call->path,
			sizeof(address.sun_path) - 1);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd >= 0 && set_timeout(call, fd, SO_SNDTIMEO) &&
	    !connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	code = errno;
	close_fd(&fd);
	judge_connect(call, code);
	fail_with(call, error, code);
	return -1;
}

static bool send_request(const struct call *call, int fd, GError **error)
{
	gsize length;
	g_autofree char *text = control_message_text(call->request, &length);

	/* Whom the daemon refuses, it has told so and hung up before we spoke: the reason is still to be read. */
	if (set_timeout(call, fd, SO_SNDTIMEO) &&
	    (send(fd, text, length, MSG_NOSIGNAL) >= 0 || errno == EPIPE || errno == ECONNRESET))
		return true;
	return fail_with(call, error, errno);
}

static ssize_t receive(const struct call *call, int fd, char *buffer)
{
	ssize_t length = set_timeout(call, fd, SO_RCVTIMEO) ? recv(fd, buffer, CONTROL_MESSAGE_MAX, MSG_TRUNC) : -1;

	/*
	 * A peer that closed with our request unread leaves this error in front of its last message (unix(7)), or instead of
	 * the end.
	 */
	if (length < 0 && errno == ECONNRESET)
		length = recv(fd, buffer, CONTROL_MESSAGE_MAX, MSG_TRUNC);
	return length;
}

static JsonObject *receive_answer(struct call *call, int fd, GError **error)
{
	g_autofree char *buffer = g_malloc(CONTROL_MESSAGE_MAX);
	ssize_t length = receive(call, fd, buffer);

	if (length > 0 && (gsize)length <= CONTROL_MESSAGE_MAX)
		return strict_json_parse(buffer, (gsize)length, WHAT, error);
	call->again = length == 0 || (length < 0 && errno == ECONNRESET);
	if (call->again)
		cg_fail(error, EPROTO, WHAT " is missing: it hung up");
	else if (length < 0)
		fail_with(call, error, errno);
	else
		cg_fail(error, EPROTO, WHAT " is too long");
	return NULL;
}

static JsonObject *try_once(struct call *call, GError **error)
{
	__attribute__((cleanup(close_fd))) int fd = -1;

	call->tries++;
	call->again = false;
	fd = connect_to(call, error);
	if (fd < 0 || !send_request(call, fd, error))
		return NULL;
	return receive_answer(call, fd, error);
}

/* Longer from time to time: the next worker may have to be started. */
static void pause_after(const struct call *call)
{
	gint64 left_us = call->deadline_us - g_get_monotonic_time();

	g_usleep((gulong)CLAMP(left_us, 0, MIN(FIRST_PAUSE_US << (call->tries - 1), LONGEST_PAUSE_US)));
}

/* Of several errors the last. */
static JsonObject *try_often(struct call *call, GError **error)
{
	g_autoptr(GError) problem = NULL;
	JsonObject *reply = try_once(call, &problem);

	while (!reply && call->again && call->tries < CONTROL_TRIES) {
		pause_after(call);
		g_clear_error(&problem);
		reply = try_once(call, &problem);
	}
	if (!reply)
		g_propagate_error(error, g_steal_pointer(&problem));
	return reply;
}

JsonObject *control_call_within(const char *socket_path, JsonObject *request, int timeout_ms, unsigned *ret_tries,
				GError **error)
{
	static const struct strict_json_table table = { answer_members, G_N_ELEMENTS(answer_members), true };
	struct call call = { .path = socket_path,
			     .request = request,
			     .timeout_ms = timeout_ms,
			     .deadline_us = g_get_monotonic_time() + timeout_ms * G_GINT64_CONSTANT(1000) };
	g_autoptr(JsonObject) reply = try_often(&call, error);
	struct answer answer = { .code = EPROTO };

	if (ret_tries)
		*ret_tries = call.tries;
	if (!reply || !strict_json_read(reply, &table, WHAT, &answer, error))
		return NULL;
	if (!answer.ok) {
		cg_fail(error, answer.code > 0 ? (int)MIN(answer.code, G_MAXINT) : EPROTO, "%s",
			answer.error ? answer.error : WHAT " gives no reason");
		return NULL;
	}
	return g_steal_pointer(&reply);
}

JsonObject *control_call(const char *socket_path, JsonObject *request, GError **error)
{
	return control_call_within(socket_path, request, CONTROL_TIMEOUT_MS, NULL, error);
}
