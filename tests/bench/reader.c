/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The order and its outcome, in memory that both processes share. */
struct exchange {
	char path[PATH_MAX];
	unsigned n;
	int error; /* an errno, or 0 */
	size_t length;
	double cpu_us;
	double us[READER_MAX_READS];
	char text[READER_MAX_TEXT + 1];
};

struct Reader {
	struct exchange *exchange;
	pid_t pid;
	int order, done; /* a byte is an order; a byte is its end */
};

static double now_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* open, read until the end, close: what cat and procps do. */
static int read_whole(struct exchange *exchange)
{
	int fd = open(exchange->path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno;
	exchange->length = 0;
	do {
		n = read(fd, exchange->text + exchange->length, READER_MAX_TEXT - exchange->length);
		if (n > 0)
			exchange->length += (size_t)n;
	} while (n > 0);
	exchange->error = n < 0 ? errno : 0;
	close(fd);
	return exchange->error;
}

static void obey(struct exchange *exchange)
{
	double cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);

	exchange->error = 0;
	for (unsigned i = 0; i < exchange->n && exchange->error == 0; i++) {
		double start = now_us(CLOCK_MONOTONIC);

		exchange->error = read_whole(exchange);
		exchange->us[i] = now_us(CLOCK_MONOTONIC) - start;
	}
	exchange->cpu_us = now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	exchange->text[exchange->length] = '\0';
}

static void G_GNUC_NORETURN child_main(struct exchange *exchange, int order, int done)
{
	char byte;

	while (read(order, &byte, 1) == 1) {
		obey(exchange);
		if (write(done, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static bool start(Reader *reader)
{
	int order[2], done[2];

	if (pipe2(order, O_CLOEXEC) != 0)
		return false;
	if (pipe2(done, O_CLOEXEC) != 0)
		return false;
	if (unshare(CLONE_NEWPID) != 0)
		return false;
	reader->pid = fork();
	if (reader->pid < 0)
		return false;
	if (reader->pid == 0) {
		close(order[1]);
		close(done[0]);
		child_main(reader->exchange, order[0], done[1]);
	}
	close(order[0]);
	close(done[1]);
	reader->order = order[1];
	reader->done = done[0];
	return true;
}

static bool fail(GError **error, int code, const char *what)
{
	g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "%s: %s", what, g_strerror(code));
	return false;
}

Reader *reader_new(GError **error)
{
	g_autoptr(Reader) reader = g_new0(Reader, 1);
	void *memory = mmap(NULL, sizeof *reader->exchange, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	reader->order = reader->done = -1;
	if (memory == MAP_FAILED || (reader->exchange = memory, !start(reader))) {
		fail(error, errno, "cannot start the reader");
		return NULL;
	}
	return g_steal_pointer(&reader);
}

void reader_free(Reader *reader)
{
	if (reader->order >= 0)
		close(reader->order); /* its end: the child reads the end of file */
	if (reader->done >= 0)
		close(reader->done);
	if (reader->pid > 0)
		waitpid(reader->pid, NULL, 0);
	if (reader->exchange)
		munmap(reader->exchange, sizeof *reader->exchange);
	g_free(reader);
}

bool reader_read(Reader *reader, const char *path, unsigned n, struct reader_result *ret, GError **error)
{
	struct exchange *exchange = reader->exchange;
	char byte = 0;

	if (g_strlcpy(exchange->path, path, sizeof exchange->path) >= sizeof exchange->path)
		return fail(error, ENAMETOOLONG, path);
	exchange->n = MIN(n, READER_MAX_READS);
	if (write(reader->order, &byte, 1) != 1 || read(reader->done, &byte, 1) != 1)
		return fail(error, EPIPE, "the reader has ended");
	if (exchange->error != 0)
		return fail(error, exchange->error, path);
	*ret = (struct reader_result){ exchange->us, exchange->text, exchange->length, exchange->cpu_us };
	return true;
}
