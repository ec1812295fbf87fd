/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/error.h"
#include "fs/control/client.h"
#include "fs/control/status.h"
#include "fs/ctl/ctl.h"

#include <errno.h>
#include <stdio.h>

#define ANSWER_MS     (CONTROL_UPGRADE_MS + 2000) /* the daemon says itself that it took too long */
#define SUCCESSOR_MS  10000
#define LOOK_AGAIN_US 20000

/* The answer of the worker that gives way. */
static JsonObject *ask_for_upgrade(const char *socket, struct daemon_status *ret_before, GError **error)
{
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(JsonObject) reply = NULL;

	json_object_set_string_member(request, "op", "upgrade");
	reply = control_call_within(socket, request, ANSWER_MS, NULL, error);
	if (!reply || !daemon_status_read(reply, ret_before, error))
		return NULL;
	return g_steal_pointer(&reply);
}

/* The first answer of another worker. The one that gives way may still answer for a moment. */
static JsonObject *wait_for_successor(const char *socket, int64_t before, struct daemon_status *ret_status,
				      GError **error)
{
	gint64 deadline_us = g_get_monotonic_time() + SUCCESSOR_MS * G_GINT64_CONSTANT(1000);

	while (g_get_monotonic_time() < deadline_us) {
		g_autoptr(JsonObject) reply = daemon_status_fetch(socket, ret_status, error);

		if (!reply)
			return NULL;
		if (ret_status->worker != before)
			return g_steal_pointer(&reply);
		g_usleep(LOOK_AGAIN_US);
	}
	cg_fail(error, ETIMEDOUT, "the new worker started, but the old one has not given way within %d s",
		SUCCESSOR_MS / 1000);
	return NULL;
}

static void print_upgrade(const struct daemon_status *before, const struct daemon_status *after)
{
	g_autofree char *from = g_strescape(before->version, NULL), *to = g_strescape(after->version, NULL);

	printf("upgraded from %s to %s; worker %" G_GINT64_FORMAT " has taken over from %" G_GINT64_FORMAT "\n", from,
	       to, after->worker, before->worker);
}

enum ctl_status ctl_upgrade(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
	struct daemon_status before, after;
	g_autoptr(JsonObject) old = NULL;
	g_autoptr(JsonObject) new = NULL;
	g_autoptr(GError) error = NULL;

	if (ctl_parse(ctl, command, NULL, &argc, &argv, 0, 0) != CTL_OK)
		return CTL_USAGE;
	old = ask_for_upgrade(ctl->socket, &before, &error);
	if (old)
		new = wait_for_successor(ctl->socket, before.worker, &after, &error);
	if (!new)
		return ctl_fail("%s", error->message);
	print_upgrade(&before, &after);
	return CTL_OK;
}
