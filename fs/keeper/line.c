/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/line.h"

#include <errno.h>
#include <sys/socket.h>

bool line_send(int fd, enum line_message message)
{
	unsigned char byte = (unsigned char)message;
	ssize_t sent;

	do {
		sent = send(fd, &byte, sizeof byte, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent == sizeof byte;
}

enum line_message line_receive(int fd)
{
	unsigned char byte;
	ssize_t got;

	do {
		got = recv(fd, &byte, sizeof byte, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got == sizeof byte)
		return (enum line_message)byte;
	return got < 0 && errno == EAGAIN ? LINE_NOTHING : LINE_CLOSED;
}
