/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/control.h"

#include "cgroup/error.h"
#include "fs/view/rows.h"
#include "tests/fs/control/fake_registry.h"
#include "tests/fs/control/server.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
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

static JsonObject *call(const char *text, GError **error)
{
	return server_call(&server, text, error);
}

static JsonObject *call_ok(const char *text)
{
	return server_call_ok(&server, text);
}

static JsonObject *register_pid(const char *id, pid_t pid)
{
	g_autofree char *text = g_strdup_printf("{\"op\":\"register\",\"id\":\"%s\",\"pid\":%d}", id, (int)pid);

	return call_ok(text);
}

static guint count_listed(void)
{
	g_autoptr(JsonObject) reply = call_ok("{\"op\":\"list\"}");

	return json_array_get_length(json_object_get_array_member(reply, "containers"));
}

static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static void end_sleeper(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void registers(void **state)
{
	g_autoptr(JsonObject) reply = register_pid("c1", getpid());
	g_autofree char *path = g_build_filename(server.dir, "mount", "containers", "c1", NULL);
	JsonArray *files = json_object_get_array_member(reply, "files");
	guint n_laid = 0, n_rows;
	const struct row *rows = rows_all(&n_rows);

	assert_string_equal(json_object_get_string_member(reply, "path"), path);
	for (guint i = 0; i < n_rows; i++) {
		if (rows[i].lay)
			assert_string_equal(json_array_get_string_element(files, n_laid++), rows[i].path);
	}
	assert_true(n_laid > 0);
	assert_int_equal(json_array_get_length(files), n_laid);
}

static unsigned count_cgroup_trees(JsonObject *reply, const char *member)
{
	JsonArray *files = json_object_get_array_member(reply, member);
	unsigned found = 0;

	for (guint i = 0; i < json_array_get_length(files); i++)
		found += strcmp(json_array_get_string_element(files, i), "/sys/fs/cgroup") == 0;
	return found;
}

/* Where a shape is asked for; else it is for the hook to see whether the container's own shows others', unless that is to stay. */
static void lays_the_cgroup_tree(void **state)
{
	static const struct {
		const char *shape;
		unsigned always, unless_own;
	} cases[] = { { "v1", 1, 0 }, { "v2", 1, 0 }, { "host", 0, 1 }, { "kernel", 0, 0 } };

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *request = g_strdup_printf("{\"op\":\"register\",\"id\":\"c1\",\"pid\":%d,\"options\":"
							   "{\"cgroup-shape\":\"%s\"}}",
							   (int)getpid(), cases[i].shape);
		g_autoptr(JsonObject) reply = call_ok(request);

		assert_int_equal(count_cgroup_trees(reply, "files"), cases[i].always);
		assert_int_equal(count_cgroup_trees(reply, "files-unless-own"), cases[i].unless_own);
	}
}

static void lists(void **state)
{
	g_autofree char *again =
		g_strdup_printf("{\"op\":\"register\",\"id\":\"c2\",\"pid\":%d,\"options\":"
				"{\"cpu-count\":\"shares\",\"renumber-cpus\":false,\"cgroup-shape\":\"v1\"}}",
				(int)getpid());
	g_autofree char *expected =
		g_strdup_printf("{\"ok\":true,\"containers\":["
				"{\"id\":\"c1\",\"slot\":1,\"pid\":%d,\"cpu-count\":\"cpuset\",\"renumber-cpus\":true,"
				"\"cgroup-shape\":\"host\",\"uid\":0,\"cgroup\":\"/box\"},"
				"{\"id\":\"c2\",\"slot\":2,\"pid\":%d,\"cpu-count\":\"shares\",\"renumber-cpus\":false,"
				"\"cgroup-shape\":\"v1\",\"uid\":0,\"cgroup\":\"/box\"}]}",
				(int)getpid(), (int)getpid());
	g_autofree char *text = NULL;
	gsize length;

	json_object_unref(register_pid("c1", getpid()));
	json_object_unref(register_pid("c2", getpid()));
	json_object_unref(call_ok(again));
	{
		g_autoptr(JsonObject) reply = call_ok("{\"op\":\"list\"}");

		text = control_message_text(reply, &length);
		assert_string_equal(text, expected);
	}
}

static void lists_in_parts(void **state)
{
	g_autoptr(JsonObject) first = NULL;
	g_autoptr(JsonObject) second = NULL;
	g_autofree char *next = NULL;

	for (unsigned i = 0; i < CONTROL_LIST_MAX + 2; i++) {
		g_autofree char *tail = g_strdup_printf("%u", i);
		g_autofree char *id = g_strnfill(255 - strlen(tail), 'x');
		g_autofree char *whole = g_strconcat(id, tail, NULL);

		json_object_unref(register_pid(whole, getpid()));
	}
	first = call_ok("{\"op\":\"list\"}");
	assert_int_equal(json_array_get_length(json_object_get_array_member(first, "containers")), CONTROL_LIST_MAX);
	next = g_strdup_printf("{\"op\":\"list\",\"from\":%" G_GINT64_FORMAT "}",
			       json_object_get_int_member(first, "next"));
	second = call_ok(next);
	assert_int_equal(json_array_get_length(json_object_get_array_member(second, "containers")), 2);
	assert_false(json_object_has_member(second, "next"));
}

static void forgets(void **state)
{
	g_autoptr(GError) error = NULL;

	json_object_unref(register_pid("c1", getpid()));
	json_object_unref(call_ok("{\"op\":\"forget\",\"id\":\"c1\"}"));
	assert_int_equal(count_listed(), 0);
	assert_null(call("{\"op\":\"forget\",\"id\":\"c1\"}", &error));
	assert_int_equal(error->code, ENOENT);
	assert_string_equal(error->message, "no container is registered as \"c1\"");
}

static void expect_as(uid_t uid, const char *text, const char *part)
{
	g_autofree char *answer = server_call_as(&server, uid, text);

	assert_has(answer, part);
}

static void users_have_ids_of_their_own(void **state)
{
	g_autofree char *text = g_strdup_printf("{\"op\":\"register\",\"id\":\"c1\",\"pid\":%d}", (int)getpid());
	g_autofree char *list = NULL;

	json_object_unref(register_pid("c1", getpid()));
	expect_as(1000, text, "\"id\":\"1000:c1\",\"path\":");
	expect_as(1000, text, "/mount/containers/1000:c1\"");
	expect_as(1001, text, "\"id\":\"1001:c1\"");
	assert_int_equal(count_listed(), 3);
	list = server_call_as(&server, 1000, "{\"op\":\"list\"}");
	assert_has(list, "[{\"id\":\"1000:c1\",\"slot\":2,");
	assert_null(strstr(list, "},{"));
	expect_as(1002, "{\"op\":\"list\"}", "\"containers\":[]");
}

static void users_forget_their_own(void **state)
{
	g_autofree char *text = g_strdup_printf("{\"op\":\"register\",\"id\":\"c1\",\"pid\":%d}", (int)getpid());

	json_object_unref(register_pid("c1", getpid()));
	expect_as(1000, text, "\"ok\":true");
	expect_as(1001, "{\"op\":\"forget\",\"id\":\"c1\"}", "no container is registered as");
	expect_as(1001, "{\"op\":\"forget\",\"id\":\"1000:c1\"}", "no container is registered as");
	assert_int_equal(count_listed(), 2);
	expect_as(1000, "{\"op\":\"forget\",\"id\":\"c1\"}", "\"ok\":true");
	assert_int_equal(count_listed(), 1);
	json_object_unref(call_ok("{\"op\":\"forget\",\"id\":\"c1\"}"));
}

static void register_many_as(uid_t uid, unsigned n)
{
	int fd;

	assert_int_equal(seteuid(uid), 0);
	fd = server_connect(&server);
	assert_int_equal(seteuid(0), 0);
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *text =
			g_strdup_printf("{\"op\":\"register\",\"id\":\"c%u\",\"pid\":%d}", i, (int)getpid());
		g_autofree char *answer = server_ask(fd, text, strlen(text));

		assert_has(answer, "\"ok\":true");
	}
	close(fd);
}

/* Of one user, and of all: a user with subordinate uids can be many. */
static void bounds_users_containers(void **state)
{
	g_autofree char *text = g_strdup_printf("{\"op\":\"register\",\"id\":\"x\",\"pid\":%d}", (int)getpid());

	for (unsigned i = 0; i < CONTROL_USERS_CONTAINERS / CONTROL_USER_CONTAINERS; i++)
		register_many_as(1000 + i, CONTROL_USER_CONTAINERS);
	expect_as(1000, text, "uid 1000 has 128 containers already\",\"errno\":16");
	expect_as(2000, text, "users have 1024 containers already\",\"errno\":16");
	json_object_unref(register_pid("roots", getpid()));
	expect_as(1000, "{\"op\":\"forget\",\"id\":\"c7\"}", "\"ok\":true");
	expect_as(1000, text, "\"ok\":true");
}

static void passes_refusals_on(void **state)
{
	g_autoptr(GError) bad = NULL, taken = NULL;
	pid_t sleeper = start_sleeper();
	g_autofree char *text = g_strdup_printf("{\"op\":\"register\",\"id\":\"c1\",\"pid\":%d}", (int)sleeper);

	assert_null(call("{\"op\":\"register\",\"id\":\"a/b\",\"pid\":1}", &bad));
	assert_int_equal(bad->code, EINVAL);
	assert_string_equal(bad->message, "the id has a slash");
	json_object_unref(register_pid("c1", getpid()));
	assert_null(call(text, &taken));
	assert_int_equal(taken->code, EEXIST);
	end_sleeper(sleeper);
}

static void forgets_what_ends(void **state)
{
	pid_t sleeper = start_sleeper();
	unsigned tries = 0;

	json_object_unref(register_pid("mine", getpid()));
	json_object_unref(register_pid("theirs", sleeper));
	json_object_unref(register_pid("theirs", sleeper)); /* a second pidfd; the first one's watch is replaced */
	assert_int_equal(count_listed(), 2);
	end_sleeper(sleeper);
	while (count_listed() != 1 && tries++ < 500)
		g_usleep(10000);
	assert_int_equal(count_listed(), 1);
}

/* A watch must not outlive its container: the id is someone else's by then. */
static void end_after_forget(void **state)
{
	pid_t sleeper = start_sleeper();

	json_object_unref(register_pid("c1", sleeper));
	json_object_unref(call_ok("{\"op\":\"forget\",\"id\":\"c1\"}"));
	json_object_unref(register_pid("c1", getpid()));
	end_sleeper(sleeper);
	g_usleep(100000);
	assert_int_equal(count_listed(), 1);
}

/* Open descriptors of the server, when nobody is connected any more. */
static guint count_descriptors(void)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int)server.pid);
	g_autoptr(GDir) directory = NULL;
	guint n = 0;

	g_usleep(100000);
	directory = g_dir_open(path, 0, NULL);
	while (g_dir_read_name(directory))
		n++;
	return n;
}

static void keeps_no_pidfd(void **state)
{
	guint before = count_descriptors();

	json_object_unref(register_pid("c1", getpid()));
	json_object_unref(register_pid("c1", getpid()));
	assert_int_equal(count_descriptors(), before + 1);
	json_object_unref(call_ok("{\"op\":\"forget\",\"id\":\"c1\"}"));
	assert_int_equal(count_descriptors(), before);
}

static void survives_nonsense(void **state)
{
	static const struct {
		const char *text, *answer;
	} cases[] = {
		{ "hello",
		  "{\"ok\":false,\"error\":\"the request is not JSON: unexpected text at byte 0\",\"errno\":22}" },
		{ "{\"op\":\"dance\"}",
		  "{\"ok\":false,\"error\":\"the request: unknown op \\\"dance\\\"\",\"errno\":22}" },
		{ "{\"op\":\"list\",\"x\":1}", "the request: unknown member \\\"x\\\"" },
		{ "{\"op\":\"list\"}", "{\"ok\":true,\"containers\":[]}" },
	};
	g_autofree char *text = g_strnfill(CONTROL_MESSAGE_MAX + 1, ' ');
	g_autofree char *answer = NULL;
	int fd = server_connect(&server);

	answer = server_ask(fd, text, CONTROL_MESSAGE_MAX + 1);
	assert_string_equal(answer, "{\"ok\":false,\"error\":\"the request is longer than 65536 bytes\",\"errno\":90}");
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *one = server_ask(fd, cases[i].text, strlen(cases[i].text));

		assert_has(one, cases[i].answer);
	}
	close(fd);
}

static void wants_a_listener(void **state)
{
	Registry *registry = fake_registry_new();
	g_autoptr(GError) error = NULL;

	assert_null(control_start(registry, "/m", 0, NULL, &error));
	assert_int_equal(error->code, EINVAL);
	registry_free(registry);
}

static void replaces_dead(void **state)
{
	char *dir = server.dir;

	server_kill(&server);
	server = server_start(&server_control, dir);
	assert_int_equal(count_listed(), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(registers),
		TEST(lays_the_cgroup_tree),
		TEST(lists),
		TEST(users_have_ids_of_their_own),
		TEST(users_forget_their_own),
		TEST(bounds_users_containers),
		TEST(lists_in_parts),
		TEST(forgets),
		TEST(passes_refusals_on),
		TEST(forgets_what_ends),
		TEST(end_after_forget),
		TEST(keeps_no_pidfd),
		TEST(survives_nonsense),
		TEST(wants_a_listener),
		TEST(replaces_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
