/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever anybody may send to the control socket. What is taken must be within
 * its bounds; what is refused must have a reason.
 */
#include "fs/control/message.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool takes_id(enum control_op op)
{
	return op == CONTROL_REGISTER || op == CONTROL_FORGET;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct container_options defaults = { .cpu_count = VIEW_CPU_QUOTA };
	struct control_request request = { 0 };
	g_autoptr(GError) error = NULL;

	if (control_request_parse((const char *)data, size, &defaults, &request, &error)) {
		g_assert(!takes_id(request.op) || (request.id && g_utf8_validate(request.id, -1, NULL)));
		g_assert(request.pid >= 0 && request.options.cpu_count <= VIEW_CPU_SHARES);
	} else {
		g_autoptr(JsonObject) reply = control_reply_error(error);
		gsize length;
		g_autofree char *text = control_message_text(reply, &length);

		g_assert(length < CONTROL_MESSAGE_MAX && g_utf8_validate(text, -1, NULL));
	}
	control_request_clear(&request);
	return 0;
}
