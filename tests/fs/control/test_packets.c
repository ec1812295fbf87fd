/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/packets.h"

#include "fs/control/listen.h"
#include "tests/fs/control/server.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_MS 300

#define LATER_MS (3 * IDLE_MS)

struct world {
	Listener *listener;
	Packets *packets;
	uint64_t waiting; /* the client that said "later" last */
};

/* When its idle time would long be over. */
static gboolean answer_waiting(gpointer data)
{
	const struct world *world = data;
	JsonObject *reply = control_reply_new();

	json_object_set_boolean_member(reply, "late", TRUE);
	packets_reply(world->packets, world->waiting, reply);
	packets_reply(world->packets, world->waiting, control_reply_new()); /* nobody waits for this one */
	packets_reply(world->packets, world->waiting + 1000, control_reply_new());
	return G_SOURCE_REMOVE;
}

/* Answers each message with its length and whose it is; "later" later. */
static JsonObject *tell_length(const struct packet *packet, gpointer data)
{
	struct world *world = data;
	JsonObject *reply;

	if (packet->text && packet->length == 5 && memcmp(packet->text, "later", 5) == 0) {
		world->waiting = packet->client;
		g_timeout_add(LATER_MS, answer_waiting, world);
		return NULL;
	}
	reply = control_reply_new();
	json_object_set_int_member(reply, "length", (gint64)packet->length);
	json_object_set_boolean_member(reply, "text", packet->text != NULL);
	json_object_set_int_member(reply, "uid", packet->uid);
	return reply;
}

/* The listening descriptor is borrowed, and blocks: another process may have made it. */
static void *begin(const char *dir, const char *path)
{
	static const struct packets_limits limits = { .clients = 4, .users = 3, .per_user = 2, .idle_ms = IDLE_MS };
	struct world *world = g_new0(struct world, 1);
	g_autoptr(GError) error = NULL;

	world->listener = listener_open(path, &error);
	g_assert_no_error(error);
	g_assert(fcntl(listener_fd(world->listener), F_SETFL, 0) == 0);
	world->packets = packets_start(listener_fd(world->listener), &limits, tell_length, world, &error);
	g_assert_no_error(error);
	return world;
}

static void end(void *data)
{
	struct world *world = data;

	packets_stop(world->packets);
	listener_close(world->listener);
	g_free(world);
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

static void answers_later(void **state)
{
	int fd = server_connect(&server), other;

	assert_int_equal(send(fd, "later", 5, 0), 5);
	assert_int_equal(send(fd, "next", 4, 0), 4);
	other = server_connect(&server);
	expect_answer(other, "other", 5, "\"length\":5");
	expect_answer(fd, NULL, 0, "{\"ok\":true,\"late\":true}");
	expect_answer(fd, NULL, 0, "\"length\":4");
	expect_end(fd, 60000);
	close(fd);
	close(other);
}

/* Its place is free again at once, and the answer goes to nobody: not to who came after it. */
static void drops_who_does_not_wait(void **state)
{
	int fds[4];

	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = server_connect(&server);
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		assert_int_equal(send(fds[i], "later", 5, 0), 5);
	close(fds[3]);
	fds[3] = connect_when_free(0);
	expect_answer(fds[3], "hello", 5, "\"length\":5");
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
}

static void wants_a_listener(void **state)
{
	static const struct packets_limits limits = { .clients = 1, .idle_ms = IDLE_MS };
	g_autoptr(GError) error = NULL;
	int fd = server_connect(&server);

	assert_null(packets_start(fd, &limits, tell_length, NULL, &error));
	assert_int_equal(error->code, EINVAL);
	close(fd);
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
		TEST(answers_later),
		TEST(drops_who_does_not_wait),
		TEST(wants_a_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
