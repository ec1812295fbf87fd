/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the daemon: one request, one answer, over a connection of its own.
 */
#pragma once

#include "fs/control/message.h"

/* A worker that hangs is replaced after three seconds: the answer is then the next one's. */
#define CONTROL_TIMEOUT_MS 6000

/* Whoever is hung up on so often has a request that kills each worker. The pauses between make up two seconds. */
#define CONTROL_TRIES 10

/*
 * Sends the request and waits for the answer, CONTROL_TIMEOUT_MS in all. The reply of {"ok":true,…}; NULL otherwise with
 * CG_ERROR: the daemon's errno and sentence, or what went wrong on the way (ENOENT and ECONNREFUSED:
 * no daemon; ETIMEDOUT; EPROTO: an answer that is none).
 *
 * A daemon that hangs up without an answer has been killed or replaced; the request is said again on a new connection,
 * CONTROL_TRIES times at most. So a request may be performed twice: message.h says why that is all the same. Where
 * nobody listens at the first try there is no daemon, and nobody is waited for.
 */
JsonObject *control_call(const char *socket_path, JsonObject *request, GError **error);

/* The same within another time; *ret_tries (may be NULL) is how often it was said, whatever came of it. */
JsonObject *control_call_within(const char *socket_path, JsonObject *request, int timeout_ms, unsigned *ret_tries,
				GError **error);
