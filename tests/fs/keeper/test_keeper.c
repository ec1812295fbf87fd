/* SPDX-License-Identifier: Apache-2.0
 *
 * A keeper in a process of its own, with workers that are this very program:
 * they write down what becomes of them, and do wrong when a signal asks for it.
 */
#include "fs/keeper/keeper.h"

#include "fs/keeper/line.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKER_LINE (DESCRIPTORS_FIRST + DESCRIPTOR_LINE)
#define PATIENCE_US (60 * G_USEC_PER_SEC)

/* ---- the worker ---- */

static volatile sig_atomic_t is_silent, is_hung, is_unmounted, is_stubborn, wants_upgrade;

static void on_worker_signal(int number)
{
	is_silent |= number == SIGUSR1;
	is_hung |= number == SIGUSR2;
	is_unmounted |= number == SIGURG;
	is_stubborn |= number == SIGALRM;
	wants_upgrade |= number == SIGWINCH;
}

/* "PID WORD", in one write to the end of the file. */
static void note(const char *log, const char *word)
{
	int fd = open(log, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%d %s\n", getpid(), word) < 0)
		abort();
	close(fd);
}

static void note_message(const char *log, enum line_message message)
{
	const char word[] = { (char)message, '\0' };

	note(log, word);
}

static void say_what_is_asked(const char *log)
{
	if (is_hung)
		note(log, line_send(WORKER_LINE, LINE_HUNG) ? "hangs" : "is alone");
	else if (is_unmounted)
		line_send(WORKER_LINE, LINE_ENDED);
	else if (wants_upgrade)
		line_send(WORKER_LINE, LINE_UPGRADE);
	else if (!is_silent)
		line_send(WORKER_LINE, LINE_BEAT);
	wants_upgrade = 0;
}

static int be_a_worker(const char *log, const char *mode)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, SIGURG, SIGALRM, SIGWINCH };

	for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++)
		signal(signals[i], on_worker_signal);
	if (strcmp(mode, "fails") == 0)
		return 3;
	note(log, "standby");
	line_send(WORKER_LINE, LINE_STANDBY);
	for (;;) {
		struct pollfd wanted = { .fd = WORKER_LINE, .events = POLLIN };
		enum line_message message;

		poll(&wanted, 1, 50);
		while ((message = line_receive(WORKER_LINE)) != LINE_NOTHING) {
			if (message == LINE_CLOSED)
				return 0;
			note_message(log, message);
			if (message == LINE_QUIT && !is_stubborn)
				return 0;
			if (strchr("fkc", (char)message))
				line_send(WORKER_LINE, LINE_ACTIVE);
		}
		say_what_is_asked(log);
	}
}

/* ---- the keeper ---- */

struct kept {
	char *directory, *log, *program, *mode;
	pid_t pid;
};

static void say_nothing(void *data, GLogLevelFlags level, const char *line)
{
}

static int be_a_keeper(const struct kept *kept)
{
	char *arguments[] = { (char[]){ "procvirtd" }, (char[]){ "--worker" }, kept->log, kept->mode, NULL };
	struct keeper_plan plan = {
		.program = kept->program,
		.arguments = arguments,
		.say = say_nothing,
	};
	int signals = keeper_signals(NULL);

	descriptors_init(&plan.descriptors);
	for (unsigned i = 0; i < DESCRIPTORS_STORED; i++)
		plan.descriptors.fd[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return (int)keeper_run(&plan, signals);
}

static struct kept *keep(const char *mode)
{
	struct kept *kept = g_new0(struct kept, 1);

	kept->directory = g_dir_make_tmp("procvirt-XXXXXX", NULL);
	assert_non_null(kept->directory);
	kept->log = g_build_filename(kept->directory, "log", NULL);
	kept->program = g_build_filename(kept->directory, "program", NULL);
	kept->mode = g_strdup(mode);
	assert_true(g_file_set_contents(kept->log, "", 0, NULL));
	kept->pid = fork();
	if (kept->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
		_exit(be_a_keeper(kept));
	}
	assert_true(kept->pid > 0);
	return kept;
}

static enum keeper_end end_of(struct kept *kept)
{
	int status;

	assert_int_equal(waitpid(kept->pid, &status, 0), kept->pid);
	assert_true(WIFEXITED(status));
	g_remove(kept->log);
	g_remove(kept->program);
	g_rmdir(kept->directory);
	g_free(kept->directory);
	g_free(kept->log);
	g_free(kept->program);
	g_free(kept->mode);
	g_free(kept);
	return (enum keeper_end)WEXITSTATUS(status);
}

static enum keeper_end stop(struct kept *kept)
{
	kill(kept->pid, SIGTERM);
	return end_of(kept);
}

/* The process that noted the word as the n-th one (from 1), of all or of this one; waits for it. */
static pid_t noted_by(const struct kept *kept, pid_t pid, const char *word, unsigned n)
{
	gint64 until = g_get_monotonic_time() + PATIENCE_US;
	g_autofree char *text = NULL;

	while (g_get_monotonic_time() < until) {
		g_auto(GStrv) lines = NULL;
		unsigned found = 0;

		g_free(text);
		assert_true(g_file_get_contents(kept->log, &text, NULL, NULL));
		lines = g_strsplit(text, "\n", -1);
		for (char **line = lines; *line; line++) {
			const char *its = strchr(*line, ' ');

			if (its && strcmp(its + 1, word) == 0 && (!pid || atoi(*line) == pid) && ++found == n)
				return atoi(*line);
		}
		g_usleep(5000);
	}
	fail_msg("no %u. \"%s\" in:\n%s", n, word, text);
	return 0;
}

static pid_t noted(const struct kept *kept, const char *word, unsigned n)
{
	return noted_by(kept, 0, word, n);
}

/* The first one serves and the second one stands by. */
static struct kept *keep_two(pid_t *ret_first, pid_t *ret_second)
{
	struct kept *kept = keep("works");

	*ret_first = noted(kept, "f", 1);
	*ret_second = noted(kept, "standby", 2);
	assert_int_not_equal(*ret_first, *ret_second);
	return kept;
}

/* ---- the tests ---- */

/* What the next worker is told when the first one gets a signal. */
static void check_turn(int number, const char *word)
{
	pid_t first, second;
	struct kept *kept = keep_two(&first, &second);

	kill(first, number);
	assert_int_equal(noted(kept, word, 1), second);
	assert_int_not_equal(noted(kept, "standby", 3), second);
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

static void one_that_is_killed_is_replaced_by_the_one_that_stands_by(void **state)
{
	check_turn(SIGKILL, "k");
}

static void one_that_crashes_is_told_of(void **state)
{
	check_turn(SIGSEGV, "c");
}

static void one_that_is_stopped_is_replaced(void **state)
{
	check_turn(SIGSTOP, "k");
}

static void one_whose_request_hangs_is_replaced(void **state)
{
	check_turn(SIGUSR2, "c");
}

static void one_that_gives_no_sign_of_life_is_replaced(void **state)
{
	check_turn(SIGUSR1, "c");
}

static void two_at_once_are_replaced(void **state)
{
	pid_t first, second, third;
	struct kept *kept = keep_two(&first, &second);

	kill(first, SIGKILL);
	kill(second, SIGKILL);
	third = noted(kept, "standby", 3);
	assert_int_equal(noted(kept, "k", 1) == second ? noted(kept, "k", 2) : noted(kept, "k", 1), third);
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

/* ---- one that is dead and not gone ---- */

/* A process that is traced is not there for its parent's waitpid(2) until its tracer has seen its end (ptrace(2)). */
static void hold(pid_t worker)
{
	if (ptrace(PTRACE_SEIZE, worker, NULL, NULL) < 0)
		skip();
}

/* It goes on in spite of a signal. */
static void signal_held(pid_t worker, int number)
{
	int status;

	kill(worker, number);
	assert_int_equal(waitpid(worker, &status, __WALL), worker);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_CONT, worker, NULL, number), 0);
}

/* Waits for its end first. */
static void let_go(pid_t worker)
{
	int status;

	assert_int_equal(waitpid(worker, &status, __WALL), worker);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void one_that_is_not_gone_is_passed_over(void **state)
{
	pid_t first, second;
	struct kept *kept = keep_two(&first, &second);

	hold(first);
	signal_held(first, SIGUSR2);
	assert_int_equal(noted(kept, "c", 1), second);
	noted(kept, "standby", 3);
	let_go(first);
	kill(second, SIGKILL);
	assert_int_equal(noted(kept, "k", 1), noted(kept, "standby", 3));
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

/* As many as it has places (KEEPER_WORKERS) but the one that serves. That one stays, whatever it says, until there is a place. */
#define PLACES 8

static void with_too_many_of_them_the_last_one_stays(void **state)
{
	pid_t held[PLACES - 1], last, second;
	struct kept *kept = keep_two(&last, &second);

	for (unsigned i = 0; i < PLACES - 1; i++) {
		held[i] = last;
		hold(last);
		signal_held(last, SIGUSR2);
		last = noted(kept, "c", i + 1);
	}
	kill(last, SIGUSR2);
	noted_by(kept, last, "hangs", 5);
	let_go(held[3]);
	assert_int_not_equal(noted(kept, "c", PLACES), last);
	for (unsigned i = 0; i < PLACES - 1; i++)
		if (i != 3)
			let_go(held[i]);
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

static void it_holds_up_the_end_for_a_while_only(void **state)
{
	pid_t first, second;
	struct kept *kept = keep_two(&first, &second);

	hold(first);
	signal_held(first, SIGUSR2);
	noted(kept, "c", 1);
	assert_int_equal(stop(kept), KEEPER_ASKED);
	let_go(first);
}

static void put_program(const struct kept *kept, const char *target)
{
	g_remove(kept->program);
	assert_int_equal(symlink(target, kept->program), 0);
}

static void check_upgrade(bool is_asked_by_the_worker)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	pid_t first, second, third;
	struct kept *kept = keep_two(&first, &second);

	put_program(kept, self);
	kill(is_asked_by_the_worker ? first : kept->pid, is_asked_by_the_worker ? SIGWINCH : SIGHUP);
	third = noted(kept, "standby", 3);
	assert_int_equal(noted(kept, "q", 1), first);
	assert_int_equal(noted(kept, "f", 2), third);
	noted(kept, "standby", 4); /* of the new program */
	kill(third, SIGKILL);
	assert_int_equal(noted(kept, "k", 1), noted(kept, "standby", 4));
	assert_int_equal(kill(second, 0), -1);
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

static void an_upgrade_lets_the_old_one_finish(void **state)
{
	check_upgrade(false);
}

/* And what it was in the midst of is not to blame, whatever became of the worker before. */
static void one_that_does_not_quit_is_killed(void **state)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	pid_t first, second;
	struct kept *kept = keep_two(&first, &second);

	kill(first, SIGSEGV);
	noted(kept, "c", 1);
	noted(kept, "standby", 3);
	put_program(kept, self);
	kill(second, SIGALRM);
	kill(kept->pid, SIGHUP);
	assert_int_equal(noted(kept, "k", 1), noted(kept, "standby", 4));
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

static void a_worker_can_ask_for_it(void **state)
{
	check_upgrade(true);
}

/* The program may have been replaced once more meanwhile. */
static void one_that_is_asked_for_meanwhile_comes_after_it(void **state)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	pid_t first, second;
	struct kept *kept = keep_two(&first, &second);

	put_program(kept, self);
	kill(kept->pid, SIGHUP);
	noted(kept, "standby", 3);
	kill(kept->pid, SIGHUP);
	noted(kept, "q", 1);
	noted(kept, "q", 2);
	noted(kept, "f", 3);
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

static void check_failing_upgrade(const char *program)
{
	pid_t first, second;
	struct kept *kept = keep_two(&first, &second);

	if (program)
		put_program(kept, program);
	kill(first, SIGWINCH);
	assert_int_equal(noted(kept, "n", 1), first);
	kill(first, SIGKILL);
	assert_int_equal(noted(kept, "k", 1), second); /* and goes on from the old program */
	noted(kept, "standby", 3);
	assert_int_equal(stop(kept), KEEPER_ASKED);
}

static void a_program_that_fails_leaves_the_old_one(void **state)
{
	check_failing_upgrade("/bin/false");
}

static void a_program_that_is_none_leaves_the_old_one(void **state)
{
	check_failing_upgrade("/etc/passwd");
}

static void a_program_that_is_gone_leaves_the_old_one(void **state)
{
	check_failing_upgrade(NULL);
}

static void a_first_worker_that_fails_ends_it(void **state)
{
	assert_int_equal(end_of(keep("fails")), KEEPER_FAILED);
}

static void an_unmount_ends_it(void **state)
{
	pid_t first, second;
	struct kept *kept = keep_two(&first, &second);

	kill(first, SIGURG);
	assert_int_equal(noted(kept, "q", 1), first);
	assert_int_equal(end_of(kept), KEEPER_UNMOUNTED);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_killed_is_replaced_by_the_one_that_stands_by),
		cmocka_unit_test(one_that_crashes_is_told_of),
		cmocka_unit_test(one_that_is_stopped_is_replaced),
		cmocka_unit_test(one_whose_request_hangs_is_replaced),
		cmocka_unit_test(one_that_gives_no_sign_of_life_is_replaced),
		cmocka_unit_test(two_at_once_are_replaced),
		cmocka_unit_test(one_that_is_not_gone_is_passed_over),
		cmocka_unit_test(with_too_many_of_them_the_last_one_stays),
		cmocka_unit_test(it_holds_up_the_end_for_a_while_only),
		cmocka_unit_test(an_upgrade_lets_the_old_one_finish),
		cmocka_unit_test(one_that_does_not_quit_is_killed),
		cmocka_unit_test(a_worker_can_ask_for_it),
		cmocka_unit_test(one_that_is_asked_for_meanwhile_comes_after_it),
		cmocka_unit_test(a_program_that_fails_leaves_the_old_one),
		cmocka_unit_test(a_program_that_is_none_leaves_the_old_one),
		cmocka_unit_test(a_program_that_is_gone_leaves_the_old_one),
		cmocka_unit_test(a_first_worker_that_fails_ends_it),
		cmocka_unit_test(an_unmount_ends_it),
	};

	if (argc == 4 && strcmp(argv[1], "--worker") == 0)
		return be_a_worker(argv[2], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
