/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/descriptors.h"

#include "cgroup/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

G_STATIC_ASSERT(DESCRIPTORS_FIRST == SD_LISTEN_FDS_START);

static const char *const names[DESCRIPTORS] = {
	[DESCRIPTOR_FUSE] = "fuse",       [DESCRIPTOR_JOURNAL] = "journal",   [DESCRIPTOR_STATE] = "state",
	[DESCRIPTOR_CONTROL] = "control", [DESCRIPTOR_LOCK] = "control-lock", [DESCRIPTOR_LINE] = "keeper",
};

static int *find(struct descriptors *descriptors, const char *name)
{
	for (unsigned i = 0; i < DESCRIPTORS; i++) {
		if (strcmp(names[i], name) == 0)
			return &descriptors->fd[i];
	}
	return NULL;
}

void descriptors_init(struct descriptors *descriptors)
{
	for (unsigned i = 0; i < DESCRIPTORS; i++)
		descriptors->fd[i] = -1;
}

bool descriptors_complete(const struct descriptors *descriptors, GError **error)
{
	for (unsigned i = 0; i < DESCRIPTORS; i++) {
		if (descriptors->fd[i] < 0)
			return cg_fail(error, EBADF, "the descriptor \"%s\" was not handed over", names[i]);
	}
	return true;
}

bool descriptors_receive(struct descriptors *ret_descriptors, GError **error)
{
	g_auto(GStrv) given = NULL;
	int n = sd_listen_fds_with_names(1, &given);

	descriptors_init(ret_descriptors);
	if (n < 0)
		return cg_fail(error, -n, "LISTEN_FDS and LISTEN_FDNAMES: %s", g_strerror(-n));
	for (int i = 0; i < n; i++) {
		int *place = find(ret_descriptors, given[i]);

		if (place && *place < 0) {
			*place = DESCRIPTORS_FIRST + i;
			continue;
		}
		g_warning("a descriptor \"%s\" was handed over that is not expected", given[i]);
		close(DESCRIPTORS_FIRST + i);
	}
	return true;
}

void descriptors_close(struct descriptors *descriptors)
{
	for (unsigned i = 0; i < DESCRIPTORS; i++) {
		if (descriptors->fd[i] >= 0)
			close(descriptors->fd[i]);
		descriptors->fd[i] = -1;
	}
}

/* First out of the way, since one's place may be taken by another. */
bool descriptors_place(const struct descriptors *descriptors, unsigned n)
{
	int aside[DESCRIPTORS];

	for (unsigned i = 0; i < n; i++) {
		aside[i] = fcntl(descriptors->fd[i], F_DUPFD_CLOEXEC, DESCRIPTORS_FIRST + DESCRIPTORS);
		if (aside[i] < 0)
			return false;
	}
	for (unsigned i = 0; i < n; i++) {
		if (dup2(aside[i], DESCRIPTORS_FIRST + (int)i) < 0)
			return false;
	}
	return true;
}

/* What is said to the keeper alone: its own descriptors, and where it tells the service manager how it is. */
static bool is_own(const char *variable)
{
	static const char *const own[] = { "LISTEN_", "NOTIFY_SOCKET=", "WATCHDOG_", "FDSTORE=" };

	for (unsigned i = 0; i < G_N_ELEMENTS(own); i++) {
		if (g_str_has_prefix(variable, own[i]))
			return true;
	}
	return false;
}

#define PID_NAME "LISTEN_PID="
#define PID_ROOM "0000000000"

static char *names_of(unsigned n)
{
	GString *text = g_string_new("LISTEN_FDNAMES=");

	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(text, "%s%s", i ? ":" : "", names[i]);
	return g_string_free(text, FALSE);
}

char **descriptors_environment(char **environment, unsigned n)
{
	GPtrArray *array = g_ptr_array_new();

	g_ptr_array_add(array, g_strdup(PID_NAME PID_ROOM));
	g_ptr_array_add(array, g_strdup_printf("LISTEN_FDS=%u", n));
	g_ptr_array_add(array, names_of(n));
	for (char **variable = environment; *variable; variable++) {
		if (!is_own(*variable))
			g_ptr_array_add(array, g_strdup(*variable));
	}
	g_ptr_array_add(array, NULL);
	return (char **)g_ptr_array_free(array, FALSE);
}

void descriptors_set_pid(char **environment)
{
	char digits[sizeof PID_ROOM];
	char *digit = digits + sizeof digits - 1;

	*digit = '\0';
	for (pid_t rest = getpid(); rest > 0 && digit > digits; rest /= 10)
		*--digit = (char)('0' + rest % 10);
	memcpy(environment[0] + strlen(PID_NAME), digit, strlen(digit) + 1);
}

void descriptors_unstore(enum descriptor which)
{
	sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", names[which]);
}

/* FDPOLL=0: the manager would drop our connection as soon as an error polls on it (sd_notify(3)). */
void descriptors_store(const struct descriptors *descriptors)
{
	for (unsigned i = 0; i < DESCRIPTORS_STORED; i++) {
		g_autofree char *state = g_strdup_printf("FDSTORE=1\nFDPOLL=0\nFDNAME=%s", names[i]);
		int r = sd_pid_notify_with_fds(0, 0, state, &descriptors->fd[i], 1);

		if (r <= 0)
			g_warning("the service manager does not keep descriptors for us: %s",
				  r < 0 ? g_strerror(-r) : "there is none");
		if (r <= 0)
			return;
	}
}
