/* SPDX-License-Identifier: Apache-2.0
 *
 * Who asks: from the pid of a FUSE request to a container, without a fork.
 * The pid may be a thread id, and 0 when the caller is outside the daemon's pid
 * namespace. While a synchronous request is unanswered its pid cannot be
 * reused, so a look-up is made at OPEN. What is remembered of a thread
 * (known_callers.h) is bound to the thread itself, not to its number.
 */
#pragma once

#include "fs/container/registry.h"

/* Which step found the container; explain prints it. */
enum caller_step {
	CALLER_REGISTERED = 1, /* the longest registered cgroup path that holds the caller's */
	CALLER_NAMESPACE,      /* the cgroup that is mounted as the caller's cgroup root */
	CALLER_INIT,           /* the cgroup of the init of the caller's pid namespace */
	CALLER_OWN,            /* the caller's own cgroup */
	CALLER_UNKNOWN,        /* not found; the root cgroup, only where unknown callers may see the host */
};

/*
 * The caller's container with a reference; NULL with CG_ERROR ESRCH when it
 * cannot be found: it has no pid here, or it or its cgroup is gone. With `unknown_host` the host's root
 * cgroup is then given instead. Every other failure keeps its code and is never answered with
 * the host's figures: EINVAL for a cgroup outside of what the daemon sees and for malformed text, EACCES for
 * namespaces that cannot be read (of others' processes that takes CAP_SYS_PTRACE), EMFILE, ENAMETOOLONG …
 * ret_step may be NULL.
 */
Container *caller_container(Registry *registry, pid_t tid, bool unknown_host, enum caller_step *ret_step,
			    GError **error);

/* The caller is in the daemon's own pid and user namespace. */
bool caller_is_host(const Host *host, pid_t tid);

/* The caller is in the daemon's own pid namespace, whatever its user namespace. */
bool caller_is_beside(const Host *host, pid_t tid);
