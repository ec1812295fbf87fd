/* SPDX-License-Identifier: Apache-2.0
 *
 * What a process may do to files (credentials(7)), and doing something with no more than that: what the daemon writes for somebody
 * else the kernel allows or refuses as if that one had written it.
 */
#pragma once

#include "fs/container/host.h"

#include <stdbool.h>
#include <sys/types.h>

/* Work is done without its capabilities. So it may be refused what the process may do, and never the reverse. */
struct credentials {
	uid_t uid; /* those for the file system, fsuid and fsgid of proc(5) */
	gid_t gid;
	GArray *groups;     /* of gid_t, as the kernel sorts them; owned */
	uint64_t permitted; /* the capabilities that it may have: CapPrm, a bit each */
};

void credentials_clear(struct credentials *credentials);

/* From the text of a /proc/PID/status; false where it is none, was cut, or has more groups than CREDENTIALS_GROUPS. */
#define CREDENTIALS_GROUPS 1024
bool credentials_parse(const char *text, struct credentials *ret_credentials);

/*
 * Those of the thread that has made a request and waits for its answer, so that they cannot change. `uid` and `gid` are what the
 * request says: where its thread has others by now, or none that have numbers here, EPERM. To be cleared.
 */
bool credentials_of(const Host *host, pid_t tid, uid_t uid, gid_t gid, struct credentials *ret_credentials,
		    GError **error);

/* Of any process, at this moment. -errno; -EPROTO for what is not understood. To be cleared. */
int credentials_look(const Host *host, pid_t tid, struct credentials *ret_credentials);

/* A number for these, with a key that nobody knows; never 0. Others have the same once in four thousand million. */
uint32_t credentials_mark(const struct credentials *credentials, uint64_t key);

/*
 * Calls work(data) in a thread of its own that has these for good, effective as well as for the file system, and no
 * capability but those of `keep`, a bit each, that the daemon has; returns what it returns. -errno of what kept it from
 * being called: EPERM where the daemon lacks CAP_SETUID or CAP_SETGID.
 *
 * The real and the saved user stay the daemon's, so that nobody else may send signals to that thread or trace it (kill(2), ptrace(2)).
 */
int credentials_run(const struct credentials *credentials, uint64_t keep, int (*work)(void *data), void *data);
