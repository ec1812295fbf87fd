/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/listing.h"
#include "fs/ctl/ctl.h"
#include "fs/mount/enlist.h"
#include "fs/mount/naming.h"
#include "fs/mount/running.h"

#include <stdio.h>
#include <string.h>

#define PROC "/proc"

struct wishes {
	gboolean all, renumber_cpus;
	char *id, *cpu_count, *cgroup_shape;
};

static void wishes_clear(struct wishes *wishes)
{
	g_free(wishes->id);
	g_free(wishes->cpu_count);
	g_free(wishes->cgroup_shape);
}

static enum ctl_status parse(struct ctl *ctl, const struct ctl_command *command, struct wishes *wishes, int *argc,
			     char ***argv)
{
	const GOptionEntry entries[] = {
		{ "all", 0, 0, G_OPTION_ARG_NONE, &wishes->all, "Every container that runs", NULL },
		{ "id", 0, 0, G_OPTION_ARG_STRING, &wishes->id, "Its id; by default from its cgroup's name", "ID" },
		{ "cpu-count", 0, 0, G_OPTION_ARG_STRING, &wishes->cpu_count,
		  "How many CPUs it sees: by quota, cpuset or shares", "POLICY" },
		{ "renumber-cpus", 0, 0, G_OPTION_ARG_NONE, &wishes->renumber_cpus, "Number its CPUs from 0", NULL },
		{ "cgroup-shape", 0, 0, G_OPTION_ARG_STRING, &wishes->cgroup_shape,
		  "Lay /sys/fs/cgroup, as cgroup v1 or v2; host: only where its own shows the host's; kernel: do not",
		  "SHAPE" },
		G_OPTION_ENTRY_NULL,
	};
	enum view_cpu_count policy;
	enum view_shape shape;

	if (ctl_parse(ctl, command, entries, argc, argv, 0, 1) != CTL_OK)
		return CTL_USAGE;
	if (wishes->all == (*argc == 2))
		return ctl_wrong_use("attach: either a PID or --all");
	if (wishes->all && wishes->id)
		return ctl_wrong_use("attach: --id is for one container");
	if (wishes->cpu_count && !view_cpu_count_parse(wishes->cpu_count, &policy))
		return ctl_wrong_use("attach: --cpu-count is \"%s\", not quota, cpuset or shares", wishes->cpu_count);
	if (wishes->cgroup_shape && !view_shape_parse(wishes->cgroup_shape, &shape))
		return ctl_wrong_use("attach: --cgroup-shape is \"%s\", not host, v1, v2 or kernel",
				     wishes->cgroup_shape);
	return CTL_OK;
}

/* What is known of a container already stays as it is where nothing else is wished. */
static enum ctl_status bring_in(const struct ctl *ctl, const struct wishes *wishes, const struct listed *known,
				pid_t pid, const char *id)
{
	struct enlistment enlistment = {
		.socket = ctl->socket,
		.id = id,
		.pid = pid,
		.cpu_count = wishes->cpu_count ? wishes->cpu_count
			     : known           ? known->cpu_count
					       : NULL,
		.has_renumber_cpus = wishes->renumber_cpus || known,
		.renumber_cpus = wishes->renumber_cpus || (known && known->renumber_cpus),
		.cgroup_shape = wishes->cgroup_shape ? wishes->cgroup_shape
				: known              ? known->cgroup_shape
						     : NULL,
		.forget_failed = !known,
	};
	struct enlisted enlisted = { 0 };
	g_autoptr(GError) error = NULL;

	if (!enlist(&enlistment, &enlisted, &error))
		return ctl_fail("%s, process %d: %s", id, (int)pid, error->message);
	printf("%s, process %d: %u files laid, %u were there\n", enlisted.id, (int)pid, enlisted.laid,
	       enlisted.present);
	enlisted_clear(&enlisted);
	return CTL_OK;
}

/* The ids that are given away; a user's also without the number before it. */
static GHashTable *ids_of(const GPtrArray *listing)
{
	GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < listing->len; i++) {
		const struct listed *listed = g_ptr_array_index(listing, i);
		const char *colon = strchr(listed->id, ':');

		g_hash_table_add(ids, g_strdup(listed->id));
		if (colon)
			g_hash_table_add(ids, g_strdup(colon + 1));
	}
	return ids;
}

static enum ctl_status attach_one(const struct ctl *ctl, const struct wishes *wishes, const GPtrArray *listing,
				  const char *argument)
{
	g_autoptr(GHashTable) taken = ids_of(listing);
	g_autofree char *name = NULL, *id = NULL;
	const struct listed *known;
	pid_t pid;

	if (!ctl_parse_pid(argument, &pid))
		return ctl_wrong_use("attach: \"%s\" is no process id", argument);
	known = listing_by_pid(listing, pid);
	name = running_name(PROC, pid);
	if (!name)
		return ctl_fail("there is no process %d", (int)pid);
	if (wishes->id)
		id = g_strdup(wishes->id);
	else
		id = known ? g_strdup(known->id) : naming_unique(name, taken, pid);
	return bring_in(ctl, wishes, known, pid, id);
}

/* One that fails does not stop the others. */
static enum ctl_status attach_all(const struct ctl *ctl, const struct wishes *wishes, const GPtrArray *listing)
{
	g_autoptr(GHashTable) taken = ids_of(listing);
	g_autoptr(GPtrArray) found = NULL;
	g_autoptr(GError) error = NULL;
	enum ctl_status status = CTL_OK;

	found = running_find(PROC, &error);
	if (!found)
		return ctl_fail("%s", error->message);
	for (guint i = 0; i < found->len; i++) {
		const struct running *running = g_ptr_array_index(found, i);
		const struct listed *known = listing_by_pid(listing, running->pid);
		char *id = known ? g_strdup(known->id) : naming_unique(running->name, taken, running->pid);

		if (bring_in(ctl, wishes, known, running->pid, id) != CTL_OK)
			status = CTL_FAILED;
		g_hash_table_add(taken, id);
	}
	printf("%u containers found\n", found->len);
	return status;
}

enum ctl_status ctl_attach(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
	__attribute__((cleanup(wishes_clear))) struct wishes wishes = { 0 };
	g_autoptr(GPtrArray) listing = NULL;
	g_autoptr(GError) error = NULL;

	if (parse(ctl, command, &wishes, &argc, &argv) != CTL_OK)
		return CTL_USAGE;
	listing = listing_fetch(ctl->socket, &error);
	if (!listing)
		return ctl_fail("%s", error->message);
	return wishes.all ? attach_all(ctl, &wishes, listing) : attach_one(ctl, &wishes, listing, argv[1]);
}
