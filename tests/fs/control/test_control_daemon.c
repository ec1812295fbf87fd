/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked of the daemon itself: status and upgrade, with server.c's in its place.
 */
#include "fs/control/control.h"
#include "tests/fs/control/server.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct server server;

static int setup(void **state)
{
	return server_setup(&server, &server_control);
}

static int teardown(void **state)
{
	return server_teardown(&server);
}

static void register_self(void)
{
	g_autofree char *text = g_strdup_printf("{\"op\":\"register\",\"id\":\"c1\",\"pid\":%d}", (int)getpid());

	json_object_unref(server_call_ok(&server, text));
}

static void expect_as(uid_t uid, const char *op, const char *part)
{
	g_autofree char *text = g_strdup_printf("{\"op\":\"%s\"}", op);
	g_autofree char *answer = server_call_as(&server, uid, text);

	assert_has(answer, part);
}

static void says_how_it_fares(void **state)
{
	g_autofree char *mount = g_build_filename(server.dir, "mount", NULL);
	struct daemon_status status;
	g_autoptr(JsonObject) reply = NULL;

	register_self();
	reply = server_call_ok(&server, "{\"op\":\"status\"}");
	assert_true(daemon_status_read(reply, &status, NULL));
	assert_string_equal(status.version, "1.2.3");
	assert_string_equal(status.mount, mount);
	assert_int_equal(status.keeper, getpid());
	assert_int_equal(status.worker, server.pid);
	assert_int_equal(status.registered, 1);
	assert_int_equal(status.requests, 17);
}

static void expect_refused_upgrade(const char *text, int code)
{
	g_autoptr(GError) error = NULL;

	assert_null(server_call(&server, "{\"op\":\"upgrade\"}", &error));
	assert_string_equal(error->message, text);
	assert_int_equal(error->code, code);
}

static const char upgrade[] = "{\"op\":\"upgrade\"}";

static int count_upgrades(void)
{
	g_autoptr(JsonObject) reply = server_call_ok(&server, "{\"op\":\"status\"}");

	return (int)json_object_get_int_member(reply, "workers") - 1;
}

/* Asks for the `n`th upgrade, again where the one before has not ended yet, and waits until it has begun. */
static int begin_upgrade(int n)
{
	int fd = server_connect(&server);
	char busy[4096];

	assert_int_equal(send(fd, upgrade, strlen(upgrade), 0), strlen(upgrade));
	while (count_upgrades() != n) {
		if (recv(fd, busy, sizeof(busy), MSG_DONTWAIT) > 0)
			assert_int_equal(send(fd, upgrade, strlen(upgrade), 0), strlen(upgrade));
		g_usleep(1000);
	}
	return fd;
}

/* Has the server end it; what the client is told. */
static char *end_upgrade(int fd)
{
	char *answer;

	assert_int_equal(kill(server.pid, SIGUSR1), 0);
	answer = server_ask(fd, NULL, 0);
	close(fd);
	return answer;
}

/* Who asks is told when it is known; whoever else asks meanwhile is not kept waiting. */
static void is_upgraded(void **state)
{
	g_autofree char *good = NULL, *bad = NULL;
	int fd;

	expect_refused_upgrade("not now", ENOSYS);
	fd = begin_upgrade(2);
	expect_refused_upgrade("an upgrade is under way already", EBUSY);
	good = end_upgrade(fd);
	assert_has(good, "{\"ok\":true,\"version\":\"1.2.3\",");
	bad = end_upgrade(begin_upgrade(3));
	assert_string_equal(bad, "{\"ok\":false,\"error\":\"the new one does not start\",\"errno\":5}");
	expect_refused_upgrade("not now", ENOSYS);
}

static void upgrading_outlives_its_client(void **state)
{
	g_autofree char *bad = NULL;

	expect_refused_upgrade("not now", ENOSYS);
	close(begin_upgrade(2));
	expect_refused_upgrade("an upgrade is under way already", EBUSY);
	assert_int_equal(kill(server.pid, SIGUSR1), 0);
	bad = end_upgrade(begin_upgrade(3));
	assert_has(bad, "the new one does not start");
}

static void status_and_upgrade_are_roots(void **state)
{
	expect_as(1000, "status", "\"error\":\"status is root's alone\",\"errno\":1");
	expect_as(1000, "upgrade", "\"error\":\"upgrade is root's alone\",\"errno\":1");
	expect_refused_upgrade("not now", ENOSYS); /* the first that came through */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_how_it_fares),
		TEST(is_upgraded),
		TEST(upgrading_outlives_its_client),
		TEST(status_and_upgrade_are_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
