/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_noise THREADS FILE…: so many threads that open, read and close these files as fast as they can until they are
 * killed. Says "ready" once each of them has read.
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS_MAX 1024

/* What the threads share. */
struct noise {
	char **files; /* NULL-terminated */
	sem_t read_once;
};

static void read_file(const char *path)
{
	char text[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text)) <= 0) {
		perror(path);
		exit(1);
	}
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

static void *make_noise(void *data)
{
	struct noise *noise = data;

	for (char **file = noise->files; *file; file++)
		read_file(*file);
	sem_post(&noise->read_once);
	for (;;) {
		for (char **file = noise->files; *file; file++)
			read_file(*file);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct noise noise = { .files = argv + 2 };
	int n = argc > 2 ? atoi(argv[1]) : 0;

	if (n < 1 || n > THREADS_MAX) {
		fputs("usage: bench_noise THREADS FILE…\n", stderr);
		return 2;
	}
	sem_init(&noise.read_once, 0, 0);
	for (int i = 0; i < n; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, make_noise, &noise) != 0)
			return 1;
	}
	for (int i = 0; i < n; i++)
		sem_wait(&noise.read_once);
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
