/* SPDX-License-Identifier: Apache-2.0 */
#define FUSE_USE_VERSION 314

#include "fs/serve/workers.h"

#include "fs/serve/node.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* A fixed number: no thread is made while requests are served. */
#define MIN_THREADS 2
#define MAX_THREADS 4

/* Above this, waking another thread is worth its cost, which is some ten microseconds. */
#define SLOW_US 100

/* Wakes a thread out of its read of the device; has no other meaning. */
#define WAKE_SIGNAL SIGUSR2

struct Workers {
	struct fuse_session *fuse;
	unsigned n;
	pthread_t threads[MAX_THREADS];
	bool joined[MAX_THREADS];
	pthread_mutex_t baton; /* who has it reads the device */
	atomic_uint cost_us[ROW_IDS];
	pthread_mutex_t lock; /* guards what follows */
	workers_ended ended;
	void *data;
	bool is_over;
};

static void ignore_signal(int number)
{
}

static void tell_end(Workers *workers)
{
	workers_ended ended;
	void *data;

	pthread_mutex_lock(&workers->lock);
	workers->is_over = true;
	ended = workers->ended;
	data = workers->data;
	workers->ended = NULL;
	pthread_mutex_unlock(&workers->lock);
	if (ended)
		ended(data);
}

/* The recent cost of the row that a request is about; requests about no row share one. */
static atomic_uint *cost_of(Workers *workers, const struct fuse_buf *request)
{
	const struct fuse_in_header *header = request->mem;
	struct node node;
	bool has_row = request->size >= sizeof *header && node_from_inode(header->nodeid, &node);

	return &workers->cost_us[has_row ? node.row->id : 0];
}

/* A moving average over about four requests; two threads that race lose one of their measurements. */
static void note_cost(atomic_uint *cost, int64_t took_us)
{
	unsigned before = atomic_load_explicit(cost, memory_order_relaxed);
	unsigned now = (unsigned)MIN(took_us, G_USEC_PER_SEC);

	atomic_store_explicit(cost, before - before / 4 + now / 4, memory_order_relaxed);
}

/* Called and left with the baton. */
static void serve_one(Workers *workers, const struct fuse_buf *request)
{
	atomic_uint *cost = cost_of(workers, request);
	bool slow = atomic_load_explicit(cost, memory_order_relaxed) > SLOW_US;
	int64_t begun_us = g_get_monotonic_time();

	if (slow)
		pthread_mutex_unlock(&workers->baton);
	fuse_session_process_buf(workers->fuse, request);
	note_cost(cost, g_get_monotonic_time() - begun_us);
	if (slow)
		pthread_mutex_lock(&workers->baton);
}

static void *serve_thread(void *data)
{
	Workers *workers = data;
	struct fuse_buf buffer = { 0 };

	pthread_mutex_lock(&workers->baton);
	while (!fuse_session_exited(workers->fuse)) {
		int got = fuse_session_receive_buf(workers->fuse, &buffer);

		if (got > 0)
			serve_one(workers, &buffer);
		else if (got != -EINTR && got != -EAGAIN)
			break;
	}
	pthread_mutex_unlock(&workers->baton);
	free(buffer.mem);
	tell_end(workers);
	return NULL;
}

Workers *workers_start(struct fuse_session *fuse, GError **error)
{
	struct sigaction action = { .sa_handler = ignore_signal }; /* no SA_RESTART: it is to interrupt read(2) */
	unsigned wanted = CLAMP(g_get_num_processors(), MIN_THREADS, MAX_THREADS);
	Workers *workers = g_new0(Workers, 1);

	workers->fuse = fuse;
	pthread_mutex_init(&workers->baton, NULL);
	pthread_mutex_init(&workers->lock, NULL);
	sigaction(WAKE_SIGNAL, &action, NULL);
	for (; workers->n < wanted; workers->n++) {
		int code = pthread_create(&workers->threads[workers->n], NULL, serve_thread, workers);

		if (code == 0)
			continue;
		g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code),
			    "cannot start a serving thread: %s", g_strerror(code));
		fuse_session_exit(fuse);
		workers_stop(workers);
		return NULL;
	}
	return workers;
}

void workers_on_end(Workers *workers, workers_ended ended, void *data)
{
	bool is_over;

	pthread_mutex_lock(&workers->lock);
	is_over = workers->is_over;
	workers->ended = is_over ? NULL : ended;
	workers->data = data;
	pthread_mutex_unlock(&workers->lock);
	if (is_over && ended)
		ended(data);
}

/* Whoever has the baton sits in a read of the device: woken, it sees the exit flag and passes the baton to the next. */
static void wake_all(const Workers *workers)
{
	for (unsigned i = 0; i < workers->n; i++) {
		if (!workers->joined[i])
			pthread_kill(workers->threads[i], WAKE_SIGNAL);
	}
}

/* A signal can come just before the read and be lost, so they are sent again until the thread is gone. */
static void join_thread(Workers *workers, unsigned i)
{
	struct timespec until;

	do {
		wake_all(workers);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 10 * 1000 * 1000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
	} while (pthread_timedjoin_np(workers->threads[i], NULL, &until) == ETIMEDOUT);
	workers->joined[i] = true;
}

void workers_stop(Workers *workers)
{
	for (unsigned i = 0; i < workers->n; i++)
		join_thread(workers, i);
	pthread_mutex_destroy(&workers->lock);
	pthread_mutex_destroy(&workers->baton);
	g_free(workers);
}
