/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of a /proc/PID/mountinfo (proc(5), the kernel's
 * Documentation/filesystems/proc.rst section 3.5). Fields are borrowed from
 * the text and still escaped as the kernel does (\040 for a space).
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>
#include <stddef.h>

/* A piece of a text, not terminated. */
struct mountinfo_field {
	const char *start;
	size_t length;
};

struct mountinfo {
	struct mountinfo_field id, parent; /* numbers */
	struct mountinfo_field root, mount_point, type;
	struct mountinfo_field options, super_options; /* of the mount alone, and of all mounts of the file system */
};

/*
 * Takes the next line. At the end *ret_more is false and ret_mount untouched;
 * a malformed line returns false with CG_ERROR EINVAL that names `file`.
 */
bool mountinfo_next(const char **cursor, const char *file, struct mountinfo *ret_mount, bool *ret_more, GError **error);

bool mountinfo_is(const struct mountinfo_field *field, const char *text);

/* The options have this one, which is a word between commas. */
bool mountinfo_has(const struct mountinfo_field *options, const char *word);

/* The version of cgroups that this mount is of; 0 for another file system. */
int mountinfo_cgroup_version(const struct mountinfo *mount);

/* It can be written to: neither the mount is read-only nor its super block (show_mountinfo() of fs/proc_namespace.c). */
bool mountinfo_is_writable(const struct mountinfo *mount);

/* The field with its escapes undone, newly allocated. */
char *mountinfo_decode(const struct mountinfo_field *field);
