/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/packets.h"

#include "tests/fs/control/server.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_MS 300

/* Answers each message with its length and whose it is. */
static JsonObject *tell_length(const struct packet *packet, gpointer data)
{
	JsonObject *reply = control_reply_new();

	json_object_set_int_member(reply, "length", (gint64)packet->length);
	json_object_set_boolean_member(reply, "text", packet->text != NULL);
	json_object_set_int_member(reply, "uid", packet->uid);
	return reply;
}

static void *begin(const char *dir, const char *path)
{
	static const struct packets_limits limits = { .clients = 4, .users = 3, .per_user = 2, .idle_ms = IDLE_MS };
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

	return server_setup(&server, &kind);
}

static int teardown(void **state)
{
	return server_teardown(&server);
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

/* A connection of this user: what counts is who connects, not who speaks. */
static int connect_as(uid_t uid)
{
	int fd;

	assert_int_equal(seteuid(uid), 0);
	fd = server_connect(&server);
	assert_int_equal(seteuid(0), 0);
	return fd;
}

static void expect_refusal(int fd, const char *sentence)
{
	expect_answer(fd, NULL, 0, sentence);
	expect_end(fd, 1000);
	close(fd);
}

/* The place of one that has gone is free as soon as the server has seen it. */
static int connect_when_free(uid_t uid)
{
	for (unsigned i = 0; i < 500; i++) {
		int fd = connect_as(uid);
		g_autofree char *answer = server_ask(fd, "a", 1);

		if (answer && strstr(answer, "\"ok\":true"))
			return fd;
		close(fd);
		g_usleep(10000);
	}
	fail_msg("no place is free");
	return -1;
}

static void bounds_clients(void **state)
{
	int fds[4];

	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = server_connect(&server);
		expect_answer(fds[i], "a", 1, "\"ok\":true");
	}
	expect_refusal(server_connect(&server), "4 clients are connected already; try again later\",\"errno\":16");
	close(fds[0]);
	fds[0] = connect_when_free(0);
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
}

static void bounds_users(void **state)
{
	int first = connect_as(1000), second = connect_as(1000), third = connect_as(1001), root;

	expect_answer(first, "a", 1, "\"uid\":1000");
	expect_answer(second, "a", 1, "\"uid\":1000");
	expect_refusal(connect_as(1000), "2 clients of uid 1000 are connected already; try again later\",\"errno\":16");
	expect_answer(third, "a", 1, "\"uid\":1001");
	expect_refusal(connect_as(1001), "3 clients of users are connected already; try again later\",\"errno\":16");
	expect_refusal(connect_as(1002), "3 clients of users are connected already");
	root = server_connect(&server);
	expect_answer(root, "a", 1, "\"uid\":0");
	close(root);
	close(first);
	first = connect_when_free(1001);
	close(first);
	close(second);
	close(third);
}

/* All places may be root's, also those of users. */
static void users_have_no_place_of_their_own(void **state)
{
	int fds[4];

	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = server_connect(&server);
		expect_answer(fds[i], "a", 1, "\"ok\":true");
	}
	expect_refusal(connect_as(1000), "4 clients are connected already");
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
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

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers),
		TEST(bounds_length),
		TEST(bounds_clients),
		TEST(bounds_users),
		TEST(users_have_no_place_of_their_own),
		TEST(drops_silent),
		TEST(drops_deaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
