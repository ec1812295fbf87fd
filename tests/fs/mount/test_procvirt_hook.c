/* SPDX-License-Identifier: Apache-2.0
 *
 * The program itself, between a control socket and a container. The socket's
 * mount point is DIR/mount, so the files it speaks of are made there.
 */
#include "fs/control/client.h"
#include "tests/fs/control/server.h"
#include "tests/fs/harness.h"
#include "tests/fs/mount/cage.h"
#include "tests/fs/scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMINFO "/proc/meminfo"

static char *dir;
static struct server server;
static struct cage cage;

static int setup(void **state)
{
	if (geteuid() != 0)
		skip();
	dir = scratch_new();
	scratch_write(dir, "mount/containers/c1" MEMINFO, "ours");
	scratch_write(dir, "config.json", "{\"root\":{\"path\":\"rootfs\"}}");
	server = server_start(&server_control, dir);
	return 0;
}

static int teardown(void **state)
{
	bool clean = server_stop(&server);

	cage_stop(&cage);
	scratch_free(dir);
	return clean ? 0 : -1;
}

struct outcome {
	int status;
	char *output, *complaint;
};

static void outcome_clear(struct outcome *outcome)
{
	g_free(outcome->output);
	g_free(outcome->complaint);
}

#define cleanup_outcome __attribute__((cleanup(outcome_clear)))

static void run_child(char **argv, const char *files[3])
{
	for (int i = 0; i < 3; i++) {
		int fd = open(files[i], i == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd < 0 || dup2(fd, i) < 0)
			_exit(99);
	}
	execv(argv[0], argv);
	_exit(99);
}

/* Runs the hook with a state on its standard input; `options` is a NULL-terminated list. */
static struct outcome run(const char *state, const char *const *options)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *in = g_build_filename(dir, "in", NULL), *out = g_build_filename(dir, "out", NULL);
	g_autofree char *err = g_build_filename(dir, "err", NULL);
	const char *files[3] = { in, out, err };
	int status;
	pid_t pid;

	scratch_write(dir, "in", state);
	g_ptr_array_add(argv, g_strdup(HOOK));
	for (; *options; options++)
		g_ptr_array_add(argv, g_strdup(*options));
	g_ptr_array_add(argv, NULL);
	pid = fork();
	if (pid == 0)
		run_child((char **)argv->pdata, files);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (struct outcome){ WEXITSTATUS(status), scratch_read(out), scratch_read(err) };
}

static char *make_state(pid_t pid, const char *annotations)
{
	return g_strdup_printf(
		"{\"ociVersion\":\"1.0.2\",\"id\":\"c1\",\"status\":\"creating\",\"pid\":%d,\"bundle\":\"%s\","
		"\"annotations\":{%s}}",
		(int)pid, dir, annotations);
}

static struct outcome run_state(const char *state, bool strict)
{
	const char *options[] = { "--socket", server.socket, strict ? "--strict" : NULL, NULL };

	return run(state, options);
}

/* A run that goes wrong: 0 softly, 1 strictly, and in both cases one line that has this. */
static void expect_complaint(const char *state, const char *part)
{
	for (int strict = 0; strict < 2; strict++) {
		cleanup_outcome struct outcome outcome = run_state(state, strict);

		assert_int_equal(outcome.status, strict);
		assert_has(outcome.complaint, part);
		assert_ptr_equal(strchr(outcome.complaint, '\n'), strrchr(outcome.complaint, '\n'));
		assert_string_equal(outcome.output, "");
	}
}

static void expect_quiet(const char *state)
{
	cleanup_outcome struct outcome outcome = run_state(state, true);

	assert_string_equal(outcome.complaint, "");
	assert_int_equal(outcome.status, 0);
}

static char *list_containers(void)
{
	g_autoptr(JsonObject) request = json_object_new();
	g_autoptr(JsonObject) reply = NULL;
	gsize length;

	json_object_set_string_member(request, "op", "list");
	reply = control_call(server.socket, request, NULL);
	return control_message_text(reply, &length);
}

static void lays(void **state)
{
	g_autofree char *text = NULL, *seen = NULL, *list = NULL;

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	text = make_state(cage.pid, "\"procvirt.dev/cpu-count\":\"shares\",\"procvirt.dev/renumber-cpus\":\"false\"");
	expect_quiet(text);
	expect_quiet(text); /* prestart after createRuntime */
	seen = cage_read(&cage, dir, MEMINFO);
	assert_string_equal(seen, "ours");
	assert_int_equal(cage_mounts(&cage, MEMINFO), 1);
	list = list_containers();
	assert_has(list, "\"id\":\"c1\",\"slot\":1");
	assert_has(list, "\"cpu-count\":\"shares\",\"renumber-cpus\":false");
}

static void leaves_alone(void **state)
{
	g_autofree char *text = NULL, *list = NULL;

	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	text = make_state(cage.pid, "\"procvirt.dev/enable\":\"false\"");
	expect_quiet(text);
	assert_int_equal(cage_mounts(&cage, MEMINFO), 0);
	list = list_containers();
	assert_string_equal(list, "{\"ok\":true,\"containers\":[]}");
}

/* The runtime covers it after the hooks; ours beneath would be in the way of who takes ours away. */
static void leaves_what_is_masked(void **state)
{
	g_autofree char *text = NULL, *list = NULL;

	scratch_write(dir, "config.json",
		      "{\"root\":{\"path\":\"rootfs\"},\"linux\":{\"maskedPaths\":[\"/proc/kcore\",\"" MEMINFO "\"]}}");
	cage_start(&cage, dir, CAGE_PLAIN, cage_fill);
	text = make_state(cage.pid, "");
	expect_quiet(text);
	assert_int_equal(cage_mounts(&cage, MEMINFO), 0);
	list = list_containers();
	assert_has(list, "\"id\":\"c1\"");
}

static void fill_covered(void)
{
	cage_fill();
	cage_insist(mount("proc/version", "proc/meminfo", NULL, MS_BIND, NULL) == 0, "proc/version");
}

static void strict_forgets(void **state)
{
	g_autofree char *text = NULL, *after_soft = NULL, *after_strict = NULL;

	cage_start(&cage, dir, CAGE_PLAIN, fill_covered);
	text = make_state(cage.pid, "");
	{
		cleanup_outcome struct outcome soft = run_state(text, false);

		assert_int_equal(soft.status, 0);
		assert_has(soft.complaint, "procvirt-hook: container c1: 1 of ");
		assert_has(soft.complaint, "files were not laid; /proc/meminfo: something else is mounted over it");
		after_soft = list_containers();
		assert_has(after_soft, "\"id\":\"c1\"");
	}
	{
		cleanup_outcome struct outcome strict = run_state(text, true);

		assert_int_equal(strict.status, 1);
		after_strict = list_containers();
		assert_string_equal(after_strict, "{\"ok\":true,\"containers\":[]}");
	}
}

static void complains(void **state)
{
	g_autofree char *inside = make_state(1, ""), *none = make_state(0, ""), *gone = make_state(0x3ffffff0, "");
	g_autofree char *odd = make_state(getpid(), "\"procvirt.dev/colour\":\"red\"");
	g_autofree char *host = make_state(getpid(), "");

	expect_complaint("", "procvirt-hook: the state is not");
	expect_complaint("{}", "procvirt-hook: the state has no member \"id\"");
	expect_complaint(inside, "container c1: the state has pid 1: this stage runs inside");
	expect_complaint(none, "use the createRuntime stage");
	expect_complaint(gone, "No such process");
	expect_complaint(odd, "unknown annotation \"procvirt.dev/colour\"");
	expect_complaint(host, "is in our own mount namespace");
}

static void logs_without_daemon(void **state)
{
	g_autofree char *text = make_state(getpid(), ""), *log = g_build_filename(dir, "log", NULL), *logged = NULL;
	const char *options[] = { "--socket", "/nowhere/control", "--log", log, NULL };
	g_auto(GStrv) lines = NULL;

	for (unsigned i = 0; i < 2; i++) {
		cleanup_outcome struct outcome outcome = run(text, options);

		assert_int_equal(outcome.status, 0);
		assert_string_equal(outcome.complaint,
				    "procvirt-hook: container c1: procvirtd does not run: nobody listens "
				    "at /nowhere/control\n");
	}
	logged = scratch_read(log);
	lines = g_strsplit(logged, "\n", -1);
	assert_int_equal(g_strv_length(lines), 3); /* two lines and the end */
	assert_has(lines[1], "container c1: procvirtd does not run");
}

static void knows_its_options(void **state)
{
	static const struct {
		const char *option;
		int status;
		const char *output, *complaint;
	} cases[] = {
		{ "--version", 0, "procvirt-hook 0.", "" },
		{ "--help", 0, "--strict", "" },
		{ "--dance", 2, "", "Unknown option --dance; see --help" },
		{ "--timeout=0", 2, "", "--timeout is 0, not 1 to 3600; see --help" },
		{ "--timeout=x", 2, "", "see --help" },
		{ "more", 2, "", "unexpected argument \"more\"; see --help" },
		{ "--log", 2, "", "Missing argument for --log; see --help" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *options[] = { cases[i].option, NULL };
		cleanup_outcome struct outcome outcome = run("", options);

		assert_int_equal(outcome.status, cases[i].status);
		assert_has(outcome.output, cases[i].output);
		assert_has(outcome.complaint, cases[i].complaint);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lays),      TEST(leaves_alone),        TEST(leaves_what_is_masked), TEST(strict_forgets),
		TEST(complains), TEST(logs_without_daemon), TEST(knows_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
