/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/control.h"

#include "cgroup/error.h"
#include "fs/container/id.h"
#include "fs/control/pace.h"
#include "fs/control/packets.h"
#include "fs/view/rows.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

/* Of a list: what the containers may take, the rest of the message is for what is around them. */
#define LIST_ROOM (CONTROL_MESSAGE_MAX - 256)

struct Control {
	Registry *registry;
	Packets *packets;
	char *mountpoint;
	GHashTable *watches; /* Container * -> struct watch *; it owns the watch, which owns the reference */
	Pace *pace;          /* of users' new containers */
};

/* A registered container and the pidfd of its init. */
struct watch {
	Control *control;
	Container *container;
	int pidfd;
	guint ended; /* source id */
};

static void watch_free(gpointer pointer)
{
	struct watch *watch = pointer;

	g_source_remove(watch->ended);
	close(watch->pidfd);
	container_unref(watch->container);
	g_free(watch);
}

static gboolean on_ended(gint pidfd, GIOCondition condition, gpointer pointer)
{
	struct watch *watch = pointer;

	g_info("container %s has ended", container_id(watch->container));
	registry_forget(watch->control->registry, watch->container);
	g_hash_table_remove(watch->control->watches, watch->container);
	return G_SOURCE_CONTINUE; /* watch_free() has removed it */
}

/* Others' containers are as if they were not there. */
static bool may_see(uid_t uid, const Container *container)
{
	return uid == 0 || container_owner(container) == uid;
}

/* Takes the container's reference and the pidfd. A second registration replaces the first one's watch. */
static void watch_container(Control *control, Container *container, int pidfd)
{
	struct watch *watch = g_new0(struct watch, 1);

	*watch = (struct watch){ .control = control, .container = container, .pidfd = pidfd };
	watch->ended = g_unix_fd_add(pidfd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_ended, watch);
	g_hash_table_replace(control->watches, container, watch);
}

static JsonArray *laid_files(void)
{
	JsonArray *files = json_array_new();
	unsigned n;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		if (rows[i].lay)
			json_array_add_string_element(files, rows[i].path);
	}
	return files;
}

/* The containers of this user, and of all users; root is no user. */
static void count_containers(const Control *control, uid_t uid, unsigned *ret_own, unsigned *ret_all)
{
	GHashTableIter iter;
	gpointer container;

	*ret_own = *ret_all = 0;
	g_hash_table_iter_init(&iter, control->watches);
	while (g_hash_table_iter_next(&iter, &container, NULL)) {
		uid_t owner = container_owner(container);

		*ret_own += owner == uid;
		*ret_all += owner != 0;
	}
}

/* Room for a new container of this user. One that is registered already takes none. */
static bool has_room(Control *control, uid_t uid, const struct control_request *request, GError **error)
{
	g_autoptr(Container) known = uid == 0 ? NULL : registry_by_id(control->registry, request->id);
	unsigned own, users;

	if (uid == 0 || (known && container_init(known) == request->pid))
		return true;
	count_containers(control, uid, &own, &users);
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
	if (uid != 0 && !g_hash_table_contains(control->watches, container))
		pace_take(control->pace, uid, g_get_monotonic_time());
	watch_container(control, container, pidfd);
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
	json_object_set_array_member(reply, "files", laid_files());
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
	g_hash_table_remove(control->watches, container);
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

static JsonObject *perform(Control *control, uid_t uid, const struct control_request *request, GError **error)
{
	switch (request->op) {
	case CONTROL_REGISTER:
		return do_register(control, uid, request, error);
	case CONTROL_FORGET:
		return do_forget(control, uid, request, error);
	case CONTROL_LIST:
		return do_list(control, uid, request, error);
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

static JsonObject *answer(uid_t uid, const char *text, gsize length, gpointer data)
{
	Control *control = data;
	struct container_options defaults = registry_defaults(control->registry);
	struct control_request request = { 0 };
	g_autoptr(GError) error = NULL;
	JsonObject *reply = NULL;

	if (control_request_parse(text, length, &defaults, &request, &error)) {
		complete_id(&request, uid);
		reply = perform(control, uid, &request, &error);
	}
	control_request_clear(&request);
	return reply ? reply : control_reply_error(error);
}

Control *control_start(Registry *registry, const char *mountpoint, const char *socket_path, GError **error)
{
	static const struct packets_limits limits = {
		.clients = CONTROL_CLIENTS,
		.users = CONTROL_USERS_CLIENTS,
		.per_user = CONTROL_USER_CLIENTS,
		.idle_ms = CONTROL_IDLE_MS,
	};
	Control *control = g_new0(Control, 1);

	control->registry = registry;
	control->mountpoint = g_canonicalize_filename(mountpoint, NULL);
	control->watches = g_hash_table_new_full(NULL, NULL, NULL, watch_free);
	control->pace = pace_new(CONTROL_USER_PACE, CONTROL_PACE_MS * G_GINT64_CONSTANT(1000));
	control->packets = packets_start(socket_path, &limits, answer, control, error);
	if (!control->packets)
		g_clear_pointer(&control, control_stop);
	return control;
}

void control_stop(Control *control)
{
	if (control->packets)
		packets_stop(control->packets);
	g_hash_table_unref(control->watches);
	pace_free(control->pace);
	g_free(control->mountpoint);
	g_free(control);
}
