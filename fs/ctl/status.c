/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/status.h"
#include "fs/ctl/ctl.h"

#include <stdio.h>

/* In local time; what no time is, is left as the number that it was. */
static char *date_text(int64_t seconds)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(seconds);

	return date ? g_date_time_format(date, "%F %T") : g_strdup_printf("%" G_GINT64_FORMAT, seconds);
}

static void print_daemon(const struct daemon_status *status)
{
	g_autofree char *version = g_strescape(status->version, NULL), *mount = g_strescape(status->mount, NULL);
	g_autofree char *since = date_text(status->daemon_since);

	printf("version     %s\nmount       %s, served since %s\n", version, mount, since);
	printf("keeper      process %" G_GINT64_FORMAT "\n", status->keeper);
}

static void print_worker(const struct daemon_status *status)
{
	g_autofree char *since = date_text(status->worker_since);
	g_autofree char *end = g_strescape(status->last_end ? status->last_end : "", NULL);

	printf("worker      process %" G_GINT64_FORMAT ", since %s; number %" G_GINT64_FORMAT "%s%s\n", status->worker,
	       since, status->workers, *end ? ", the one before: " : "", end);
}

static void print_status(const struct daemon_status *status)
{
	print_daemon(status);
	print_worker(status);
	printf("containers  %" G_GINT64_FORMAT " registered, %" G_GINT64_FORMAT " known\n", status->registered,
	       status->known);
	printf("requests    %" G_GINT64_FORMAT " served, %" G_GINT64_FORMAT " of what was gone, %" G_GINT64_FORMAT
	       " failed\n",
	       status->requests, status->gone, status->failed);
	printf("log         %" G_GINT64_FORMAT " lines left out\n", status->log_left_out);
}

static void print_json(JsonObject *reply)
{
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
	g_autofree char *text = NULL;

	json_object_remove_member(reply, "ok");
	json_node_set_object(node, reply);
	text = json_to_string(node, TRUE);
	puts(text);
}

enum ctl_status ctl_status(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "As a JSON object, for programs", NULL },
		G_OPTION_ENTRY_NULL,
	};
	struct daemon_status status;
	g_autoptr(JsonObject) reply = NULL;
	g_autoptr(GError) error = NULL;

	if (ctl_parse(ctl, command, entries, &argc, &argv, 0, 0) != CTL_OK)
		return CTL_USAGE;
	reply = daemon_status_fetch(ctl->socket, &status, &error);
	if (!reply)
		return ctl_fail("%s", error->message);
	if (json)
		print_json(reply);
	else
		print_status(&status);
	return CTL_OK;
}
