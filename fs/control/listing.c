/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/listing.h"

#include "fs/control/client.h"
#include "fs/control/strict_json.h"

#include <errno.h>
#include <string.h>

#define WHAT "the daemon's answer"

static const struct strict_json_member listed_members[] = {
	{ "id", STRICT_JSON_STRING, true, offsetof(struct listed, id) },
	{ "pid", STRICT_JSON_INTEGER, true, offsetof(struct listed, pid) },
	{ "cpu-count", STRICT_JSON_STRING, true, offsetof(struct listed, cpu_count) },
	{ "renumber-cpus", STRICT_JSON_BOOLEAN, true, offsetof(struct listed, renumber_cpus) },
	{ "cgroup-shape", STRICT_JSON_STRING, false, offsetof(struct listed, cgroup_shape) },
	{ "uid", STRICT_JSON_INTEGER, true, offsetof(struct listed, uid) },
	{ "cgroup", STRICT_JSON_STRING, true, offsetof(struct listed, cgroup) },
};

/* One answer. */
struct part {
	JsonArray *containers;
	int64_t next; /* 0: it was the last */
};

static const struct strict_json_member part_members[] = {
	{ "containers", STRICT_JSON_ARRAY, true, offsetof(struct part, containers) },
	{ "next", STRICT_JSON_INTEGER, false, offsetof(struct part, next) },
};

static void listed_free(gpointer pointer)
{
	struct listed *listed = pointer;

	json_object_unref(listed->object);
	g_free(listed);
}

static bool add_listed(GPtrArray *listing, JsonNode *node, GError **error)
{
	static const struct strict_json_table table = { listed_members, G_N_ELEMENTS(listed_members), true };
	struct listed *listed;

	if (!JSON_NODE_HOLDS_OBJECT(node))
		return cg_fail(error, EPROTO, WHAT ": a member of \"containers\" is not an object");
	listed = g_new0(struct listed, 1);
	listed->object = json_node_dup_object(node);
	g_ptr_array_add(listing, listed);
	return strict_json_read(listed->object, &table, WHAT, listed, error);
}

static bool fetch_part(GPtrArray *listing, const char *socket_path, int64_t from, int64_t *ret_next, GError **error)
{
	static const struct strict_json_table table = { part_members, G_N_ELEMENTS(part_members), true };
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(JsonObject) reply = NULL;
	struct part part = { 0 };

	json_object_set_string_member(request, "op", "list");
	json_object_set_int_member(request, "from", from);
	reply = control_call(socket_path, request, error);
	if (!reply || !strict_json_read(reply, &table, WHAT, &part, error))
		return false;
	for (guint i = 0; i < json_array_get_length(part.containers); i++) {
		if (!add_listed(listing, json_array_get_element(part.containers, i), error))
			return false;
	}
	if (part.next != 0 && part.next <= from)
		return cg_fail(error, EPROTO, WHAT " does not come to an end");
	*ret_next = part.next;
	return true;
}

GPtrArray *listing_fetch(const char *socket_path, GError **error)
{
	g_autoptr(GPtrArray) listing = g_ptr_array_new_with_free_func(listed_free);
	int64_t from = 0;

	do {
		if (!fetch_part(listing, socket_path, from, &from, error))
			return NULL;
	} while (from != 0);
	return g_steal_pointer(&listing);
}

const struct listed *listing_by_id(const GPtrArray *listing, const char *id)
{
	for (guint i = 0; i < listing->len; i++) {
		const struct listed *listed = g_ptr_array_index(listing, i);

		if (strcmp(listed->id, id) == 0)
			return listed;
	}
	return NULL;
}

const struct listed *listing_by_pid(const GPtrArray *listing, pid_t pid)
{
	for (guint i = 0; i < listing->len; i++) {
		const struct listed *listed = g_ptr_array_index(listing, i);

		if (listed->pid == pid)
			return listed;
	}
	return NULL;
}
