/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/enlist.h"

#include "fs/control/client.h"
#include "fs/control/strict_json.h"
#include "fs/mount/attach.h"

#include <errno.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define ANSWER "the daemon's answer"

/* What the daemon says of where the files are. Pointers are borrowed from the reply. */
struct grant {
	const char *id, *path;
	JsonArray *files, *unless_own;
};

static const struct strict_json_member grant_members[] = {
	{ "id", STRICT_JSON_STRING, true, offsetof(struct grant, id) },
	{ "path", STRICT_JSON_STRING, true, offsetof(struct grant, path) },
	{ "files", STRICT_JSON_ARRAY, true, offsetof(struct grant, files) },
	{ "files-unless-own", STRICT_JSON_ARRAY, false, offsetof(struct grant, unless_own) },
};

/* The strings, NULL-terminated and borrowed; the array itself is the caller's. No array has none. */
static const char **file_list(JsonArray *array, const char *name, const struct oci_masks *masks, GError **error)
{
	guint length = array ? json_array_get_length(array) : 0, n = 0;
	g_autofree const char **files = g_new0(const char *, length + 1);

	for (guint i = 0; i < length; i++) {
		JsonNode *node = json_array_get_element(array, i);

		if (json_node_get_value_type(node) != G_TYPE_STRING) {
			cg_fail(error, EPROTO, ANSWER ": a member of \"%s\" is not a string", name);
			return NULL;
		}
		if (!masks || !oci_masks_hide(masks, json_node_get_string(node)))
			files[n++] = json_node_get_string(node);
	}
	return g_steal_pointer(&files);
}

static JsonObject *register_request(const struct enlistment *enlistment)
{
	JsonObject *request = json_object_new(), *wishes = json_object_new();

	json_object_set_string_member(request, "op", "register");
	json_object_set_string_member(request, "id", enlistment->id);
	json_object_set_int_member(request, "pid", enlistment->pid);
	if (enlistment->cpu_count)
		json_object_set_string_member(wishes, "cpu-count", enlistment->cpu_count);
	if (enlistment->has_renumber_cpus)
		json_object_set_boolean_member(wishes, "renumber-cpus", enlistment->renumber_cpus);
	if (enlistment->cgroup_shape)
		json_object_set_string_member(wishes, "cgroup-shape", enlistment->cgroup_shape);
	json_object_set_object_member(request, "options", wishes);
	return request;
}

static bool report_results(const GPtrArray *results, GError **error)
{
	unsigned failed = attach_count(results, ATTACH_FAILED);
	g_autoptr(GString) text = g_string_new(NULL);

	if (failed == 0)
		return true;
	for (guint i = 0; i < results->len; i++) {
		const struct attach_result *result = g_ptr_array_index(results, i);

		if (result->outcome == ATTACH_FAILED)
			g_string_append_printf(text, "; %s: %s", result->path, result->note);
	}
	return cg_fail(error, EIO, "%u of %u files were not laid%s", failed, results->len, text->str);
}

static bool lay(const struct enlistment *enlistment, int pidfd, JsonObject *reply, struct enlisted *ret_enlisted,
		GError **error)
{
	static const struct strict_json_table table = { grant_members, G_N_ELEMENTS(grant_members), true };
	g_autofree const char **files = NULL, **unless_own = NULL;
	g_autoptr(GPtrArray) results = NULL;
	struct attach_target target = { .pid = enlistment->pid, .pidfd = pidfd, .rootfs = enlistment->rootfs };
	struct grant grant = { 0 };

	if (!strict_json_read(reply, &table, ANSWER, &grant, error))
		return false;
	files = file_list(grant.files, "files", enlistment->masks, error);
	if (files)
		unless_own = file_list(grant.unless_own, "files-unless-own", enlistment->masks, error);
	if (!unless_own)
		return false;
	target.tree = grant.path;
	target.files = files;
	target.unless_own = unless_own;
	target.cgroups_read_only = enlistment->masks && enlistment->masks->cgroups_read_only;
	target.nesting = enlistment->nesting;
	results = attach_lay(&target, error);
	if (!results || !report_results(results, error))
		return false;
	if (ret_enlisted)
		*ret_enlisted = (struct enlisted){ .id = g_strdup(grant.id),
						   .laid = attach_count(results, ATTACH_LAID),
						   .present = attach_count(results, ATTACH_PRESENT) };
	return true;
}

bool enlist(const struct enlistment *enlistment, struct enlisted *ret_enlisted, GError **error)
{
	g_autoptr(JsonObject) request = register_request(enlistment);
	g_autoptr(JsonObject) reply = NULL;
	int pidfd = pidfd_open(enlistment->pid, 0);
	bool done = false;

	if (pidfd < 0)
		return cg_fail(error, errno, "process %d: %s", (int)enlistment->pid, g_strerror(errno));
	reply = control_call(enlistment->socket, request, error);
	if (reply) {
		done = lay(enlistment, pidfd, reply, ret_enlisted, error);
		if (!done && enlistment->forget_failed)
			enlist_forget(enlistment->socket, enlistment->id,
				      NULL); /* the first error is the one to tell */
	}
	close(pidfd);
	return done;
}

void enlisted_clear(struct enlisted *enlisted)
{
	g_clear_pointer(&enlisted->id, g_free);
}

bool enlist_forget(const char *socket, const char *id, GError **error)
{
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(JsonObject) reply = NULL;
	g_autoptr(GError) problem = NULL;
	unsigned tries;

	json_object_set_string_member(request, "op", "forget");
	json_object_set_string_member(request, "id", id);
	reply = control_call_within(socket, request, CONTROL_TIMEOUT_MS, &tries, &problem);
	/* Said twice, because the daemon died before it answered, the second finds nothing: it is what was wanted. */
	if (reply || (tries > 1 && problem->code == ENOENT))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}
