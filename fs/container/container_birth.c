/* SPDX-License-Identifier: Apache-2.0
 *
 * When a container started, and in which namespaces.
 */
#include "fs/container/container_private.h"
#include "fs/container/host_private.h"
#include "fs/container/tasks_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many processes are looked at for the oldest one; 4096 take 40 ms, once a container. */
#define OLDEST_BOUND 4096

static bool is_root(const struct cg_paths *paths)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		if (paths->of[i] && strcmp(paths->of[i], "/") != 0)
			return false;
	return true;
}

/* The oldest process of the cgroup; 0 where there is none. */
static pid_t oldest(const Host *host, CgGroup *group, uint64_t *ret_us)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	pid_t oldest = 0;

	if (!cg_group_processes(group, ids, NULL))
		return 0;
	for (unsigned i = 0; i < MIN(ids->len, OLDEST_BOUND); i++) {
		pid_t pid = g_array_index(ids, pid_t, i);
		uint64_t start_us;

		if (!host_start_us(host, pid, &start_us) || (oldest > 0 && start_us >= *ret_us))
			continue;
		oldest = pid;
		*ret_us = start_us;
	}
	return oldest;
}

/* A line of timens_offsets, "boottime 86400 0"; the first kernels that had it wrote the clock's number. */
static bool parse_offset(const char *line, int64_t *ret_us)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
	const char *found[3] = { NULL };
	unsigned n = 0;

	for (char **word = words; *word && n < 3; word++)
		if (**word)
			found[n++] = *word;
	if (n < 3 || (strcmp(found[0], "boottime") != 0 && atoi(found[0]) != CLOCK_BOOTTIME))
		return false;
	*ret_us = g_ascii_strtoll(found[1], NULL, 10) * 1000000 + g_ascii_strtoll(found[2], NULL, 10) / 1000;
	return true;
}

/* time_namespaces(7); a kernel before 5.6 has none. */
static bool boot_offset(const Host *host, pid_t pid, int64_t *ret_us)
{
	uint64_t own = host_own_namespace(host, "time");
	uint64_t its = host_pid_namespace(host, pid, "time");
	char text[HOST_SMALL];
	g_auto(GStrv) lines = NULL;

	if (own == 0 || its == 0 || own == its || host_read_small(host, pid, "timens_offsets", text, sizeof(text)) < 0)
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		if (parse_offset(*line, ret_us))
			return true;
	return false;
}

void container_birth_look(struct container_birth *birth, const Host *host)
{
	pid_t witness = birth->init;

	birth->start_us = host_now_us(host);
	if (birth->init > 0 && host_start_us(host, birth->init, &birth->init_start_us)) {
		birth->start_us = birth->init_start_us;
		birth->own_pids = tasks_has_pid_namespace(host, birth->init);
	} else if (is_root(cg_group_paths(birth->group))) {
		birth->start_us = 0; /* the machine itself */
		return;
	} else {
		witness = oldest(host, birth->group, &birth->start_us);
	}
	birth->has_boot_offset = witness > 0 && boot_offset(host, witness, &birth->boot_offset_us);
}
