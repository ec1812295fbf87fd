/* SPDX-License-Identifier: Apache-2.0
 *
 * The program itself, in front of a runtime that writes down what it was given.
 */
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPARE 7 /* a descriptor as --preserve-fds passes it */
#define CODE  42

static const char runtime[] = "#!/bin/sh\n"
			      "{ echo $$; for word; do echo \"<$word>\"; done; cat; cat <&7; } >said\n"
			      "exit 42\n";

static char *dir;

static int setup(void **state)
{
	g_autofree char *program = NULL;

	dir = scratch_new();
	program = g_build_filename(dir, "runtime", NULL);
	scratch_write(dir, "runtime", runtime);
	scratch_write(dir, "input", "input\n");
	scratch_write(dir, "config.json", "{}");
	g_setenv("PROCVIRT_RUNTIME", program, TRUE);
	g_setenv("PROCVIRT_HOOK", "/a/hook", TRUE);
	g_unsetenv("PROCVIRT_STRICT");
	return chmod(program, 0755);
}

static int teardown(void **state)
{
	g_clear_pointer(&dir, scratch_free);
	return 0;
}

static void become_wrapper(char **argv)
{
	int in, err;

	if (chdir(dir) < 0)
		_exit(99);
	in = open("input", O_RDONLY);
	err = open("errors", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (in < 0 || err < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 ||
	    dup2(open("input", O_RDONLY), SPARE) < 0)
		_exit(99);
	execv(WRAPPER, argv);
	_exit(99);
}

/* Its exit status; ret_pid is the process that it was. */
static int run(const char *line, pid_t *ret_pid)
{
	g_autofree char *words = g_strdup_printf("procvirt-runc %s", line);
	g_auto(GStrv) argv = g_strsplit(words, " ", -1);
	pid_t pid = fork();
	int status;

	if (pid == 0)
		become_wrapper(argv);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (ret_pid)
		*ret_pid = pid;
	return WEXITSTATUS(status);
}

static char *read_file(const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	return scratch_read(path);
}

/* The same process: signals, the parent's wait and whatever else belongs to a process need no passing on. */
static void becomes_the_runtime(void **state)
{
	g_autofree char *said = NULL, *expected = NULL, *errors = NULL, *config = NULL;
	pid_t pid;

	assert_int_equal(run("--root /r create --bundle . -- c1", &pid), CODE);
	said = read_file("said");
	expected =
		g_strdup_printf("%d\n<--root>\n</r>\n<create>\n<--bundle>\n<.>\n<-->\n<c1>\ninput\ninput\n", (int)pid);
	assert_string_equal(said, expected);
	errors = read_file("errors");
	assert_string_equal(errors, "");
	config = read_file("config.json");
	assert_string_equal(config,
			    "{\"hooks\":{\"createRuntime\":[{\"path\":\"/a/hook\",\"args\":[\"procvirt-hook\"]}]}}");
}

static void touches_nothing_for_other_commands(void **state)
{
	g_autofree char *config = NULL;

	assert_int_equal(run("--root /r state c1", NULL), CODE);
	config = read_file("config.json");
	assert_string_equal(config, "{}");
}

static void makes_the_container_all_the_same(void **state)
{
	g_autofree char *errors = NULL, *said = NULL, *config = NULL;

	scratch_write(dir, "config.json", "{\"hooks\":[");
	assert_int_equal(run("run c1", NULL), CODE);
	errors = read_file("errors");
	assert_has(errors, "procvirt-runc: ./config.json: config.json is not JSON");
	assert_has(errors, "; the container is made without procvirt\n");
	assert_ptr_equal(strchr(errors, '\n'), errors + strlen(errors) - 1); /* one line */
	said = read_file("said");
	assert_has(said, "<run>\n<c1>\n");
	config = read_file("config.json");
	assert_string_equal(config, "{\"hooks\":[");
}

static void refuses_when_strict(void **state)
{
	g_autofree char *errors = NULL, *said = NULL;

	scratch_write(dir, "config.json", "{");
	g_setenv("PROCVIRT_STRICT", "true", TRUE);
	assert_int_equal(run("run c1", NULL), EXIT_FAILURE);
	errors = read_file("errors");
	assert_has(errors, "; the container is refused\n");
	said = read_file("said");
	assert_null(said);
	assert_int_equal(run("delete c1", NULL), CODE);
}

static void hands_strictness_to_the_hook(void **state)
{
	g_autofree char *config = NULL;

	g_setenv("PROCVIRT_STRICT", "true", TRUE);
	assert_int_equal(run("run c1", NULL), CODE);
	config = read_file("config.json");
	assert_has(config, "\"args\":[\"procvirt-hook\",\"--strict\"]");
}

static void says_that_there_is_no_runtime(void **state)
{
	g_autofree char *errors = NULL;

	g_setenv("PROCVIRT_RUNTIME", "/nowhere/runc", TRUE);
	assert_int_equal(run("--version", NULL), 127);
	errors = read_file("errors");
	assert_has(errors, "/nowhere/runc is no program");
}

static void is_never_its_own_runtime(void **state)
{
	g_setenv("PROCVIRT_RUNTIME", WRAPPER, TRUE);
	assert_int_equal(run("--version", NULL), 127);
}

#define with_dir(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(becomes_the_runtime),
		with_dir(touches_nothing_for_other_commands),
		with_dir(makes_the_container_all_the_same),
		with_dir(refuses_when_strict),
		with_dir(hands_strictness_to_the_hook),
		with_dir(says_that_there_is_no_runtime),
		with_dir(is_never_its_own_runtime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
