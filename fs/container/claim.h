/* SPDX-License-Identifier: Apache-2.0
 *
 * May a user have this process registered as a container, and is the cgroup
 * the user's? What counts is the power that the kernel gives the user already:
 *
 * The process's user namespace, or one above it below the daemon's, was made by this user, who has
 * all capabilities in it (user_namespaces(7)). That the process runs with the user's uid is
 * not enough and does not matter: a program with the set-user-id bit does, too, and what is in
 * a container runs with subordinate uids.
 *
 * The cgroup belongs to the user, or to a uid that the process's namespace maps: with all capabilities in it the user
 * can become any of those, and runtimes give a container's cgroup to the container's root.
 */
#pragma once

#include "fs/container/host.h"

#include <stdbool.h>

#define CLAIM_LEVELS 33  /* user namespaces nest to 32 levels: kernel/user_namespace.c, create_user_ns() */
#define CLAIM_RANGES 340 /* UID_GID_MAP_MAX_EXTENTS of include/linux/user_namespace.h */

/* What is known of the process. Uids are of the daemon's user namespace. */
struct claim {
	uid_t uid;                 /* who claims it */
	uid_t nobody;              /* what the kernel calls each uid that has no number here: it may be anybody */
	unsigned n_owners;         /* 0: it is in the daemon's user namespace, or in one that is not below that */
	uid_t owner[CLAIM_LEVELS]; /* of its user namespaces, from its own one up to the last below the daemon's */
	unsigned n_ranges;
	struct claim_range {
		uint64_t first, count;
	} range[CLAIM_RANGES]; /* that its own user namespace maps */
};

/* 0 or -errno; reads the process's namespaces only. */
int claim_look(const Host *host, pid_t pid, uid_t uid, struct claim *ret_claim);

/* The text of a /proc/PID/uid_map, into the claim's ranges; false for text that is none. Pure, as are the decisions. */
bool claim_parse_map(const char *text, struct claim *claim);

/* False with EPERM and the reason. */
bool claim_allows(const struct claim *claim, GError **error);

/* Of a process that is allowed: a cgroup of this owner is the user's. Never root's. */
bool claim_covers(const struct claim *claim, uid_t owner);
