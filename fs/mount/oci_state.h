/* SPDX-License-Identifier: Apache-2.0
 *
 * What an OCI runtime tells a hook: the state on standard input (runtime.md,
 * "State", of the runtime specification) and the bundle's config.json
 * (config.md). Errors are CG_ERROR and sentences that name the member.
 */
#pragma once

#include "cgroup/error.h"

#include <glib.h>
#include <sys/types.h>

#define OCI_TEXT_MAX ((gsize)16 << 20) /* bytes of state or config.json */

/* Everything owned; oci_container_clear() frees it and leaves an empty value. */
struct oci_container {
	char *id;
	char *status;
	char *bundle;            /* absolute */
	char *rootfs;            /* absolute, as the runtime's mount namespace sees it; NULL until known */
	pid_t pid;               /* 0 where the state has none */
	GHashTable *annotations; /* char * -> char *; NULL until known */
};

void oci_container_clear(struct oci_container *container);

/*
 * The state's text. Annotations are taken from it, and the rootfs where it has
 * `root` (crun). ret_container is written only on success.
 */
bool oci_state_parse(const char *text, gsize length, struct oci_container *ret_container, GError **error);

/* What the state left open, from the text of config.json: root.path, relative to the bundle, and annotations. */
bool oci_config_parse(const char *text, gsize length, struct oci_container *container, GError **error);

/*
 * Both: the state's text, completed from BUNDLE/config.json where needed; not for a container whose state says that
 * it is to be left alone. ret_container is written only on success.
 */
bool oci_container_load(const char *text, gsize length, struct oci_container *ret_container, GError **error);

/*
 * The container can be told from the others at this stage: its status is
 * "creating" or "created" and its pid is one of the host (the createContainer
 * stage runs in the container's namespaces and says 0 or 1).
 */
bool oci_container_check_stage(const struct oci_container *container, GError **error);

/* The annotations procvirt.dev/… */
struct oci_options {
	bool enable;           /* procvirt.dev/enable; true unless "false" */
	const char *cpu_count; /* procvirt.dev/cpu-count: quota, cpuset, shares; NULL: the daemon's default; borrowed */
	bool has_renumber_cpus, renumber_cpus; /* procvirt.dev/renumber-cpus */
	bool nesting;                          /* procvirt.dev/nesting: fs/mount/nesting.h */
	const char *cgroup_shape;              /* procvirt.dev/cgroup-shape: fs/view/shape.h; likewise */
};

/* A bad value and an annotation procvirt.dev/… of another name are errors. ret_options is written only on success. */
bool oci_options_parse(GHashTable *annotations, struct oci_options *ret_options, GError **error);

/* All of a file, at most OCI_TEXT_MAX bytes (EFBIG); newly allocated and NUL-terminated. `what` names it in errors. */
char *oci_read(int fd, const char *what, gsize *ret_length, GError **error);

/* The same of BUNDLE/config.json. */
char *oci_config_read(const struct oci_container *container, gsize *ret_length, GError **error);
