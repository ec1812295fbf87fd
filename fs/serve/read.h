/* SPDX-License-Identifier: Apache-2.0
 *
 * READ, the request that all is about. It is answered without libfuse, which does not tell the request's number, by which a
 * text knows who took it (texts.h).
 */
#pragma once

#include "fs/serve/ops.h"

/* Answers it; `request` is a FUSE_READ in full. */
void read_answer(struct serve *serve, int device, const struct fuse_in_header *request);
