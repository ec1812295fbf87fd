/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that are written to the device without libfuse. That a request has been answered before, or is nobody's any
 * more, the kernel says with ENOENT (fuse_dev_do_write() of fs/fuse/dev.c): it is no failure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Any answer, as libfuse or we have made it: 0, or -ENOENT where nobody waits for it. */
int answer_send(int device, const struct iovec *parts, int count);

int answer_data(int device, uint64_t unique, const void *data, size_t length);

/* 0 for success without data. */
int answer_error(int device, uint64_t unique, int code);

/*
 * Asks the kernel to put all requests that were read and not answered into its queue again. It does so from Linux 6.9 on,
 * and says so in INIT; -EINVAL from older ones.
 */
int answer_ask_again(int device);
