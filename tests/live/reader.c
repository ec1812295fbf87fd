/* SPDX-License-Identifier: Apache-2.0
 *
 * reader [OPTION VALUE]… [FILE…]: a container's inhabitant that reads the files that are laid over its own, or those
 * that are named, again and again in odd ways, and judges every byte (judge.h). Says "ready", reads until its standard
 * input ends, a SIGTERM comes or the time is over, and then says in one line of JSON what it saw.
 *
 *   --seconds N   for so long at most
 *   --hang N      a call that takes longer than so many seconds counts as hanging (60)
 *   --pause US    between two readings (0)
 *   --memory KB   the container's limit
 *   --cpus N      how many CPUs it has
 *   --kills FILE  times at which something was done to the daemon, see struct kills
 *   --busy yes    burns CPU time beside the reading
 *   --wait yes    begins once a line has come on standard input
 *   --as NAME     the FILEs are texts of one file of this name, one after the other: each is judged once (test_judge.py)
 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = 1;
}

static void *burn(void *unused)
{
	while (!stopped)
		;
	return unused;
}

static void *watch(void *data)
{
	struct reader *reader = data;
	uint64_t counted = 0, until = reader_now_ns() + reader->options.seconds * UINT64_C(1000000000);

	while (!stopped) {
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
		char bytes[100];

		if (poll(&input, 1, 100) > 0 && read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0)
			stopped = 1;
		if (reader->options.seconds && reader_now_ns() > until)
			stopped = 1;
		reader_look_for_hang(reader, &counted);
	}
	/* The reader ends at its next call's end; if that never comes, what it saw is told all the same. */
	for (unsigned i = 0; i < reader->options.hang * 10; i++) {
		usleep(100000);
		reader_look_for_hang(reader, &counted);
	}
	reader_report(reader);
	_exit(0);
}

/* ---- from the beginning ---- */

static bool take_option(struct options *options, const char *name, const char *value)
{
	const struct {
		const char *name;
		uint64_t *number;
	} numbers[] = {
		{ "--seconds", &options->seconds }, { "--hang", &options->hang },
		{ "--pause", &options->pause_us },  { "--memory", &options->given.memory_kb },
		{ "--cpus", &options->given.cpus },
	};

	if (strcmp(name, "--kills") == 0)
		options->kills = value;
	else if (strcmp(name, "--as") == 0)
		options->as = value;
	else if (strcmp(name, "--busy") == 0)
		options->busy = 1;
	else if (strcmp(name, "--wait") == 0)
		options->wait = 1;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(name, numbers[i].name) == 0)
			*numbers[i].number = strtoull(value, NULL, 10);
	}
	return true;
}

static bool map_kills(struct reader *reader)
{
	int fd = open(reader->options.kills, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *map;

	if (fd < 0 || fstat(fd, &status) < 0)
		return false;
	map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	reader->kills = map;
	if (map == MAP_FAILED)
		return false;
	reader->kills_seen = atomic_load(&reader->kills->n);
	return true;
}

static bool start_threads(struct reader *reader)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, watch, reader) == 0 &&
	       (!reader->options.busy || pthread_create(&thread, NULL, burn, NULL) == 0);
}

/* Whoever is stopped at once has read something, too. */
static bool goes_on(const struct reader *reader)
{
	return !stopped || reader->texts == 0;
}

/* One round in eight looks at everything, the others at what is not of one CPU. */
static void read_on(struct reader *reader)
{
	for (; goes_on(reader); reader->rounds++) {
		for (unsigned i = 0; i < reader->n_files && goes_on(reader); i++) {
			struct file *file = &reader->files[i];

			if (reader->rounds % 8 != 0 && strstr(file->path, "/cpu/") && !strstr(file->path, "online"))
				continue;
			reader_read(reader, file);
			reader_doze(reader, 2 * reader->options.pause_us);
		}
	}
}

static bool begin_ready(struct reader *reader)
{
	char line[100];

	puts("ready");
	fflush(stdout);
	if (reader->options.wait && !fgets(line, sizeof(line), stdin))
		return false;
	if (reader->n_files == 0)
		reader_add_laid(reader);
	if (reader->n_files == 0)
		fputs("reader: there is nothing to read\n", stderr);
	return reader->n_files > 0;
}

static void judge_texts(struct reader *reader, char **texts, int n)
{
	struct file *as = &reader->files[0];

	as->kept = -1;
	for (int i = 0; i < n; i++) {
		snprintf(as->path, sizeof(as->path), "%s", texts[i]);
		reader_judge(reader, as, reader->options.as);
	}
}

int main(int argc, char **argv)
{
	static struct reader reader = { .options.hang = 60 };
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	int i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		take_option(&reader.options, argv[i], argv[i + 1]);
	sigaction(SIGTERM, &action, NULL);
	reader.seed = (unsigned)(reader_now_ns() ^ (uint64_t)getpid());
	if (reader.options.kills && !map_kills(&reader)) {
		fprintf(stderr, "reader: %s: %s\n", reader.options.kills, strerror(errno));
		return 2;
	}
	if (reader.options.as) {
		judge_texts(&reader, argv + i, argc - i);
		reader_report(&reader);
		return 0;
	}
	for (; i < argc; i++)
		reader_add(&reader, argv[i]);
	if (!begin_ready(&reader) || !start_threads(&reader))
		return 2;
	read_on(&reader);
	reader_report(&reader);
	return 0;
}
