/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/control.h"

#include "cgroup/error.h"
#include "fs/container/id.h"
#include "fs/control/pace.h"
#include "fs/control/packets.h"
#include "fs/control/watches.h"
#include "fs/view/rows.h"

#include <errno.h>
#include <unistd.h>

/* Of a list: what the containers may take, the rest of the message is for what is around them. */
#define LIST_ROOM (CONTROL_MESSAGE_MAX - 256)

struct Control {
	Registry *registry;
	Packets *packets;
	char *mountpoint;
	Watches *watches;
	Pace *pace; /* of users' new containers */
	const struct control_daemon *daemon;
	bool upgrading;
	uint64_t upgrader; /* the client that asked for it */
};

/* Others' containers are as if they were not there. */
static bool may_see(uid_t uid, const Container *container)
{
	return uid == 0 || container_owner(container) == uid;
}

/* The cgroup tree where a shape was asked for: laid, it hides which file system is there (statfs(2)). */
static bool is_laid(const struct row *row, enum view_shape shape)
{
	return row->lay || (row->lay_shape && (shape == VIEW_SHAPE_V1 || shape == VIEW_SHAPE_V2));
}

/* And where the container's own shows others' cgroups, which is for the hook to see. */
static bool is_laid_unless_own(const struct row *row, enum view_shape shape)
{
	return row->lay_shape && shape == VIEW_SHAPE_HOST;
}

static JsonArray *files_of(const Container *container, bool (*is_meant)(const struct row *row, enum view_shape shape))
{
	enum view_shape shape = container_options(container).cgroup_shape;
	JsonArray *files = json_array_new();
	unsigned n;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		if (is_meant(&rows[i], shape))
			json_array_add_string_element(files, rows[i].path);
	}
	return files;
}

/* Room for a new container of this user. One that is registered already takes none. */
static bool has_room(Control *control, uid_t uid, const struct control_request *request, GError **error)
{
	g_autoptr(Container) known = uid == 0 ? NULL : registry_by_id(control->registry, request->id);
	unsigned own, users;

	if (uid == 0 || (known && container_init(known) == request->pid))
		return true;
	watches_count_users(control->watches, uid, &own, &users);
	if (own >= CONTROL_USER_CONTAINERS)
		return cg_fail(error, EBUSY, "container %s: uid %u has %u containers already", request->id, uid, own);
	if (users >= CONTROL_USERS_CONTAINERS)
		return cg_fail(error, EBUSY, "container %s: users have %u containers already", request->id, users);
	return pace_allows(control->pace, uid, g_get_monotonic_time()) ||
	       cg_fail(error, EBUSY, "container %s: uid %u has registered %d containers within a minute", request->id,
		       uid, CONTROL_USER_PACE);
}

/* Takes the container's reference and the pidfd. What users have registered anew is counted: each has taken a number. */
static void keep(Control *control, uid_t uid, Container *container, int pidfd)
{
	if (uid != 0 && !watches_has(control->watches, container))
		pace_take(control->pace, uid, g_get_monotonic_time());
	watches_add(control->watches, container, pidfd);
}

static JsonObject *do_register(Control *control, uid_t uid, const struct control_request *request, GError **error)
{
	struct registration registration = {
		.id = request->id, .uid = uid, .init = request->pid, .options = request->options
	};
	g_autofree char *path = g_build_filename(control->mountpoint, "containers", request->id, NULL);
	int pidfd = -1;
	Container *container = NULL;
	JsonObject *reply;

	if (has_room(control, uid, request, error))
		container = registry_register(control->registry, &registration, &pidfd, error);
	if (!container)
		return NULL;
	g_info("container %s registered, init %d", request->id, (int)request->pid);
	keep(control, uid, container, pidfd);
	reply = control_reply_new();
	json_object_set_string_member(reply, "id", request->id);
	json_object_set_string_member(reply, "path", path);
	json_object_set_array_member(reply, "files", files_of(container, is_laid));
	json_object_set_array_member(reply, "files-unless-own", files_of(container, is_laid_unless_own));
	return reply;
}

static JsonObject *do_forget(Control *control, uid_t uid, const struct control_request *request, GError **error)
{
	g_autoptr(Container) container = registry_by_id(control->registry, request->id);

	if (!container || !may_see(uid, container)) {
		g_autofree char *printable = g_strescape(request->id, NULL);

		cg_fail(error, ENOENT, "no container is registered as \"%s\"", printable);
		return NULL;
	}
	registry_forget(control->registry, container);
	watches_remove(control->watches, container);
	return control_reply_new();
}

static JsonObject *describe(const Container *container)
{
	struct container_options options = container_options(container);
	g_autofree char *cgroup = g_utf8_make_valid(container_cgroup(container), -1);
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "id", container_id(container));
	json_object_set_int_member(object, "slot", (gint64)container_slot(container));
	json_object_set_int_member(object, "pid", container_init(container));
	json_object_set_string_member(object, "cpu-count", view_cpu_count_name(options.cpu_count));
	json_object_set_boolean_member(object, "renumber-cpus", options.renumber_cpus);
	json_object_set_string_member(object, "cgroup-shape", view_shape_name(options.cgroup_shape));
	json_object_set_int_member(object, "uid", container_owner(container));
	json_object_set_string_member(object, "cgroup", cgroup);
	return object;
}

/* Adds it to the message unless that is full. A single one always fits: a cgroup's path is shorter than PATH_MAX. */
static bool append_described(JsonArray *array, const Container *container, gsize *used)
{
	JsonObject *object = describe(container);
	gsize length;

	g_free(control_message_text(object, &length));
	if (*used + length + 1 > LIST_ROOM || json_array_get_length(array) == CONTROL_LIST_MAX) {
		json_object_unref(object);
		return false;
	}
	*used += length + 1;
	json_array_add_object_element(array, object);
	return true;
}

static JsonObject *do_list(Control *control, uid_t uid, const struct control_request *request, GError **error)
{
	g_autoptr(GPtrArray) containers = registry_list(control->registry); /* by slot */
	JsonObject *reply = control_reply_new();
	JsonArray *array = json_array_new();
	gsize used = 0;

	for (guint i = 0; i < containers->len; i++) {
		const Container *container = g_ptr_array_index(containers, i);

		if (container_slot(container) < request->from || !may_see(uid, container))
			continue;
		if (!append_described(array, container, &used)) {
			json_object_set_int_member(reply, "next", (gint64)container_slot(container));
			break;
		}
	}
	json_object_set_array_member(reply, "containers", array);
	return reply;
}

static bool is_root(uid_t uid, const char *what, GError **error)
{
	return uid == 0 || cg_fail(error, EPERM, "%s is root's alone", what);
}

/* The daemon's own facts, and those that are ours. */
static JsonObject *tell_status(const Control *control)
{
	struct daemon_status status = { .mount = control->mountpoint,
					.worker = getpid(),
					.registered = watches_count(control->watches) };

	control->daemon->status(control->daemon->data, &status);
	return daemon_status_reply(&status);
}

static JsonObject *do_status(const Control *control, uid_t uid, GError **error)
{
	return is_root(uid, "status", error) ? tell_status(control) : NULL;
}

/* Its answer is given by control_upgrade_done(). */
static JsonObject *do_upgrade(Control *control, const struct packet *packet, GError **error)
{
	if (!is_root(packet->uid, "upgrade", error))
		return NULL;
	if (control->upgrading) {
		cg_fail(error, EBUSY, "an upgrade is under way already");
		return NULL;
	}
	control->upgrading = true;
	control->upgrader = packet->client;
	if (!control->daemon->upgrade(control->daemon->data, error))
		control->upgrading = false;
	return NULL;
}

void control_upgrade_done(Control *control, bool ok, const char *message)
{
	g_autoptr(GError) error = NULL;

	if (!control->upgrading)
		return;
	control->upgrading = false;
	if (!ok)
		cg_fail(&error, EIO, "%s", message);
	packets_reply(control->packets, control->upgrader, ok ? tell_status(control) : control_reply_error(error));
}

/* NULL without an error: the answer comes later. */
static JsonObject *perform(Control *control, const struct packet *packet, const struct control_request *request,
			   GError **error)
{
	switch (request->op) {
	case CONTROL_REGISTER:
		return do_register(control, packet->uid, request, error);
	case CONTROL_FORGET:
		return do_forget(control, packet->uid, request, error);
	case CONTROL_LIST:
		return do_list(control, packet->uid, request, error);
	case CONTROL_STATUS:
		return do_status(control, packet->uid, error);
	case CONTROL_UPGRADE:
		return do_upgrade(control, packet, error);
	}
	return NULL;
}

/* A user's word for a container is one of its own ids, whatever it says. */
static void complete_id(struct control_request *request, uid_t uid)
{
	char *word = request->id;

	if (!word)
		return;
	request->id = container_id_of(uid, word);
	g_free(word);
}

static JsonObject *answer(const struct packet *packet, gpointer data)
{
	Control *control = data;
	struct container_options defaults = registry_defaults(control->registry);
	struct control_request request = { 0 };
	g_autoptr(GError) error = NULL;
	JsonObject *reply = NULL;

	if (control_request_parse(packet->text, packet->length, &defaults, &request, &error)) {
		complete_id(&request, packet->uid);
		reply = perform(control, packet, &request, &error);
	}
	control_request_clear(&request);
	return error ? control_reply_error(error) : reply;
}

Control *control_start(Registry *registry, const char *mountpoint, int listening, const struct control_daemon *daemon,
		       GError **error)
{
	static const struct packets_limits limits = {
		.clients = CONTROL_CLIENTS,
		.users = CONTROL_USERS_CLIENTS,
		.per_user = CONTROL_USER_CLIENTS,
		.idle_ms = CONTROL_IDLE_MS,
	};
	Control *control = g_new0(Control, 1);

	control->registry = registry;
	control->daemon = daemon;
	control->mountpoint = g_canonicalize_filename(mountpoint, NULL);
	control->pace =
		pace_new(CONTROL_USER_PACE, CONTROL_PACE_MS * G_GINT64_CONSTANT(1000), daemon ? daemon->store : NULL);
	control->packets = packets_start(listening, &limits, answer, control, error);
	if (!control->packets) {
		control_stop(control);
		return NULL;
	}
	control->watches = watches_new(registry);
	return control;
}

void control_stop(Control *control)
{
	if (control->packets)
		packets_stop(control->packets);
	g_clear_pointer(&control->watches, watches_free);
	pace_free(control->pace);
	g_free(control->mountpoint);
	g_free(control);
}
