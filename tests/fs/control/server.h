/* SPDX-License-Identifier: Apache-2.0
 *
 * A server on a main loop in a process of its own, so that the test may be its
 * synchronous client, and so that it can be killed.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct server {
	char *dir, *socket; /* DIR/run/control */
	pid_t pid;
};

/* Both run in the server's process; begin() gives what end() takes. */
struct server_kind {
	void *(*begin)(const char *dir, const char *socket);
	void (*end)(void *data);
};

/*
 * control_start() with a fake registry; the mount point is DIR/mount. Of upgrades the
 * second comes off and the third fails, each as soon as the server gets a SIGUSR1; the others cannot begin.
 */
extern const struct server_kind server_control;

/* A test's setup and teardown: a server below a scratch directory of its own; skipped where we are not root. */
int server_setup(struct server *server, const struct server_kind *kind);
int server_teardown(struct server *server);

/* `dir` is borrowed. */
struct server server_start(const struct server_kind *kind, char *dir);

/* True if it had nothing to complain about: no leak, no failed assertion. */
bool server_stop(struct server *server);

/* Kills it without a chance to tidy up. */
void server_kill(struct server *server);

/* A connection; and one message each way. The answer is newly allocated, NULL when the server hung up. */
int server_connect(const struct server *server);
char *server_ask(int fd, const char *text, gsize length);

/* control_call() of a request's text; the reply, which there must be; and as another user, the answer's text. */
JsonObject *server_call(const struct server *server, const char *text, GError **error);
JsonObject *server_call_ok(const struct server *server, const char *text);
char *server_call_as(const struct server *server, uid_t uid, const char *text);
