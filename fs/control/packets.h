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

/* The answer to a message of this uid; `length` is its whole length, which may be more than CONTROL_MESSAGE_MAX: text is then NULL. */
typedef JsonObject *(*PacketsAnswer)(uid_t uid, const char *text, gsize length, gpointer data);

/* Errors: those of listener_open(). */
Packets *packets_start(const char *path, const struct packets_limits *limits, PacketsAnswer answer, gpointer data,
		       GError **error);
void packets_stop(Packets *packets);
