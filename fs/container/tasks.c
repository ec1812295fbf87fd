/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/tasks.h"

#include "fs/container/host_private.h"
#include "fs/container/tasks_private.h"

#include <errno.h>

struct youngest {
	pid_t tid;
	uint64_t start_us;
};

bool tasks_has_pid_namespace(const Host *host, pid_t init)
{
	pid_t ids[HOST_PID_LEVELS];
	int n = init > 0 ? host_ns_pids(host, init, ids) : 0;

	return n > 1 && ids[n - 1] == 1;
}

/* How many pid namespaces lie between the host's and the container's; -errno where init is gone. */
static int depth_of(const Host *host, pid_t init)
{
	pid_t ids[HOST_PID_LEVELS];
	int n = init > 0 ? host_ns_pids(host, init, ids) : 1;

	return n < 0 ? n : n - 1;
}

/* A thread's id at that depth; 0 where it has none, as one that was only moved into the cgroup. */
static pid_t id_at(const Host *host, pid_t tid, int depth)
{
	pid_t ids[HOST_PID_LEVELS];

	if (depth == 0)
		return tid;
	return depth > 0 && host_ns_pids(host, tid, ids) > depth ? ids[depth] : 0;
}

static void count_one(struct view_tasks *tasks, struct youngest *youngest, pid_t tid,
		      const struct host_process *process)
{
	tasks->total++;
	tasks->running += process->state == 'R';
	tasks->blocked += process->state == 'D';
	if (process->start_us < youngest->start_us || (process->start_us == youngest->start_us && tid < youngest->tid))
		return;
	*youngest = (struct youngest){ .tid = tid, .start_us = process->start_us };
}

bool tasks_count(const Host *host, CgGroup *group, pid_t init, struct view_tasks *ret_tasks, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	struct view_tasks tasks = { 0 };
	struct youngest youngest = { 0 };

	if (!cg_group_threads(group, ids, error))
		return false;
	for (unsigned i = 0; i < ids->len; i++) {
		pid_t tid = g_array_index(ids, pid_t, i);
		struct host_process process;

		if (host_process(host, tid, &process) == 0)
			count_one(&tasks, &youngest, tid, &process);
	}
	if (youngest.tid > 0)
		tasks.last_pid = (uint64_t)id_at(host, youngest.tid, depth_of(host, init));
	*ret_tasks = tasks;
	return true;
}
