/* SPDX-License-Identifier: Apache-2.0
 *
 * Clients of a SOCK_SEQPACKET socket on the default main context: a message in,
 * a message out. Only uid 0 of the daemon's user namespace is served (SO_PEERCRED, unix(7)); all others are told so
 * and hung up on. A client that says nothing, or does not take its answers,
 * costs a descriptor until the idle time is over; more clients than the limit
 * are refused with a sentence. What a message means is the owner's business.
 */
#pragma once

#include "fs/control/message.h"

typedef struct Packets Packets;

struct packets_limits {
	unsigned clients; /* at a time */
	unsigned idle_ms; /* between a client's messages */
};

/* The answer to a message; `length` is its whole length, which may be more than CONTROL_MESSAGE_MAX: text is then NULL. */
typedef JsonObject *(*PacketsAnswer)(const char *text, gsize length, gpointer data);

/* Errors: those of listener_open(). */
Packets *packets_start(const char *path, const struct packets_limits *limits, PacketsAnswer answer, gpointer data,
		       GError **error);
void packets_stop(Packets *packets);
