/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of the control socket: one JSON object a message, of at most
 * CONTROL_MESSAGE_MAX bytes, in both directions. Pure.
 *
 *   {"op":"register","id":"c1","pid":4711,"options":{"cpu-count":"quota","renumber-cpus":false,"cgroup-shape":"v1"}}
 *     -> {"ok":true,"id":"c1","path":"MOUNT/containers/c1","files":["/proc/meminfo",…],
 *         "files-unless-own":["/sys/fs/cgroup"]}: those that are laid only where the container's own show others' figures
 *   {"op":"forget","id":"c1"}
 *     -> {"ok":true}
 *   {"op":"list"} or {"op":"list","from":17}
 *     -> {"ok":true,"containers":[{"id":"c1","slot":3,"pid":4711,"cpu-count":"quota","renumber-cpus":false,
 *                                  "cgroup-shape":"host","uid":0,"cgroup":"/machine.slice/c1"},…]}
 *        and "next":SLOT, to be asked for with "from", where one message does not hold them all
 *   {"op":"status"}
 *     -> {"ok":true,"version":"0.3.0","mount":"/var/lib/procvirt","keeper":811,"worker":4711,…}: see status.h
 *   {"op":"upgrade"}
 *     -> the same of the worker that answers, which then gives way to a new one; {"ok":false,…} where that could not start
 *   anything else
 *     -> {"ok":false,"error":"a sentence","errno":22}
 *
 * Each may be said again when its answer did not come, because the worker died that was asked:
 *   register  the same process under the same id is the same container (registry.h)
 *   forget    where the first saying was performed the second finds nothing (ENOENT), which is what was wanted (client.h)
 *   list, status  change nothing
 *   upgrade   a second one upgrades from the new worker to a newer one of the same program: nothing is lost by it
 * "status" and "upgrade" are root's.
 *
 * pid is as the daemon's pid namespace numbers it. "options" and its members
 * may be left out; the daemon's defaults then hold.
 *
 * The ids of a user begin with the user's number: what uid 1000 calls "c1" or "1000:c1" is "1000:c1" in every
 * answer, and in root's requests. "uid" is whose the container is, "cgroup" its path for people to read: in the
 * first hierarchy in which it is not the root. A user sees and forgets its own containers only.
 */
#pragma once

#include "fs/container/container.h"

#include <glib.h>
#include <json-glib/json-glib.h>

#define CONTROL_SOCKET      "/run/procvirt/control"
#define CONTROL_MESSAGE_MAX ((gsize)65536)
#define CONTROL_LIST_MAX    128   /* containers in one message, fewer where their cgroups have long names */
#define CONTROL_UPGRADE_MS  30000 /* until it is known how an upgrade ends */

enum control_op { CONTROL_REGISTER, CONTROL_FORGET, CONTROL_LIST, CONTROL_STATUS, CONTROL_UPGRADE };

struct control_request {
	enum control_op op;
	char *id;  /* register, forget; owned */
	pid_t pid; /* register */
	struct container_options options;
	uint64_t from; /* list: the lowest slot wanted */
};

/* Errors are CG_ERROR, EINVAL (EMSGSIZE: too long) and a sentence that names the member. ret_request is written only on success. */
bool control_request_parse(const char *text, gsize length, const struct container_options *defaults,
			   struct control_request *ret_request, GError **error);
void control_request_clear(struct control_request *request);

/* {"ok":true}, to which members are added. */
JsonObject *control_reply_new(void);

/* {"ok":false,…} from an error; the code of CG_ERROR is its errno, EIO otherwise. */
JsonObject *control_reply_error(const GError *error);

/* The text of a message, newly allocated. */
char *control_message_text(JsonObject *message, gsize *ret_length);
