/* SPDX-License-Identifier: Apache-2.0
 *
 * From /proc/PID/cgroup and /proc/PID/mountinfo to a container's path in each
 * controller's hierarchy. Formats: cgroups(7), proc(5). Pure text work.
 */
#pragma once

#include "cgroup/cg.h"
#include "cgroup/hierarchies.h"

#include <glib.h>

void cg_paths_clear(struct cg_paths *paths);
void cg_paths_copy(struct cg_paths *to, const struct cg_paths *from); /* `to` is overwritten, not freed */
bool cg_paths_equal(const struct cg_paths *a, const struct cg_paths *b);

/*
 * The paths that the text of a /proc/PID/cgroup gives. A line of a hierarchy
 * that this host does not mount is skipped. Paths outside the daemon's own
 * cgroup namespace ("/../x"), a "(deleted)" cgroup and malformed lines are
 * errors that name `file`: EINVAL, ESRCH for a deleted one.
 */
bool cg_paths_parse(const CgHierarchies *hierarchies, const char *text, const char *file, struct cg_paths *ret_paths,
		    GError **error);

/*
 * The container boundary that a cgroup namespace shows: the text is the
 * caller's mountinfo as the host reads it. Where a cgroup mount below
 * /sys/fs/cgroup has a root other than "/" and that root is `own`'s path in
 * that hierarchy or an ancestor of it, that root is the container's path in
 * that hierarchy; elsewhere `own`'s path stays. *ret_found says whether any
 * hierarchy had one. ret_paths is written only on success.
 */
bool cg_paths_namespace_root(const CgHierarchies *hierarchies, const char *mountinfo, const char *file,
			     const struct cg_paths *own, struct cg_paths *ret_paths, bool *ret_found, GError **error);

/*
 * The text, again a mountinfo as the host reads it, has a mount that can be written to of the hierarchy that carries the
 * controller, and the cgroup `path` is in it. Whoever has that mount may write there as far as the cgroup's own files let him.
 * False also for text that is not understood.
 */
bool cg_path_is_writable(const CgHierarchies *hierarchies, const char *mountinfo, const char *file,
			 enum cg_controller controller, const char *path);

/* Removes a trailing "/init.scope" (systemd inside a container puts init there); "/init.scope" itself stays. */
void cg_path_strip_init_scope(char *path);

/* The same for each path. */
void cg_paths_strip_init_scope(struct cg_paths *paths);

/* `inner` is `outer` or lies below it; "/" holds everything. */
bool cg_path_within(const char *inner, const char *outer);
