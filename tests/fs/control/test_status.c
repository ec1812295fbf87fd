/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/status.h"

#include "cgroup/error.h"
#include "tests/fs/harness.h"

#include <errno.h>

static const struct daemon_status sample = {
	.version = "1.2.3",
	.mount = "/m",
	.keeper = 1,
	.worker = 2,
	.workers = 3,
	.last_end = "killed",
	.daemon_since = 4,
	.worker_since = 5,
	.registered = 6,
	.known = 7,
	.requests = 8,
	.gone = 9,
	.failed = 10,
	.log_left_out = 11,
};

#define NUMBERS                                                                                                       \
	"\"daemon-since\":4,\"worker-since\":5,\"registered\":6,\"known\":7,\"requests\":8,\"gone\":9,\"failed\":10," \
	"\"log-left-out\":11}"

static char *reply_text(const struct daemon_status *status)
{
	g_autoptr(JsonObject) reply = daemon_status_reply(status);
	gsize length;

	return control_message_text(reply, &length);
}

static void is_written(void **state)
{
	struct daemon_status first = sample;
	g_autofree char *text = reply_text(&sample), *without = NULL;

	assert_string_equal(text, "{\"ok\":true,\"version\":\"1.2.3\",\"mount\":\"/m\",\"keeper\":1,\"worker\":2,"
				  "\"workers\":3,\"last-end\":\"killed\"," NUMBERS);
	first.last_end = NULL;
	without = reply_text(&first);
	assert_has(without, "\"workers\":3,\"daemon-since\":4,");
}

static void is_read(void **state)
{
	g_autoptr(JsonObject) reply = daemon_status_reply(&sample);
	struct daemon_status status = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *expected = reply_text(&sample), *text = NULL;

	json_object_set_string_member(reply, "of-a-later-version", "x");
	assert_true(daemon_status_read(reply, &status, &error));
	text = reply_text(&status);
	assert_string_equal(text, expected);
	json_object_remove_member(reply, "last-end");
	assert_true(daemon_status_read(reply, &status, &error));
	assert_null(status.last_end);
}

static void refuses(void **state)
{
	g_autoptr(JsonObject) reply = daemon_status_reply(&sample);
	struct daemon_status status = { .worker = 99 };
	g_autoptr(GError) missing = NULL, wrong = NULL;

	json_object_set_string_member(reply, "gone", "many");
	assert_false(daemon_status_read(reply, &status, &wrong));
	assert_has(wrong->message, "the daemon's answer: member \"gone\" is not an integer");
	json_object_remove_member(reply, "gone");
	assert_false(daemon_status_read(reply, &status, &missing));
	assert_has(missing->message, "the daemon's answer has no member \"gone\"");
	assert_int_equal(status.worker, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_written),
		cmocka_unit_test(is_read),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
