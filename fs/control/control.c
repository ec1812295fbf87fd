/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/control.h"

#include "cgroup/error.h"
#include "fs/control/packets.h"
#include "fs/view/rows.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

struct Control {
	Registry *registry;
	Packets *packets;
	char *mountpoint;
	GHashTable *watches; /* Container * -> struct watch *; it owns the watch, which owns the reference */
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

static JsonObject *do_register(Control *control, const struct control_request *request, GError **error)
{
	struct registration registration = { .id = request->id, .init = request->pid, .options = request->options };
	g_autofree char *path = g_build_filename(control->mountpoint, "containers", request->id, NULL);
	int pidfd = -1;
	Container *container = registry_register(control->registry, &registration, &pidfd, error);
	JsonObject *reply;

	if (!container)
		return NULL;
	g_info("container %s registered, init %d", request->id, (int)request->pid);
	watch_container(control, container, pidfd);
	reply = control_reply_new();
	json_object_set_string_member(reply, "path", path);
	json_object_set_array_member(reply, "files", laid_files());
	return reply;
}

static JsonObject *do_forget(Control *control, const struct control_request *request, GError **error)
{
	g_autoptr(Container) container = registry_by_id(control->registry, request->id);

	if (!container) {
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
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "id", container_id(container));
	json_object_set_int_member(object, "slot", (gint64)container_slot(container));
	json_object_set_int_member(object, "pid", container_init(container));
	json_object_set_string_member(object, "cpu-count", view_cpu_count_name(options.cpu_count));
	json_object_set_boolean_member(object, "renumber-cpus", options.renumber_cpus);
	return object;
}

static JsonObject *do_list(Control *control, const struct control_request *request, GError **error)
{
	g_autoptr(GPtrArray) containers = registry_list(control->registry); /* by slot */
	JsonObject *reply = control_reply_new();
	JsonArray *array = json_array_new();

	for (guint i = 0; i < containers->len; i++) {
		const Container *container = g_ptr_array_index(containers, i);

		if (container_slot(container) < request->from)
			continue;
		if (json_array_get_length(array) == CONTROL_LIST_MAX) {
			json_object_set_int_member(reply, "next", (gint64)container_slot(container));
			break;
		}
		json_array_add_object_element(array, describe(container));
	}
	json_object_set_array_member(reply, "containers", array);
	return reply;
}

static JsonObject *perform(Control *control, const struct control_request *request, GError **error)
{
	switch (request->op) {
	case CONTROL_REGISTER:
		return do_register(control, request, error);
	case CONTROL_FORGET:
		return do_forget(control, request, error);
	case CONTROL_LIST:
		return do_list(control, request, error);
	}
	return NULL;
}

static JsonObject *answer(const char *text, gsize length, gpointer data)
{
	Control *control = data;
	struct container_options defaults = registry_defaults(control->registry);
	struct control_request request = { 0 };
	g_autoptr(GError) error = NULL;
	JsonObject *reply = NULL;

	if (control_request_parse(text, length, &defaults, &request, &error))
		reply = perform(control, &request, &error);
	control_request_clear(&request);
	return reply ? reply : control_reply_error(error);
}

Control *control_start(Registry *registry, const char *mountpoint, const char *socket_path, GError **error)
{
	static const struct packets_limits limits = { CONTROL_CLIENTS, CONTROL_IDLE_MS };
	Control *control = g_new0(Control, 1);

	control->registry = registry;
	control->mountpoint = g_canonicalize_filename(mountpoint, NULL);
	control->watches = g_hash_table_new_full(NULL, NULL, NULL, watch_free);
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
	g_free(control->mountpoint);
	g_free(control);
}
