/* SPDX-License-Identifier: Apache-2.0
 *
 * Adding our hook to a bundle on disk, before a runtime reads it.
 */
#pragma once

#include "fs/mount/oci_hooks.h"

/*
 * Adds the hook to BUNDLE/CONFIG, if it has not got it: the file is replaced at once by a new one of the same
 * mode and owner, or stays as it was. It has to be a regular file and no symbolic link. CG_ERROR: what the kernel said, and
 * oci_hooks_add()'s.
 */
bool oci_bundle_add_hook(const char *bundle, const char *config, const struct oci_hook *hook, GError **error);
