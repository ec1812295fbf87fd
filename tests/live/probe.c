/* SPDX-License-Identifier: Apache-2.0
 *
 * The live tests' small hands: what must be quick, small or many-threaded.
 * Exit 0: all was as it should be; 1: it was not, and a line on stderr says
 * what; 2: wrong use.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 65536

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("probe: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static int open_or_fail(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("open %s: %s", file, strerror(errno));
	return fd;
}

/* All of a file from offset 0, terminated; an empty file is a failure. */
static size_t read_text(int fd, const char *file, char *text)
{
	size_t length = 0;
	ssize_t n;

	while ((n = pread(fd, text + length, TEXT_MAX - 1 - length, (off_t)length)) > 0)
		length += (size_t)n;
	if (n < 0)
		fail("read %s: %s", file, strerror(errno));
	if (length == 0)
		fail("%s is empty", file);
	text[length] = '\0';
	return length;
}

/* enter DIR... -- COMMAND...: joins the cgroups at these directories, then becomes the command. */
static int enter(int argc, char **argv)
{
	int i = 0;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		char path[4096];
		int fd;

		snprintf(path, sizeof(path), "%s/cgroup.procs", argv[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "0", 1) != 1)
			fail("%s: %s", path, strerror(errno));
		close(fd);
	}
	if (i + 1 >= argc)
		return 2;
	execvp(argv[i + 1], argv + i + 1);
	fail("%s: %s", argv[i + 1], strerror(errno));
}

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

static void stop_at_sigterm(void)
{
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };

	sigaction(SIGTERM, &action, NULL);
}

/* loop PAUSE_US FILE TEXT...: reads the files in turn until SIGTERM; each must begin with its text. Prints the rounds. */
static int loop(int argc, char **argv)
{
	static char text[TEXT_MAX];
	unsigned long rounds = 0;

	if (argc < 3 || argc % 2 == 0)
		return 2;
	stop_at_sigterm();
	puts("ready");
	fflush(stdout);
	while (!stopped) {
		for (int i = 1; i < argc; i += 2) {
			int fd = open_or_fail(argv[i]);

			read_text(fd, argv[i], text);
			close(fd);
			if (strncmp(text, argv[i + 1], strlen(argv[i + 1])) != 0)
				fail("%s: not '%s' but '%.60s'", argv[i], argv[i + 1], text);
		}
		rounds++;
		usleep((useconds_t)atoi(argv[0]));
	}
	printf("%lu\n", rounds);
	return 0;
}

static void *burn(void *unused)
{
	while (!stopped)
		;
	return unused;
}

/* busy THREADS: each burns CPU time until SIGTERM. */
static int busy(int argc, char **argv)
{
	if (argc != 1)
		return 2;
	stop_at_sigterm();
	for (int i = 1; i < atoi(argv[0]); i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, burn, NULL) != 0)
			fail("no more threads");
	}
	puts("ready");
	fflush(stdout);
	burn(NULL);
	return 0;
}

/* touch MIB: once a line comes on standard input, makes so much memory its own; then waits for the end of its input. */
static int touch(int argc, char **argv)
{
	size_t size;
	char *memory;

	if (argc != 1)
		return 2;
	size = (size_t)atoi(argv[0]) << 20;
	puts("ready");
	fflush(stdout);
	getchar();
	memory = malloc(size);
	if (!memory)
		fail("no memory");
	/* Each page is written to; volatile, or the compiler sees that nobody reads it and leaves it all out. */
	for (size_t i = 0; i < size; i += 512)
		((volatile char *)memory)[i] = 1;
	puts("touched");
	fflush(stdout);
	while (getchar() != EOF)
		;
	free(memory);
	return 0;
}

/* many FILE OPENS READS: so many opens, and so many readings taken at offset 0 from each; every one the same text. */
static int many(int argc, char **argv)
{
	static char first[TEXT_MAX], text[TEXT_MAX];
	size_t length;
	int fd;

	if (argc != 3)
		return 2;
	fd = open_or_fail(argv[0]);
	length = read_text(fd, argv[0], first);
	close(fd);
	for (long i = 0; i < atol(argv[1]); i++) {
		fd = open_or_fail(argv[0]);
		for (long j = 0; j < atol(argv[2]); j++) {
			if (pread(fd, text, sizeof(text), 0) != (ssize_t)length || memcmp(text, first, length) != 0)
				fail("%s: not '%s' but '%.60s'", argv[0], first, text);
		}
		close(fd);
	}
	return 0;
}

/* What the threads of `threads` share. */
struct crowd {
	const char *file;
	int fd; /* -1: each opens its own */
	int rounds;
	size_t length;
	char text[TEXT_MAX];
};

/* Figures change from one moment to the next, their places do not: a digit or a blank matches either. */
static bool alike(char a, char b)
{
	bool figure_a = (a >= '0' && a <= '9') || a == ' ';
	bool figure_b = (b >= '0' && b <= '9') || b == ' ';

	return a == b || (figure_a && figure_b);
}

static void check_piece(const struct crowd *crowd, const char *piece, size_t n, size_t offset)
{
	for (size_t i = 0; i < n; i++) {
		if (!alike(piece[i], crowd->text[offset + i]))
			fail("%s: wrong byte at %zu", crowd->file, offset + i);
	}
}

static void *read_pieces(void *data)
{
	const struct crowd *crowd = data;
	unsigned seed = (unsigned)gettid();
	char piece[512];

	for (int round = 0; round < crowd->rounds; round++) {
		int fd = crowd->fd >= 0 ? crowd->fd : open_or_fail(crowd->file);
		size_t size = 1 + (size_t)rand_r(&seed) % sizeof(piece);
		size_t offset = crowd->fd >= 0 ? (size_t)rand_r(&seed) % crowd->length : 0;
		size_t end = crowd->fd >= 0 ? offset + 1 : crowd->length;

		while (offset < end) {
			size_t want = size < crowd->length - offset ? size : crowd->length - offset;
			ssize_t n = pread(fd, piece, size, (off_t)offset);

			if (n < 0)
				fail("%s: pread at %zu: %s", crowd->file, offset, strerror(errno));
			if ((size_t)n != want)
				fail("%s: pread at %zu gave %zd of %zu bytes", crowd->file, offset, n, want);
			check_piece(crowd, piece, want, offset);
			offset += want;
		}
		if (crowd->fd < 0)
			close(fd);
	}
	return NULL;
}

/* threads FILE N ROUNDS shared|own: N threads on one descriptor, or each on its own, at any offset, in pieces of any size. */
static int threads(int argc, char **argv)
{
	static struct crowd crowd;
	pthread_t thread[256];
	int n;

	if (argc != 4)
		return 2;
	n = atoi(argv[1]) < 256 ? atoi(argv[1]) : 256;
	crowd = (struct crowd){ .file = argv[0], .fd = open_or_fail(argv[0]), .rounds = atoi(argv[2]) };
	crowd.length = read_text(crowd.fd, argv[0], crowd.text);
	if (strcmp(argv[3], "own") == 0)
		crowd.fd = -1;
	for (int i = 0; i < n; i++) {
		if (pthread_create(&thread[i], NULL, read_pieces, &crowd) != 0)
			fail("no more threads");
	}
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "enter", enter }, { "loop", loop }, { "busy", busy },
	{ "touch", touch }, { "many", many }, { "threads", threads },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	}
	fputs("usage: probe enter|loop|busy|touch|many|threads ...\n", stderr);
	return 2;
}
