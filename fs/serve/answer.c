/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/answer.h"

#include <errno.h>
#include <glib.h>
#include <linux/fuse.h>

/* include/uapi/linux/fuse.h of Linux 6.9, which Debian 12's headers are older than. */
#define NOTIFY_RESEND 7

int answer_send(int device, const struct iovec *parts, int count)
{
	ssize_t r;

	do {
		r = writev(device, parts, count);
	} while (r < 0 && errno == EINTR);
	if (r >= 0)
		return 0;
	if (errno != ENOENT && errno != ENODEV)
		g_debug("an answer of %d parts: %s", count, g_strerror(errno));
	return -errno;
}

static int send_with_header(int device, struct fuse_out_header header, const void *data, size_t length)
{
	struct iovec parts[] = { { &header, sizeof header }, { (void *)(uintptr_t)data, length } };

	header.len = (uint32_t)(sizeof header + length);
	return answer_send(device, parts, length ? 2 : 1);
}

int answer_data(int device, uint64_t unique, const void *data, size_t length)
{
	return send_with_header(device, (struct fuse_out_header){ .unique = unique }, data, length);
}

int answer_error(int device, uint64_t unique, int code)
{
	return send_with_header(device, (struct fuse_out_header){ .unique = unique, .error = -code }, NULL, 0);
}

/* A message of the daemon's own has no request's number, and its code in place of the error. */
int answer_ask_again(int device)
{
	return send_with_header(device, (struct fuse_out_header){ .error = NOTIFY_RESEND }, NULL, 0);
}
