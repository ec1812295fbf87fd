/* SPDX-License-Identifier: Apache-2.0
 *
 * How the daemon fares: the answer to "status", the same struct on both sides of the socket.
 */
#pragma once

#include "fs/control/message.h"

/* Strings are borrowed: from whoever filled it in, or from the answer that was read. */
struct daemon_status {
	const char *version; /* of the worker that answers */
	const char *mount;
	int64_t keeper;       /* pid */
	int64_t worker;       /* pid of the one that answers */
	int64_t workers;      /* that took over so far, this one included: 1 is the first */
	const char *last_end; /* how the one before it ended: "stopped", "killed", "crashed"; NULL for the first */
	int64_t daemon_since; /* when the first worker of this mount took over, seconds of the Unix epoch */
	int64_t worker_since; /* when this worker took over */
	int64_t registered;   /* containers */
	int64_t known;        /* the same and those that were found by their cgroup */
	int64_t requests;     /* of the file system, served by this worker */
	int64_t gone;         /* of them failed because a caller, a cgroup or a name is no more: everyday matters */
	int64_t failed;       /* of them failed otherwise */
	int64_t log_left_out; /* lines that this worker did not log (fs/log.h) */
};

/* The answer. */
JsonObject *daemon_status_reply(const struct daemon_status *status);

/* From an answer, which it borrows from. Errors: EINVAL and a sentence. */
bool daemon_status_read(JsonObject *reply, struct daemon_status *ret_status, GError **error);

/* Asks the daemon, with control_call()'s errors. The reply is the caller's, and ret_status borrows from it. */
JsonObject *daemon_status_fetch(const char *socket_path, struct daemon_status *ret_status, GError **error);
