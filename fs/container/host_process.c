/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host says of one process. Formats: proc(5).
 */
#include "fs/container/host_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define US_PER_S 1000000

/* Of /proc/PID/stat: 3 is the state, 22 the start time in ticks since boot, 31 the thread's own pending signals. */
#define STAT_STATE   3
#define STAT_START   22
#define STAT_PENDING 31

static uint64_t us_of_ticks(uint64_t ticks)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

	return ticks / hz * US_PER_S + ticks % hz * US_PER_S / hz;
}

/* A field from the third on; NULL where there is none. */
static const char *stat_field(const char *text, unsigned number)
{
	const char *field = strrchr(text, ')'); /* the name before it may hold spaces and parentheses */

	for (unsigned i = STAT_STATE - 1; field && i < number; i++) {
		field = strchr(field, ' ');
		field = field ? field + 1 : NULL;
	}
	return field;
}

static bool stat_number(const char *text, unsigned which, uint64_t *ret_number)
{
	const char *field = stat_field(text, which);
	uint64_t number;
	char *end;

	if (!field || !g_ascii_isdigit(*field))
		return false;
	number = g_ascii_strtoull(field, &end, 10);
	if (*end != ' ' && *end != '\n' && *end != '\0')
		return false;
	*ret_number = number;
	return true;
}

bool host_parse_stat(const char *text, struct host_process *ret_process)
{
	const char *state = stat_field(text, STAT_STATE);
	uint64_t ticks;

	if (!state || !g_ascii_isalpha(*state) || !stat_number(text, STAT_START, &ticks))
		return false;
	*ret_process = (struct host_process){ .state = *state, .start_us = us_of_ticks(ticks) };
	return true;
}

bool host_parse_dying(const char *text)
{
	const char *state = stat_field(text, STAT_STATE);
	uint64_t pending;

	if (state && (*state == 'Z' || *state == 'X'))
		return true;
	return stat_number(text, STAT_PENDING, &pending) && pending & UINT64_C(1) << (SIGKILL - 1);
}

bool host_is_dying(const Host *host, pid_t tid)
{
	char text[HOST_SMALL];
	ssize_t n = host_read_small(host, tid, "stat", text, sizeof(text));

	return n < 0 ? n == -ENOENT || n == -ESRCH : host_parse_dying(text);
}

int host_process(const Host *host, pid_t pid, struct host_process *ret_process)
{
	char text[HOST_SMALL];
	ssize_t n = host_read_small(host, pid, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	return host_parse_stat(text, ret_process) ? 0 : -EPROTO;
}

bool host_is_stuck(const Host *host, pid_t tid)
{
	struct host_process process;

	return host_process(host, tid, &process) == 0 && process.state == 'D';
}

bool host_start_us(const Host *host, pid_t pid, uint64_t *ret_us)
{
	struct host_process process;

	if (host_process(host, pid, &process) < 0)
		return false;
	*ret_us = process.start_us;
	return true;
}

int host_ns_pids(const Host *host, pid_t pid, pid_t ret_pids[HOST_PID_LEVELS])
{
	static const char label[] = "\nNSpid:";
	char text[HOST_SMALL];
	ssize_t n = host_read_small(host, pid, "status", text, sizeof(text));
	const char *at = n < 0 ? NULL : strstr(text, label);
	int found = 0;

	if (n < 0)
		return (int)n;
	if (!at)
		return -EPROTO;
	for (at += strlen(label); *at == '\t' && found < HOST_PID_LEVELS; found++) {
		char *end;

		ret_pids[found] = (pid_t)g_ascii_strtoull(at + 1, &end, 10);
		if (end == at + 1)
			return -EPROTO;
		at = end;
	}
	return found > 0 ? found : -EPROTO;
}

pid_t host_leader(const Host *host, pid_t tid)
{
	static const char label[] = "\nTgid:\t";
	char text[HOST_SMALL];
	ssize_t n = host_read_small(host, tid, "status", text, sizeof(text));
	const char *at = n < 0 ? NULL : strstr(text, label);
	pid_t leader = at ? (pid_t)g_ascii_strtoull(at + strlen(label), NULL, 10) : 0;

	if (n < 0)
		return (pid_t)n;
	return leader > 0 ? leader : -EPROTO;
}

bool host_lives(const Host *host, pid_t pid, uint64_t start_us)
{
	struct host_process process;

	return host_process(host, pid, &process) == 0 && process.state != 'Z' && process.state != 'X' &&
	       process.start_us == start_us;
}
