/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/running.h"

#include "fs/mount/naming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void running_free(gpointer pointer)
{
	struct running *running = pointer;

	g_free(running->name);
	g_free(running);
}

/* The text of PROC/PID/NAME; NULL where the process has ended. */
static char *read_of(const char *proc, const char *pid, const char *name)
{
	g_autofree char *path = g_build_filename(proc, pid, name, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

/* "NSpid:" has the numbers of a process from this /proc's namespace down to its own. */
bool running_is_init(const char *status)
{
	static const char label[] = "\nNSpid:\t";
	const char *line = strstr(status, label);
	g_autofree char *numbers = NULL;
	const char *last;

	if (!line)
		return false;
	line += strlen(label);
	numbers = g_strndup(line, strcspn(line, "\n"));
	last = strrchr(numbers, '\t');
	return last && strcmp(last, "\t1") == 0;
}

/* A process that has ended meanwhile has none. */
static bool is_elsewhere(const char *proc, const char *pid)
{
	g_autofree char *its_path = g_build_filename(proc, pid, "ns/mnt", NULL);
	g_autofree char *own_path = g_build_filename(proc, "self/ns/mnt", NULL);
	g_autofree char *its = g_file_read_link(its_path, NULL), *own = g_file_read_link(own_path, NULL);

	return its && own && strcmp(its, own) != 0;
}

static struct running *look(const char *proc, const char *pid)
{
	g_autofree char *status = g_ascii_isdigit(*pid) ? read_of(proc, pid, "status") : NULL;
	g_autofree char *cgroup = NULL;
	struct running *running;

	if (!status || !running_is_init(status) || !is_elsewhere(proc, pid))
		return NULL;
	cgroup = read_of(proc, pid, "cgroup");
	if (!cgroup)
		return NULL;
	running = g_new0(struct running, 1);
	*running = (struct running){ .pid = atoi(pid), .name = naming_from_cgroup(cgroup) };
	return running;
}

static int compare_pids(gconstpointer a, gconstpointer b)
{
	const struct running *left = *(struct running *const *)a, *right = *(struct running *const *)b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

GPtrArray *running_find(const char *proc, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(running_free);
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) dir = g_dir_open(proc, 0, &why);
	const char *name;

	if (!dir) {
		cg_fail(error, EIO, "looking for containers: %s", why->message);
		return NULL;
	}
	while ((name = g_dir_read_name(dir))) {
		struct running *running = look(proc, name);

		if (running)
			g_ptr_array_add(found, running);
	}
	g_ptr_array_sort(found, compare_pids);
	return g_steal_pointer(&found);
}

char *running_name(const char *proc, pid_t pid)
{
	g_autofree char *number = g_strdup_printf("%d", (int)pid);
	g_autofree char *cgroup = read_of(proc, number, "cgroup");

	return cgroup ? naming_from_cgroup(cgroup) : NULL;
}
