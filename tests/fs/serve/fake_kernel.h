/* SPDX-License-Identifier: Apache-2.0
 *
 * The other side of a session: a socket that keeps the bounds of what is sent, as /dev/fuse does, and
 * what the kernel would send and expect. Failures end the running test.
 */
#pragma once

#include "fs/serve/node.h"

#include <linux/fuse.h>

#define MOST_ANSWER ((size_t)128 << 10)

struct fake_kernel {
	int device; /* for the session */
	int end;    /* ours */
	uint64_t unique;
	uint32_t pid; /* of who asks */
};

void fake_kernel_open(struct fake_kernel *kernel);
void fake_kernel_close(struct fake_kernel *kernel);

/* Each returns the request's number. */
uint64_t fake_kernel_init(struct fake_kernel *kernel, uint64_t flags);
uint64_t fake_kernel_read(struct fake_kernel *kernel, const struct node *node, uint64_t handle, uint64_t offset,
			  uint32_t size);
uint64_t fake_kernel_release(struct fake_kernel *kernel, const struct node *node, uint64_t handle);
/* Any other; `in` is what follows the header. */
uint64_t fake_kernel_ask(struct fake_kernel *kernel, uint32_t opcode, const struct node *node, const void *in,
			 size_t length);
uint64_t fake_kernel_interrupt(struct fake_kernel *kernel, uint64_t request);

/* A message of the session's: an answer, or one of its own (number 0, `error` says which). */
struct fake_answer {
	struct fuse_out_header header;
	char data[MOST_ANSWER];
	size_t length; /* of the data */
};

/* Waits for the next one; the patience is generous. */
void fake_kernel_next(struct fake_kernel *kernel, struct fake_answer *ret_answer);

/* Whether there is one within so many milliseconds. */
bool fake_kernel_has_next(struct fake_kernel *kernel, int wait_ms);

/* The answer to this request; others that come before are thrown away. */
void fake_kernel_answer_to(struct fake_kernel *kernel, uint64_t unique, struct fake_answer *ret_answer);
