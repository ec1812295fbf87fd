/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/packets.h"

#include "fs/control/client.h"
#include "tests/fs/control/server.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDLE_MS 300

/* Answers each message with its length. */
static JsonObject *tell_length(const char *text, gsize length, gpointer data)
{
	JsonObject *reply = control_reply_new();

	json_object_set_int_member(reply, "length", (gint64)length);
	json_object_set_boolean_member(reply, "text", text != NULL);
	return reply;
}

static void *begin(const char *dir, const char *path)
{
	static const struct packets_limits limits = { .clients = 2, .idle_ms = IDLE_MS };
	g_autoptr(GError) error = NULL;
	Packets *packets = packets_start(path, &limits, tell_length, NULL, &error);

	g_assert_no_error(error);
	return packets;
}

static void end(void *data)
{
	packets_stop(data);
}

static struct server server;

static int setup(void **state)
{
	static const struct server_kind kind = { begin, end };

	if (geteuid() != 0)
		skip();
	server = server_start(&kind, scratch_new());
	return 0;
}

static int teardown(void **state)
{
	char *dir = server.dir;
	bool clean = server_stop(&server);

	scratch_free(dir);
	return clean ? 0 : -1;
}

static void expect_answer(int fd, const char *text, gsize length, const char *part)
{
	g_autofree char *answer = server_ask(fd, text, length);

	assert_has(answer, part);
}

/* The server hangs up, within a time. */
static void expect_end(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char byte;

	assert_int_equal(poll(&poll_fd, 1, timeout_ms), 1);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
}

static void answers(void **state)
{
	int fd = server_connect(&server);

	expect_answer(fd, "hello", 5, "\"length\":5,\"text\":true");
	expect_answer(fd, "again!", 6, "\"length\":6,\"text\":true");
	close(fd);
}

static void bounds_length(void **state)
{
	g_autofree char *text = g_malloc0(CONTROL_MESSAGE_MAX + 1);
	int fd = server_connect(&server);

	expect_answer(fd, text, CONTROL_MESSAGE_MAX, "\"length\":65536,\"text\":true");
	expect_answer(fd, text, CONTROL_MESSAGE_MAX + 1, "\"length\":65537,\"text\":false");
	expect_answer(fd, text, 1, "\"length\":1,\"text\":true");
	close(fd);
}

static void bounds_clients(void **state)
{
	int first = server_connect(&server), second = server_connect(&server), third;

	expect_answer(first, "a", 1, "\"ok\":true");
	expect_answer(second, "a", 1, "\"ok\":true");
	third = server_connect(&server);
	expect_answer(third, NULL, 0, "2 clients are connected already; try again later\",\"errno\":16");
	expect_end(third, 1000);
	close(first);
	close(third);
	g_usleep(50000);
	third = server_connect(&server);
	expect_answer(third, "a", 1, "\"ok\":true");
	close(second);
	close(third);
}

static void drops_silent(void **state)
{
	int silent = server_connect(&server), talking = server_connect(&server);

	for (unsigned i = 0; i < 5; i++) {
		expect_answer(talking, "a", 1, "\"ok\":true");
		g_usleep(IDLE_MS * 1000 / 3);
	}
	expect_end(silent, 2 * IDLE_MS);
	expect_answer(talking, "a", 1, "\"ok\":true");
	expect_end(talking, 4 * IDLE_MS);
	close(silent);
	close(talking);
}

/* Who asks and never takes the answers is dropped; nobody else notices. */
static void drops_deaf(void **state)
{
	int deaf = server_connect(&server), other = server_connect(&server);
	bool dropped = false;

	assert_int_equal(fcntl(deaf, F_SETFL, O_NONBLOCK), 0);
	for (unsigned i = 0; i < 200000 && !dropped; i++) {
		if (send(deaf, "a", 1, MSG_NOSIGNAL) < 0)
			dropped = errno == EPIPE || errno == ECONNRESET;
		if (i % 1000 == 0)
			expect_answer(other, "a", 1, "\"ok\":true");
	}
	assert_true(dropped);
	close(deaf);
	close(other);
}

/* As another user, by a socket that was opened to all. */
static int ask_as_nobody(const char *path)
{
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) reply = NULL;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 2;
	reply = control_call(path, request, &error);
	return !reply && error->code == EPERM && strstr(error->message, "only root may ask, not uid 65534") ? 0 : 1;
}

static void refuses_others(void **state)
{
	int status;
	pid_t pid;

	assert_int_equal(chmod(server.socket, 0666), 0);
	for (unsigned i = 0; i < 20; i++) { /* the answer and the hang-up race with the request */
		pid = fork();
		if (pid == 0)
			_exit(ask_as_nobody(server.socket));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers),      TEST(bounds_length), TEST(bounds_clients),
		TEST(drops_silent), TEST(drops_deaf),    TEST(refuses_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
