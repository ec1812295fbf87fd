/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/stuck.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

/* The state follows the name, which is in brackets and may have any in itself. */
bool stuck_in_kernel(pid_t tid)
{
	g_autofree char *path = g_strdup_printf("/proc/self/task/%d/stat", tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[256];
	const char *bracket;
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[MAX(n, 0)] = '\0';
	bracket = strrchr(text, ')');
	return bracket && strncmp(bracket, ") D", 3) == 0;
}
