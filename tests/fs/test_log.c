/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/log.h"

#include "tests/fs/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Standard error is a pipe meanwhile. */
struct caught {
	int real, ends[2];
};

static struct log_sink sink;

static struct caught catch_stderr(void)
{
	struct caught caught = { .real = dup(STDERR_FILENO) };

	assert_int_equal(pipe2(caught.ends, O_CLOEXEC), 0);
	assert_int_equal(dup2(caught.ends[1], STDERR_FILENO), STDERR_FILENO);
	return caught;
}

/* What is in the pipe now. */
static char *read_caught(const struct caught *caught)
{
	struct pollfd readable = { .fd = caught->ends[0], .events = POLLIN };
	GString *text = g_string_new(NULL);
	char buffer[4096];

	while (poll(&readable, 1, 0) == 1 && (readable.revents & POLLIN)) {
		ssize_t n = read(caught->ends[0], buffer, sizeof(buffer));

		if (n <= 0)
			break;
		g_string_append_len(text, buffer, n);
	}
	return g_string_free(text, FALSE);
}

static char *release_stderr(struct caught *caught)
{
	char *text = read_caught(caught);

	dup2(caught->real, STDERR_FILENO);
	close(caught->real);
	close(caught->ends[0]);
	close(caught->ends[1]);
	return text;
}

/* A full bucket. GLib takes the writer only once, so the tests share the sink. */
static int setup(void **state)
{
	sink.level = G_LOG_LEVEL_INFO;
	sink.bucket = (struct token_bucket){ .burst = LOG_BURST, .per_second = LOG_PER_SECOND };
	sink.lost = 0;
	return 0;
}

static unsigned count_lines(const char *text, const char *with)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned n = 0;

	for (char **line = lines; *line; line++)
		n += strstr(*line, with) != NULL;
	return n;
}

static void one_line_a_message(void **state)
{
	struct caught caught = catch_stderr();
	g_autofree char *text = NULL;

	g_message("one");
	g_warning("two\nthree\033[2J");
	g_debug("not wanted");
	errno = EXDEV;
	log_line(&sink, G_LOG_LEVEL_MESSAGE, "four %d", 4);
	log_line(&sink, G_LOG_LEVEL_DEBUG, "not wanted");
	assert_int_equal(errno, EXDEV);
	text = release_stderr(&caught);
	assert_string_equal(text, "tested: one\ntested: two?three?[2J\ntested: four 4\n");
}

static void long_ones_are_cut(void **state)
{
	g_autofree char *message = g_strnfill(5000, 'x');
	struct caught caught = catch_stderr();
	g_autofree char *text = NULL;

	g_message("%s", message);
	log_line(&sink, G_LOG_LEVEL_MESSAGE, "%s", message);
	g_message("end");
	text = release_stderr(&caught);
	assert_int_equal(strlen(text), 2 * (LOG_LINE_MAX + 1) + strlen("tested: end\n"));
	assert_int_equal(count_lines(text, "tested: "), 3);
}

/* However slow this machine is: what is written and what is left out make up the whole. */
static void bounded(void **state)
{
	struct caught caught = catch_stderr();
	g_autofree char *text = NULL;
	unsigned n = 5 * LOG_BURST, written;

	for (unsigned i = 0; i < n; i++)
		i % 2 ? g_message("flood") : log_line(&sink, G_LOG_LEVEL_MESSAGE, "flood");
	text = release_stderr(&caught);
	written = count_lines(text, "flood");
	assert_in_range(written, LOG_BURST, n - 1);
	assert_int_equal(written + log_left_out(&sink), n);
}

static void says_what_was_left_out(void **state)
{
	struct caught caught = catch_stderr();
	g_autofree char *text = NULL;

	sink.bucket.held_back = sink.bucket.all_held_back = 17;
	g_message("again");
	g_message("and again");
	text = release_stderr(&caught);
	assert_string_equal(text, "tested: 17 lines before this one were left out\ntested: again\ntested: and again\n");
	assert_int_equal(log_left_out(&sink), 17);
}

static void debug_is_not_bounded(void **state)
{
	struct caught caught = catch_stderr();
	g_autofree char *text = NULL;

	sink.level = G_LOG_LEVEL_DEBUG;
	for (unsigned i = 0; i < 3 * LOG_BURST; i++)
		g_debug("all of them");
	text = release_stderr(&caught);
	assert_int_equal(count_lines(text, "all of them"), 3 * LOG_BURST);
	assert_int_equal(log_left_out(&sink), 0);
}

/* Debug messages, so that the bucket leaves nothing out; the alarm ends a test that waits for ever. */
static void waits_for_nobody(void **state)
{
	struct caught caught = catch_stderr();
	g_autofree char *first = NULL, *second = NULL;
	unsigned n = 2000, written;

	sink.level = G_LOG_LEVEL_DEBUG;
	alarm(60);
	for (unsigned i = 0; i < n; i++)
		g_debug("%0*u", 200, i);
	alarm(0);
	first = read_caught(&caught);
	written = count_lines(first, "tested: ");
	assert_in_range(written, 1, n - 1);
	assert_int_equal(written + log_left_out(&sink), n);
	g_message("it flows");
	second = release_stderr(&caught);
	assert_has(second, "lines before this one were left out\ntested: it flows\n");
}

#define TEST(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_line_a_message),     TEST(long_ones_are_cut),    TEST(bounded),
		TEST(says_what_was_left_out), TEST(debug_is_not_bounded), TEST(waits_for_nobody),
	};

	sink = (struct log_sink){ .level = G_LOG_LEVEL_INFO, .name = "tested" };
	log_start(&sink);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
