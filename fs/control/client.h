/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the daemon: one request, one answer, over a connection of its own.
 */
#pragma once

#include "fs/control/message.h"

#define CONTROL_TIMEOUT_MS 2000

/*
 * Sends the request and waits for the answer, CONTROL_TIMEOUT_MS for each of
 * connecting, sending and receiving. The reply of {"ok":true,…}; NULL otherwise with CG_ERROR: the daemon's
 * errno and sentence, or what went wrong on the way (ENOENT and ECONNREFUSED:
 * no daemon; ETIMEDOUT; EPROTO: an answer that is none).
 */
JsonObject *control_call(const char *socket_path, JsonObject *request, GError **error);
