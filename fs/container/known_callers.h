/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of a thread that asked before, so that a monitor that
 * reads file after file is identified by one pread instead of a dozen calls.
 *
 * It is remembered with a descriptor of the thread's own /proc/TID/cgroup.
 * That belongs to this very thread: once it has ended, reading it answers ESRCH,
 * whoever has its number by then. So a number that is used again cannot bring
 * one container's figures to another. What was found is used only while all
 * that it was found from is still the same: the thread's cgroups, its
 * namespaces, the registered containers; and, unless it is a registered container, for a
 * second at most.
 *
 * Bounded: one slot for each of 256 remainders of the thread id. Safe for concurrent use.
 */
#pragma once

#include "fs/container/caller.h"

typedef struct KnownCallers KnownCallers;

KnownCallers *known_callers_new(void);
void known_callers_free(KnownCallers *callers);

/* The container that this thread was found to be in, with a reference, if that still holds; else NULL. */
Container *known_callers_recall(KnownCallers *callers, const Host *host, pid_t tid, unsigned registrations,
				enum caller_step *ret_step);

/* Lets go of threads that have ended or moved, and of containers that are gone: they would hold descriptors. */
void known_callers_tidy(KnownCallers *callers, const Host *host);

/*
 * Remembers it. `fd` is the open /proc/TID/cgroup and is taken over; `text` what was read from it
 * before the container was looked for; `registrations` the registry's count from before then, too.
 */
void known_callers_keep(KnownCallers *callers, const Host *host, pid_t tid, int fd, const char *text,
			unsigned registrations, Container *container, enum caller_step step);
