/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/packets.h"

#include "fs/control/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_PAUSE_MS 500 /* when the process has no descriptor left */
#define ACCEPT_BATCH    128

struct Packets {
	int listening; /* borrowed */
	struct packets_limits limits;
	PacketsAnswer answer;
	gpointer data;
	GHashTable *clients;      /* struct client's number -> the client, which it owns */
	uint64_t numbers;         /* given so far */
	guint accepting, pausing; /* source ids; one of the two is not 0 */
	char *buffer;             /* CONTROL_MESSAGE_MAX bytes; one message is read at a time */
};

struct client {
	Packets *packets;
	uint64_t number;
	int fd;
	uid_t uid;
	guint readable, idle; /* source ids; 0 while it waits for its answer */
	guint gone;           /* source id; only while it waits */
};

static void end_source(guint *source)
{
	if (*source)
		g_source_remove(*source);
	*source = 0;
}

static void client_free(gpointer pointer)
{
	struct client *client = pointer;

	end_source(&client->readable);
	end_source(&client->idle);
	end_source(&client->gone);
	close(client->fd);
	g_free(client);
}

static void client_drop(struct client *client)
{
	g_hash_table_remove(client->packets->clients, &client->number);
}

/* Takes the reply. False: the client does not read its answers. */
static bool send_reply(int fd, JsonObject *reply)
{
	gsize length;
	g_autofree char *text = control_message_text(reply, &length);
	bool sent = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;

	json_object_unref(reply);
	return sent;
}

static gboolean on_idle(gpointer pointer)
{
	client_drop(pointer);
	return G_SOURCE_CONTINUE; /* client_free() has removed it */
}

static void restart_idle(struct client *client)
{
	end_source(&client->idle);
	client->idle = g_timeout_add(client->packets->limits.idle_ms, on_idle, client);
}

static gboolean on_gone(gint fd, GIOCondition condition, gpointer pointer)
{
	client_drop(pointer);
	return G_SOURCE_CONTINUE;
}

/* Its next message stays unread, and so would its hanging up. */
static void wait_for_reply(struct client *client)
{
	end_source(&client->readable);
	end_source(&client->idle);
	client->gone = g_unix_fd_add(client->fd, G_IO_HUP | G_IO_ERR, on_gone, client);
}

/* False: this client is done with. */
static bool serve_message(struct client *client)
{
	Packets *packets = client->packets;
	ssize_t length = recv(client->fd, packets->buffer, CONTROL_MESSAGE_MAX, MSG_DONTWAIT | MSG_TRUNC);
	struct packet packet = { .client = client->number, .uid = client->uid };
	JsonObject *reply;

	if (length < 0)
		return errno == EAGAIN || errno == EINTR;
	if (length == 0) /* hung up; an empty message looks the same */
		return false;
	restart_idle(client);
	packet.text = (gsize)length > CONTROL_MESSAGE_MAX ? NULL : packets->buffer;
	packet.length = (gsize)length;
	reply = packets->answer(&packet, packets->data);
	if (reply)
		return send_reply(client->fd, reply);
	wait_for_reply(client);
	return true;
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer pointer)
{
	if (!serve_message(pointer))
		client_drop(pointer);
	return G_SOURCE_CONTINUE;
}

static void listen_to(struct client *client)
{
	client->readable = g_unix_fd_add(client->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, client);
	restart_idle(client);
}

static bool who_asks(int fd, uid_t *ret_uid, GError **error)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return cg_fail(error, errno, "cannot tell who asks: %s", g_strerror(errno));
	*ret_uid = peer.uid;
	return true;
}

/* The clients of this user, and of all users; root is no user. */
static void count_users(const Packets *packets, uid_t uid, unsigned *ret_own, unsigned *ret_all)
{
	GHashTableIter iter;
	gpointer client;

	*ret_own = *ret_all = 0;
	g_hash_table_iter_init(&iter, packets->clients);
	while (g_hash_table_iter_next(&iter, NULL, &client)) {
		uid_t its = ((const struct client *)client)->uid;

		*ret_own += its == uid;
		*ret_all += its != 0;
	}
}

static bool has_room(const Packets *packets, uid_t uid, GError **error)
{
	const struct packets_limits *limits = &packets->limits;
	unsigned own, users;

	count_users(packets, uid, &own, &users);
	if (uid != 0 && own >= limits->per_user)
		return cg_fail(error, EBUSY, "%u clients of uid %u are connected already; try again later", own, uid);
	if (uid != 0 && users >= limits->users)
		return cg_fail(error, EBUSY, "%u clients of users are connected already; try again later", users);
	if (g_hash_table_size(packets->clients) >= limits->clients)
		return cg_fail(error, EBUSY, "%u clients are connected already; try again later", limits->clients);
	return true;
}

static void client_new(Packets *packets, int fd, uid_t uid)
{
	struct client *client = g_new0(struct client, 1);

	*client = (struct client){ .packets = packets, .number = ++packets->numbers, .fd = fd, .uid = uid };
	listen_to(client);
	g_hash_table_insert(packets->clients, &client->number, client);
}

void packets_reply(Packets *packets, uint64_t number, JsonObject *reply)
{
	struct client *client = g_hash_table_lookup(packets->clients, &number);

	if (!client || !client->gone) {
		json_object_unref(reply);
		return;
	}
	end_source(&client->gone);
	listen_to(client);
	if (!send_reply(client->fd, reply))
		client_drop(client);
}

static gboolean on_connection(gint listening, GIOCondition condition, gpointer pointer);

static gboolean on_pause_over(gpointer pointer)
{
	Packets *packets = pointer;

	packets->pausing = 0;
	packets->accepting = g_unix_fd_add(packets->listening, G_IO_IN, on_connection, packets);
	return G_SOURCE_REMOVE;
}

/* A connection that cannot be accepted stays readable: without a pause the loop would spin. */
static gboolean pause_accepting(Packets *packets)
{
	g_warning("control socket: accept: %s", g_strerror(errno));
	packets->accepting = 0;
	packets->pausing = g_timeout_add(ACCEPT_PAUSE_MS, on_pause_over, packets);
	return G_SOURCE_REMOVE;
}

static void take_in(Packets *packets, int fd)
{
	g_autoptr(GError) refusal = NULL;
	uid_t uid = 0;

	if (who_asks(fd, &uid, &refusal) && has_room(packets, uid, &refusal)) {
		client_new(packets, fd, uid);
	} else {
		send_reply(fd, control_reply_error(refusal));
		close(fd);
	}
}

/* Several at a time: refusing is cheap, and whoever is refused again and again must not hold up those behind. */
static gboolean on_connection(gint listening, GIOCondition condition, gpointer pointer)
{
	Packets *packets = pointer;

	for (unsigned i = 0; i < ACCEPT_BATCH; i++) {
		int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS
				       ? pause_accepting(packets)
				       : G_SOURCE_CONTINUE;
		take_in(packets, fd);
	}
	return G_SOURCE_CONTINUE;
}

static bool make_nonblocking(int fd, GError **error)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return cg_fail(error, errno, "control socket: %s", g_strerror(errno));
	return true;
}

Packets *packets_start(int listening, const struct packets_limits *limits, PacketsAnswer answer, gpointer data,
		       GError **error)
{
	Packets *packets;

	if (!listener_check(listening, error) || !make_nonblocking(listening, error))
		return NULL;
	packets = g_new0(Packets, 1);
	packets->listening = listening;
	packets->limits = *limits;
	packets->answer = answer;
	packets->data = data;
	packets->clients = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, client_free);
	packets->buffer = g_malloc(CONTROL_MESSAGE_MAX);
	packets->accepting = g_unix_fd_add(listening, G_IO_IN, on_connection, packets);
	return packets;
}

void packets_stop(Packets *packets)
{
	g_source_remove(packets->accepting ? packets->accepting : packets->pausing);
	g_hash_table_unref(packets->clients);
	g_free(packets->buffer);
	g_free(packets);
}
