/* SPDX-License-Identifier: Apache-2.0
 *
 * What config.json hides in the container's /proc and /sys, or makes read-only (config-linux.md and config.md of the
 * runtime specification). Runtimes do so only after the hooks were called; they hide a directory beneath a read-only
 * tmpfs, a file beneath /dev/null.
 */
#pragma once

#include "fs/mount/oci_state.h"

#include <stdbool.h>

/* Absolute paths in /proc or /sys or those themselves, without "." and ".."; each list owned and NULL-terminated. */
struct oci_masks {
	GStrv masked;    /* linux.maskedPaths */
	GStrv read_only; /* linux.readonlyPaths */
	bool cgroups_read_only; /* what `mounts` puts at /sys/fs/cgroup is read-only, though with crun not yet when the hooks are called */
};

void oci_masks_clear(struct oci_masks *masks);

/* From the text of config.json. Written only on success; CG_ERROR EINVAL and a sentence that names the member. */
bool oci_masks_parse(const char *text, gsize length, struct oci_masks *ret_masks, GError **error);

/* The same of the container's bundle. */
bool oci_masks_load(const struct oci_container *container, struct oci_masks *ret_masks, GError **error);

/* The path is one of those or below one of them. */
bool oci_masks_hide(const struct oci_masks *masks, const char *path);
