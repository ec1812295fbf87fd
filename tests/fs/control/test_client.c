/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/client.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A listener that answers one connection with a fixed text, in a thread. */
struct fixed {
	int listening;
	const char *answer; /* NULL: says nothing and hangs up */
	gsize length;
};

static gpointer answer_once(gpointer data)
{
	const struct fixed *fixed = data;
	int fd = accept(fixed->listening, NULL, NULL);
	char buffer[4096];

	if (recv(fd, buffer, sizeof(buffer), 0) > 0 && fixed->answer)
		send(fd, fixed->answer, fixed->length, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static JsonObject *call(const char *path, GError **error)
{
	g_autoptr(JsonObject) request = json_object_new();

	json_object_set_string_member(request, "op", "list");
	return control_call(path, request, error);
}

static JsonObject *call_fixed(const char *answer, gsize length, GError **error)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "s", NULL);
	struct fixed fixed = { listen_at(path), answer, length };
	GThread *thread = g_thread_new("server", answer_once, &fixed);
	JsonObject *reply = call(path, error);

	g_thread_join(thread);
	close(fixed.listening);
	scratch_free(dir);
	return reply;
}

static void gives_reply(void **state)
{
	static const char text[] = "{\"ok\":true,\"path\":\"/x\"}";
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) reply = call_fixed(text, strlen(text), &error);

	g_assert_no_error(error);
	assert_string_equal(json_object_get_string_member(reply, "path"), "/x");
}

static void gives_errors(void **state)
{
	static const struct {
		const char *answer;
		int code;
		const char *error;
	} cases[] = {
		{ "{\"ok\":false,\"error\":\"no such thing\",\"errno\":2}", ENOENT, "no such thing" },
		{ "{\"ok\":false,\"errno\":2}", ENOENT, "the daemon's answer gives no reason" },
		{ "{\"ok\":false,\"error\":\"bad\"}", EPROTO, "bad" },
		{ "{\"ok\":false,\"error\":\"bad\",\"errno\":-4}", EPROTO, "bad" },
		{ "{\"ok\":1}", EINVAL, "the daemon's answer: member \"ok\" is not true or false" },
		{ "{}", EINVAL, "the daemon's answer has no member \"ok\"" },
		{ "hello", EINVAL, "the daemon's answer is not JSON" },
		{ NULL, EPROTO, "the daemon's answer is missing: it hung up" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		const char *answer = cases[i].answer;

		assert_null(call_fixed(answer, answer ? strlen(answer) : 0, &error));
		assert_has(error->message, cases[i].error);
		assert_int_equal(error->code, cases[i].code);
	}
}

static void refuses_long(void **state)
{
	g_autofree char *text = g_strnfill(CONTROL_MESSAGE_MAX + 1, ' ');
	g_autoptr(GError) error = NULL;

	assert_null(call_fixed(text, CONTROL_MESSAGE_MAX + 1, &error));
	assert_string_equal(error->message, "the daemon's answer is too long");
}

static void names_missing_daemon(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "s", NULL), *name = g_strnfill(200, 'x');
	g_autoptr(GError) missing = NULL, refused = NULL, longer = NULL;

	assert_null(call(path, &missing));
	assert_int_equal(missing->code, ENOENT);
	assert_has(missing->message, "procvirtd does not run: nobody listens at /");
	close(listen_at(path));
	assert_null(call(path, &refused));
	assert_int_equal(refused->code, ECONNREFUSED);
	assert_has(refused->message, "procvirtd does not run: nobody listens at /");
	assert_null(call(name, &longer));
	assert_int_equal(longer->code, ENAMETOOLONG);
	scratch_free(dir);
}

static void gives_up(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "s", NULL);
	int listening = listen_at(path); /* and never accepts */
	gint64 start = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;

	assert_null(call(path, &error));
	assert_int_equal(error->code, ETIMEDOUT);
	assert_has(error->message, "did not answer within 2000 ms");
	assert_in_range(g_get_monotonic_time() - start, CONTROL_TIMEOUT_MS * 900, CONTROL_TIMEOUT_MS * 5000);
	close(listening);
	scratch_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_reply),          cmocka_unit_test(gives_errors), cmocka_unit_test(refuses_long),
		cmocka_unit_test(names_missing_daemon), cmocka_unit_test(gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
