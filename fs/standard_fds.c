/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/standard_fds.h"

#include <fcntl.h>
#include <unistd.h>

void standard_fds_fill(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

void standard_fds_leave(void)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null_fd >= 0 && fd <= 2; fd++)
		dup2(null_fd, fd);
	if (null_fd > 2)
		close(null_fd);
}
