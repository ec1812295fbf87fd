/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/listing.h"
#include "fs/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

/* A cgroup's name is its maker's: what could move a terminal's cursor is escaped. */
static void print_row(const struct listed *listed, int width)
{
	g_autofree char *cgroup = g_strescape(listed->cgroup, NULL);

	printf("%-*s %8" G_GINT64_FORMAT " %10" G_GINT64_FORMAT " %-9s %-8s %s\n", width, listed->id, listed->pid,
	       listed->uid, listed->cpu_count, listed->renumber_cpus ? "yes" : "no", cgroup);
}

static void print_table(const GPtrArray *listing)
{
	size_t width = strlen("ID");

	for (guint i = 0; i < listing->len; i++)
		width = MAX(width, strlen(((const struct listed *)g_ptr_array_index(listing, i))->id));
	printf("%-*s %8s %10s %-9s %-8s %s\n", (int)width, "ID", "PID", "UID", "CPU-COUNT", "RENUMBER", "CGROUP");
	for (guint i = 0; i < listing->len; i++)
		print_row(g_ptr_array_index(listing, i), (int)width);
}

static void print_json(const GPtrArray *listing)
{
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
	JsonArray *array = json_array_new();
	g_autofree char *text = NULL;

	for (guint i = 0; i < listing->len; i++) {
		const struct listed *listed = g_ptr_array_index(listing, i);

		json_array_add_object_element(array, json_object_ref(listed->object));
	}
	json_node_take_array(node, array);
	text = json_to_string(node, TRUE);
	puts(text);
}

enum ctl_status ctl_list(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "As a JSON array, for programs", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GPtrArray) listing = NULL;
	g_autoptr(GError) error = NULL;

	if (ctl_parse(ctl, command, entries, &argc, &argv, 0, 0) != CTL_OK)
		return CTL_USAGE;
	listing = listing_fetch(ctl->socket, &error);
	if (!listing)
		return ctl_fail("%s", error->message);
	if (json)
		print_json(listing);
	else
		print_table(listing);
	return CTL_OK;
}
