/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/message.h"

#include "fs/control/strict_json.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define WHAT "the request"

/* The members of all requests, as they come. */
struct raw {
	const char *op, *id;
	int64_t pid, from;
	JsonObject *options;
};

static const struct strict_json_member op_member[] = {
	{ "op", STRICT_JSON_STRING, true, offsetof(struct raw, op) },
};

static const struct strict_json_member register_members[] = {
	{ "op", STRICT_JSON_STRING, true, offsetof(struct raw, op) },
	{ "id", STRICT_JSON_STRING, true, offsetof(struct raw, id) },
	{ "pid", STRICT_JSON_INTEGER, true, offsetof(struct raw, pid) },
	{ "options", STRICT_JSON_OBJECT, false, offsetof(struct raw, options) },
};

static const struct strict_json_member forget_members[] = {
	{ "op", STRICT_JSON_STRING, true, offsetof(struct raw, op) },
	{ "id", STRICT_JSON_STRING, true, offsetof(struct raw, id) },
};

static const struct strict_json_member list_members[] = {
	{ "op", STRICT_JSON_STRING, true, offsetof(struct raw, op) },
	{ "from", STRICT_JSON_INTEGER, false, offsetof(struct raw, from) },
};

static const struct operation {
	const char *name;
	enum control_op op;
	struct strict_json_table table;
} operations[] = {
	{ "register", CONTROL_REGISTER, { register_members, G_N_ELEMENTS(register_members), false } },
	{ "forget", CONTROL_FORGET, { forget_members, G_N_ELEMENTS(forget_members), false } },
	{ "list", CONTROL_LIST, { list_members, G_N_ELEMENTS(list_members), false } },
	{ "status", CONTROL_STATUS, { op_member, G_N_ELEMENTS(op_member), false } },
	{ "upgrade", CONTROL_UPGRADE, { op_member, G_N_ELEMENTS(op_member), false } },
};

struct raw_options {
	const char *cpu_count, *cgroup_shape;
	bool renumber_cpus;
};

static const struct strict_json_member option_members[] = {
	{ "cpu-count", STRICT_JSON_STRING, false, offsetof(struct raw_options, cpu_count) },
	{ "renumber-cpus", STRICT_JSON_BOOLEAN, false, offsetof(struct raw_options, renumber_cpus) },
	{ "cgroup-shape", STRICT_JSON_STRING, false, offsetof(struct raw_options, cgroup_shape) },
};

static bool read_options(JsonObject *object, struct container_options *options, GError **error)
{
	static const struct strict_json_table table = { option_members, G_N_ELEMENTS(option_members), false };
	struct raw_options raw = { .renumber_cpus = options->renumber_cpus };

	if (!strict_json_read(object, &table, "the request's options", &raw, error))
		return false;
	if (raw.cpu_count && !view_cpu_count_parse(raw.cpu_count, &options->cpu_count)) {
		g_autofree char *quoted = strict_json_quote(raw.cpu_count);

		return cg_fail(error, EINVAL, WHAT "'s options: cpu-count is \"%s\", not quota, cpuset or shares",
			       quoted);
	}
	if (raw.cgroup_shape && !view_shape_parse(raw.cgroup_shape, &options->cgroup_shape)) {
		g_autofree char *quoted = strict_json_quote(raw.cgroup_shape);

		return cg_fail(error, EINVAL, WHAT "'s options: cgroup-shape is \"%s\", not host, v1, v2 or kernel",
			       quoted);
	}
	options->renumber_cpus = raw.renumber_cpus;
	return true;
}

static const struct operation *find_operation(const char *name, GError **error)
{
	g_autofree char *quoted = NULL;

	for (unsigned i = 0; i < G_N_ELEMENTS(operations); i++) {
		if (!strcmp(name, operations[i].name))
			return &operations[i];
	}
	quoted = strict_json_quote(name);
	cg_fail(error, EINVAL, WHAT ": unknown op \"%s\"", quoted);
	return NULL;
}

static bool check_range(const struct raw *raw, GError **error)
{
	if (raw->pid < 0 || raw->pid > INT_MAX)
		return cg_fail(error, EINVAL, WHAT ": pid %" G_GINT64_FORMAT " is no process id", raw->pid);
	if (raw->from < 0)
		return cg_fail(error, EINVAL, WHAT ": from is negative");
	return true;
}

bool control_request_parse(const char *text, gsize length, const struct container_options *defaults,
			   struct control_request *ret_request, GError **error)
{
	static const struct strict_json_table only_op = { op_member, G_N_ELEMENTS(op_member), true };
	g_autoptr(JsonObject) object = NULL;
	struct container_options options = *defaults;
	const struct operation *operation;
	struct raw raw = { 0 };

	if (length > CONTROL_MESSAGE_MAX)
		return cg_fail(error, EMSGSIZE, WHAT " is longer than %" G_GSIZE_FORMAT " bytes", CONTROL_MESSAGE_MAX);
	object = strict_json_parse(text, length, WHAT, error);
	if (!object || !strict_json_read(object, &only_op, WHAT, &raw, error))
		return false;
	operation = find_operation(raw.op, error);
	if (!operation || !strict_json_read(object, &operation->table, WHAT, &raw, error) || !check_range(&raw, error))
		return false;
	if (raw.options && !read_options(raw.options, &options, error))
		return false;
	*ret_request = (struct control_request){ .op = operation->op,
						 .id = g_strdup(raw.id),
						 .pid = (pid_t)raw.pid,
						 .options = options,
						 .from = (uint64_t)raw.from };
	return true;
}

void control_request_clear(struct control_request *request)
{
	g_clear_pointer(&request->id, g_free);
}

JsonObject *control_reply_new(void)
{
	JsonObject *reply = json_object_new();

	json_object_set_boolean_member(reply, "ok", TRUE);
	return reply;
}

JsonObject *control_reply_error(const GError *error)
{
	JsonObject *reply = json_object_new();

	json_object_set_boolean_member(reply, "ok", FALSE);
	json_object_set_string_member(reply, "error", error->message);
	json_object_set_int_member(reply, "errno", error->domain == CG_ERROR ? error->code : EIO);
	return reply;
}

char *control_message_text(JsonObject *message, gsize *ret_length)
{
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), message);
	char *text = json_to_string(node, FALSE);

	*ret_length = strlen(text);
	return text;
}
