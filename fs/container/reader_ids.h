/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids of processes as a reader's pid namespace numbers them (pid_namespaces(7)): what the kernel does for who reads its
 * own lists, and must not be done for the daemon instead.
 */
#pragma once

#include "fs/container/host.h"

#include <stdbool.h>

/* How a list of ids is written. */
enum ids_style {
	IDS_V1, /* sorted, without those that the reader's namespace does not show: cgroup_pidlist_start() of kernel/cgroup/cgroup-v1.c */
	IDS_V2, /* those are 0: __cgroup_procs_start() and task_pid_vnr() of kernel/cgroup/cgroup.c */
};

/*
 * Appends one id a line. `ids` (elements pid_t) are the host's, of processes or of threads; those that have ended meanwhile may be left
 * out. `reader` is the host's id of a thread of the reader, 0 where it has none: then no process is shown. False with
 * ESRCH where the reader is gone, and EOVERFLOW for more than 32768 ids where they have to be translated.
 */
bool reader_ids_append(const Host *host, pid_t reader, const GArray *ids, enum ids_style style, GString *text,
		       GError **error);

/*
 * The other direction: which of the host's ids the reader knows by this number; ESRCH where it is none of them, and errors as above.
 */
bool reader_ids_find(const Host *host, pid_t reader, const GArray *ids, pid_t number, pid_t *ret_id, GError **error);
