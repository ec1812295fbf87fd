/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/status.h"

#include "fs/control/client.h"
#include "fs/control/strict_json.h"

#define WHAT "the daemon's answer"

#define TEXT(name, member, required)                                                       \
	{                                                                                  \
		name, STRICT_JSON_STRING, required, offsetof(struct daemon_status, member) \
	}
#define NUMBER(name, member)                                                            \
	{                                                                               \
		name, STRICT_JSON_INTEGER, true, offsetof(struct daemon_status, member) \
	}

/* What is written and what is read. */
static const struct strict_json_member members[] = {
	TEXT("version", version, true),
	TEXT("mount", mount, true),
	NUMBER("keeper", keeper),
	NUMBER("worker", worker),
	NUMBER("workers", workers),
	TEXT("last-end", last_end, false),
	NUMBER("daemon-since", daemon_since),
	NUMBER("worker-since", worker_since),
	NUMBER("registered", registered),
	NUMBER("known", known),
	NUMBER("requests", requests),
	NUMBER("gone", gone),
	NUMBER("failed", failed),
	NUMBER("log-left-out", log_left_out),
};

static void set_text(JsonObject *object, const char *name, const char *text)
{
	if (text)
		json_object_set_string_member(object, name, text);
}

JsonObject *daemon_status_reply(const struct daemon_status *status)
{
	JsonObject *reply = control_reply_new();

	for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
		const char *place = (const char *)status + members[i].offset;

		if (members[i].kind == STRICT_JSON_STRING)
			set_text(reply, members[i].name, *(const char *const *)place);
		else
			json_object_set_int_member(reply, members[i].name, *(const int64_t *)place);
	}
	return reply;
}

bool daemon_status_read(JsonObject *reply, struct daemon_status *ret_status, GError **error)
{
	static const struct strict_json_table table = { members, G_N_ELEMENTS(members), true };
	struct daemon_status status = { 0 };

	if (!strict_json_read(reply, &table, WHAT, &status, error))
		return false;
	*ret_status = status;
	return true;
}

JsonObject *daemon_status_fetch(const char *socket_path, struct daemon_status *ret_status, GError **error)
{
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(JsonObject) reply = NULL;

	json_object_set_string_member(request, "op", "status");
	reply = control_call(socket_path, request, error);
	if (!reply || !daemon_status_read(reply, ret_status, error))
		return NULL;
	return g_steal_pointer(&reply);
}
