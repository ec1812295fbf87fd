/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/client.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A listener that answers with a fixed text, in a thread. */
struct fixed {
	int listening;
	const char *answer; /* NULL: says nothing and hangs up */
	gsize length;
	unsigned hang_ups; /* so many connections first */
	bool reads;        /* the request, before it hangs up */
};

static void hang_up(const struct fixed *fixed)
{
	int fd = accept(fixed->listening, NULL, NULL);
	char buffer[4096];

	if (fixed->reads)
		recv(fd, buffer, sizeof(buffer), 0);
	close(fd);
}

static gpointer answer_at_last(gpointer data)
{
	const struct fixed *fixed = data;
	char buffer[4096];
	int fd;

	for (unsigned i = 0; i < fixed->hang_ups; i++)
		hang_up(fixed);
	if (!fixed->answer)
		return NULL;
	fd = accept(fixed->listening, NULL, NULL);
	if (recv(fd, buffer, sizeof(buffer), 0) > 0)
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

/* With a time that the slowest machine has: a test of its own is what times out. */
static JsonObject *call_server(struct fixed fixed, unsigned *ret_tries, GError **error)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "s", NULL);
	g_autoptr(JsonObject) request = json_object_new();
	GThread *thread;
	JsonObject *reply;

	json_object_set_string_member(request, "op", "list");
	fixed.listening = listen_at(path);
	thread = g_thread_new("server", answer_at_last, &fixed);
	reply = control_call_within(path, request, 120000, ret_tries, error);
	g_thread_join(thread);
	close(fixed.listening);
	scratch_free(dir);
	return reply;
}

static JsonObject *call_fixed(const char *answer, gsize length, GError **error)
{
	unsigned tries;
	JsonObject *reply = call_server((struct fixed){ .answer = answer, .length = length }, &tries, error);

	assert_int_equal(tries, 1);
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
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(call_fixed(cases[i].answer, strlen(cases[i].answer), &error));
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

static void says_it_again(void **state)
{
	static const char text[] = "{\"ok\":true,\"path\":\"/x\"}";

	for (unsigned n = 0; n < CONTROL_TRIES; n++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) reply = NULL;
		struct fixed fixed = { .answer = text, .length = strlen(text), .hang_ups = n, .reads = n % 2 };
		unsigned tries;

		reply = call_server(fixed, &tries, &error);
		g_assert_no_error(error);
		assert_string_equal(json_object_get_string_member(reply, "path"), "/x");
		assert_int_equal(tries, n + 1);
	}
}

static void does_not_say_it_for_ever(void **state)
{
	for (unsigned reads = 0; reads < 2; reads++) {
		g_autoptr(GError) error = NULL;
		unsigned tries;

		assert_null(call_server((struct fixed){ .hang_ups = CONTROL_TRIES, .reads = reads }, &tries, &error));
		assert_string_equal(error->message, "the daemon's answer is missing: it hung up");
		assert_int_equal(error->code, EPROTO);
		assert_int_equal(tries, CONTROL_TRIES);
	}
}

/* Whoever refuses has answered. */
static void takes_no_for_an_answer(void **state)
{
	static const char text[] = "{\"ok\":false,\"error\":\"no\",\"errno\":16}";
	g_autoptr(GError) error = NULL;
	unsigned tries;

	assert_null(
		call_server((struct fixed){ .answer = text, .length = strlen(text), .hang_ups = 2 }, &tries, &error));
	assert_int_equal(error->code, EBUSY);
	assert_int_equal(tries, 3);
}

static gpointer die(gpointer listening)
{
	struct fixed fixed = { .listening = GPOINTER_TO_INT(listening) };

	hang_up(&fixed);
	close(fixed.listening);
	return NULL;
}

/* It was there a moment ago: the next one may be on its way, and is waited for. */
static void waits_for_the_next_daemon(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "s", NULL);
	GThread *thread = g_thread_new("server", die, GINT_TO_POINTER(listen_at(path)));
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(GError) error = NULL;
	unsigned tries;

	assert_null(control_call_within(path, request, 120000, &tries, &error));
	assert_int_equal(error->code, ECONNREFUSED);
	assert_int_equal(tries, CONTROL_TRIES);
	g_thread_join(thread);
	scratch_free(dir);
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
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(GError) error = NULL;
	unsigned tries;

	assert_null(control_call_within(path, request, 300, &tries, &error));
	assert_int_equal(error->code, ETIMEDOUT);
	assert_has(error->message, "did not answer within 300 ms");
	assert_true(g_get_monotonic_time() - start >= 290000);
	assert_int_equal(tries, 1);
	close(listening);
	scratch_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_it_again),
		cmocka_unit_test(does_not_say_it_for_ever),
		cmocka_unit_test(takes_no_for_an_answer),
		cmocka_unit_test(waits_for_the_next_daemon),
		cmocka_unit_test(gives_reply),
		cmocka_unit_test(gives_errors),
		cmocka_unit_test(refuses_long),
		cmocka_unit_test(names_missing_daemon),
		cmocka_unit_test(gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
