/* SPDX-License-Identifier: Apache-2.0
 *
 * Clients of a SOCK_SEQPACKET socket on the default main context: a message in,
 * a message out. Who a client is was fixed when it connected (SO_PEERCRED, unix(7)); what it may do is the owner's
 * business, and so is what a message means. A client that says nothing, or does not take its answers,
 * costs a descriptor until the idle time is over; more clients than the limits
 * are refused with a sentence. Users cannot use up what is kept for uid 0 of the daemon's user namespace.
 */
#pragma once

#include "fs/control/message.h"

typedef struct Packets Packets;

struct packets_limits {
	unsigned clients;  /* at a time, all together */
	unsigned users;    /* of them: users other than root, all together */
	unsigned per_user; /* and each of them */
	unsigned idle_ms;  /* between a client's messages */
};

struct packet {
	uint64_t client; /* a number never given to another; at least 1 */
	uid_t uid;
	const char *text; /* NULL where it is longer than CONTROL_MESSAGE_MAX */
	gsize length;     /* of the whole message */
};

/* The answer to a message; NULL: packets_reply() will give it. */
typedef JsonObject *(*PacketsAnswer)(const struct packet *packet, gpointer data);

/*
 * `listening` is borrowed, and made non-blocking: another process, of which this one is the successor, may accept from it at
 * the same time. Errors: those of listener_check().
 */
Packets *packets_start(int listening, const struct packets_limits *limits, PacketsAnswer answer, gpointer data,
		       GError **error);
void packets_stop(Packets *packets);

/*
 * The answer that this client waits for; takes it. Until then nothing more is read from the client, and its idle time
 * stands still. A client that has hung up meanwhile is no error.
 */
void packets_reply(Packets *packets, uint64_t client, JsonObject *reply);
