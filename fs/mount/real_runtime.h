/* SPDX-License-Identifier: Apache-2.0
 *
 * Which program a runtime wrapper hands over to.
 */
#pragma once

#include "cgroup/error.h"

#include <sys/stat.h>

/*
 * The path of the runtime, newly allocated: `wanted` itself if it has a "/", else the first program of
 * that name (NULL: runc, then crun) in the directories of `path` (as PATH; NULL: the usual ones). Never the program that is
 * `self`, under whatever name, so that a wrapper that is installed as runc finds the one behind it. CG_ERROR, ENOENT.
 */
char *real_runtime_find(const char *wanted, const char *path, const struct stat *self, GError **error);
