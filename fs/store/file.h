/* SPDX-License-Identifier: Apache-2.0
 *
 * Of this room alone: is this a file that may be mapped? An empty one is made
 * ready. The errors are those of store_open().
 */
#pragma once

#include "fs/store/layout.h"

bool file_check(int fd, GError **error);
