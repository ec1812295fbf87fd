/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/serve/fake_kernel.h"

#include "tests/fs/harness.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define PATIENCE_MS 60000

void fake_kernel_open(struct fake_kernel *kernel)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	*kernel = (struct fake_kernel){ .end = ends[0], .device = ends[1] };
}

void fake_kernel_close(struct fake_kernel *kernel)
{
	close(kernel->end);
	close(kernel->device);
}

/* Numbers are even: the lowest bit marks an INTERRUPT (fs/fuse/fuse_i.h, FUSE_INT_REQ_BIT). */
static uint64_t send_request(struct fake_kernel *kernel, uint32_t opcode, uint64_t inode, const void *in, size_t length)
{
	unsigned char request[512];
	struct fuse_in_header header = {
		.len = (uint32_t)(sizeof header + length), .opcode = opcode, .nodeid = inode, .pid = kernel->pid
	};

	header.unique = kernel->unique += 2;
	memcpy(request, &header, sizeof header);
	memcpy(request + sizeof header, in, length);
	assert_int_equal(send(kernel->end, request, header.len, MSG_NOSIGNAL), header.len);
	return header.unique;
}

uint64_t fake_kernel_init(struct fake_kernel *kernel, uint64_t flags)
{
	struct fuse_init_in in = {
		.major = FUSE_KERNEL_VERSION,
		.minor = 38,
		.max_readahead = 131072,
		.flags = (uint32_t)flags | FUSE_INIT_EXT | FUSE_MAX_PAGES,
		.flags2 = (uint32_t)(flags >> 32),
	};

	return send_request(kernel, FUSE_INIT, 0, &in, sizeof in);
}

uint64_t fake_kernel_read(struct fake_kernel *kernel, const struct node *node, uint64_t handle, uint64_t offset,
			  uint32_t size)
{
	struct fuse_read_in in = { .fh = handle, .offset = offset, .size = size, .lock_owner = 1 };

	return send_request(kernel, FUSE_READ, node_to_inode(node), &in, sizeof in);
}

uint64_t fake_kernel_release(struct fake_kernel *kernel, const struct node *node, uint64_t handle)
{
	struct fuse_release_in in = { .fh = handle };

	return send_request(kernel, FUSE_RELEASE, node_to_inode(node), &in, sizeof in);
}

uint64_t fake_kernel_ask(struct fake_kernel *kernel, uint32_t opcode, const struct node *node, const void *in,
			 size_t length)
{
	return send_request(kernel, opcode, node_to_inode(node), in, length);
}

uint64_t fake_kernel_interrupt(struct fake_kernel *kernel, uint64_t request)
{
	struct fuse_interrupt_in in = { .unique = request };

	return send_request(kernel, FUSE_INTERRUPT, 0, &in, sizeof in);
}

bool fake_kernel_has_next(struct fake_kernel *kernel, int wait_ms)
{
	struct pollfd polled = { kernel->end, POLLIN, 0 };

	return poll(&polled, 1, wait_ms) == 1;
}

void fake_kernel_next(struct fake_kernel *kernel, struct fake_answer *ret_answer)
{
	struct iovec parts[] = { { &ret_answer->header, sizeof ret_answer->header },
				 { ret_answer->data, sizeof ret_answer->data } };
	ssize_t got;

	assert_true(fake_kernel_has_next(kernel, PATIENCE_MS));
	got = readv(kernel->end, parts, 2);
	assert_true(got >= (ssize_t)sizeof ret_answer->header);
	assert_int_equal(got, ret_answer->header.len);
	ret_answer->length = (size_t)got - sizeof ret_answer->header;
}

void fake_kernel_answer_to(struct fake_kernel *kernel, uint64_t unique, struct fake_answer *ret_answer)
{
	do {
		fake_kernel_next(kernel, ret_answer);
	} while (ret_answer->header.unique != unique);
}
