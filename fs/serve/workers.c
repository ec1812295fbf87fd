/* SPDX-License-Identifier: Apache-2.0 */
#define FUSE_USE_VERSION 314

#include "fs/container/fault.h"
#include "fs/serve/answer.h"
#include "fs/serve/change.h"
#include "fs/serve/read.h"
#include "fs/serve/workers_private.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- one request ---- */

/* Before it is answered nobody may take its slot for the one of a request that is sent again (drain.c) any more. */
static uint64_t retire(Workers *workers, uint32_t slot)
{
	uint64_t unique;

	pthread_mutex_lock(&workers->lock);
	unique = workers->unique[slot];
	workers->unique[slot] = 0;
	pthread_mutex_unlock(&workers->lock);
	return unique;
}

static void answer_change(Workers *workers, uint32_t index)
{
	struct journal_slot *slot = journal_slot(workers->journal, index);
	struct change_reply reply;

	change_carry_out(workers->serve, slot, &reply);
	fault_strike("change-made");
	change_keep(slot, &reply);
	fault_strike("change-kept");
	change_send(workers->device, retire(workers, index), &reply);
	fault_strike("change-sent");
}

static void answer(Workers *workers, uint32_t index)
{
	struct journal_slot *slot = journal_slot(workers->journal, index);
	struct fuse_buf request = { .mem = slot->request, .size = slot->header.len };

	if (slot->header.opcode == FUSE_READ)
		read_answer(workers->serve, workers->device, &slot->header);
	else if (journal_is_change(slot))
		answer_change(workers, index);
	else
		fuse_session_process_buf(workers->fuse, &request);
}

/* Begun under the lock by whoever picked it. True: this thread still has the baton; *ret_idle: nothing waits for its turn. */
static bool serve_one(struct thread *thread, bool *ret_idle)
{
	Workers *workers = thread->workers;
	struct journal_slot *slot = journal_slot(workers->journal, thread->slot);
	bool has_baton;

	answer(workers, thread->slot);
	journal_clear(slot);
	pthread_mutex_lock(&workers->lock);
	lanes_end(thread);
	has_baton = workers->reader == thread;
	*ret_idle = queue_length(workers->light) == 0 && queue_length(workers->slow) == 0;
	pthread_mutex_unlock(&workers->lock);
	return has_baton;
}

/* ---- with the baton ---- */

enum step {
	STEP_SERVE,
	STEP_READ, /* there may be more to read */
	STEP_BUSY_POLL,
	STEP_WAIT,
	STEP_ASK_AGAIN,
	STEP_LEAVE, /* all ends */
};

/* With the lock held: nothing can be served now. */
static enum step rest(Workers *workers, enum drain drained)
{
	bool can_read = workers->holds_back || drained == DRAIN_MORE || (drained == DRAIN_FULL && workers->n_free > 0);

	workers->holds_back = false;
	if (can_read)
		return STEP_READ;
	if (drained == DRAIN_EMPTY && busy_poll_pays(&workers->busy_poll))
		return STEP_BUSY_POLL;
	workers->is_waiting = true;
	return STEP_WAIT;
}

static enum step next_step(struct thread *thread, enum drain drained)
{
	Workers *workers = thread->workers;
	enum step step = STEP_SERVE;
	uint32_t slot;

	pthread_mutex_lock(&workers->lock);
	workers->n_steps++;
	if (workers->is_stopping) {
		step = STEP_LEAVE;
	} else if (workers->asks_again && workers->n_owed == 0) {
		workers->asks_again = false;
		step = STEP_ASK_AGAIN;
	} else if ((slot = lanes_pick(workers)) != NO_SLOT) {
		lanes_begin(thread, slot);
	} else {
		step = rest(workers, drained);
	}
	pthread_mutex_unlock(&workers->lock);
	return step;
}

static enum drain poll_busily(Workers *workers)
{
	int64_t until_us = g_get_monotonic_time() + BUSY_POLL_US;
	uint64_t before = workers->n_read;
	enum drain drained;

	do {
		drained = drain_device(workers);
	} while (drained == DRAIN_EMPTY && workers->n_read == before && g_get_monotonic_time() < until_us);
	busy_poll_note(&workers->busy_poll, workers->n_read != before);
	return drained;
}

/* Without a free slot only the end of a request can help. */
static void wait_for_requests(Workers *workers, bool is_full)
{
	struct pollfd polled[] = { { workers->wake, POLLIN, 0 }, { workers->device, POLLIN, 0 } };
	eventfd_t times;

	if (poll(polled, is_full ? 1 : 2, -1) > 0 && polled[0].revents)
		(void)eventfd_read(workers->wake, &times);
	pthread_mutex_lock(&workers->lock);
	workers->is_waiting = false;
	pthread_mutex_unlock(&workers->lock);
}

static void tell_end(Workers *workers)
{
	bool was_over;

	pthread_mutex_lock(&workers->lock);
	was_over = workers->is_stopping;
	workers->is_stopping = true;
	pthread_cond_broadcast(&workers->work);
	pthread_mutex_unlock(&workers->lock);
	if (!was_over && workers->watch.ended)
		workers->watch.ended(workers->watch.data);
}

/* Holding back is for a new worker's first moments: it ends when all that was owed is begun. */
static bool may_read(Workers *workers)
{
	bool may;

	pthread_mutex_lock(&workers->lock);
	may = !workers->holds_back;
	pthread_mutex_unlock(&workers->lock);
	return may;
}

/* Called by the thread that has taken the baton; returns when it has lost it. */
static void read_and_serve(struct thread *thread)
{
	Workers *workers = thread->workers;
	enum drain drained = DRAIN_MORE;
	bool reads = may_read(workers), is_idle = false;

	for (;;) {
		/* Just emptied, and nothing was waiting: poll(2) says whether something has come. */
		if (reads && !(is_idle && drained == DRAIN_EMPTY))
			drained = drain_device(workers);
		if (drained == DRAIN_ENDED) {
			tell_end(workers);
			return;
		}
		switch (next_step(thread, drained)) {
		case STEP_SERVE:
			if (!serve_one(thread, &is_idle))
				return;
			break;
		case STEP_READ:
			reads = true;
			break;
		case STEP_BUSY_POLL:
			drained = poll_busily(workers);
			is_idle = true;
			break;
		case STEP_WAIT:
			wait_for_requests(workers, drained == DRAIN_FULL);
			is_idle = false;
			break;
		case STEP_ASK_AGAIN:
			if (answer_ask_again(workers->device) == 0)
				g_debug("the kernel sends again what was not answered");
			break;
		case STEP_LEAVE:
			return;
		}
	}
}

/* ---- threads ---- */

enum job {
	JOB_READ,
	JOB_SERVE,
	JOB_END,
};

/* With the lock held. False: there is nothing to do. */
static bool find_job(struct thread *thread, enum job *ret_job)
{
	Workers *workers = thread->workers;
	uint32_t slot;

	if (workers->is_stopping) {
		*ret_job = JOB_END;
	} else if (!workers->is_serving) {
		return false;
	} else if (!workers->reader) {
		workers->reader = thread;
		*ret_job = JOB_READ;
	} else if ((slot = lanes_pick_slow(workers)) != NO_SLOT) {
		lanes_begin(thread, slot);
		*ret_job = JOB_SERVE;
	} else {
		return false;
	}
	return true;
}

static enum job wait_for_job(struct thread *thread)
{
	Workers *workers = thread->workers;
	enum job job;

	pthread_mutex_lock(&workers->lock);
	while (!find_job(thread, &job)) {
		workers->idle++;
		pthread_cond_wait(&workers->work, &workers->lock);
		workers->idle--;
	}
	pthread_mutex_unlock(&workers->lock);
	return job;
}

static void *serve_thread(void *data)
{
	struct thread *thread = data;
	bool is_idle;

	pthread_mutex_lock(&thread->workers->lock);
	thread->tid = gettid();
	pthread_mutex_unlock(&thread->workers->lock);
	for (;;) {
		switch (wait_for_job(thread)) {
		case JOB_READ:
			read_and_serve(thread);
			break;
		case JOB_SERVE:
			serve_one(thread, &is_idle);
			break;
		case JOB_END:
			return NULL;
		}
	}
}

/* ---- start and end ---- */

static void init_conditions(Workers *workers)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->work, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&workers->tick, &attributes);
	pthread_condattr_destroy(&attributes);
}

static bool start_thread(pthread_t *ret_id, void *(*run)(void *), void *data, GError **error)
{
	int code = pthread_create(ret_id, NULL, run, data);

	if (code)
		g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code),
			    "cannot start a serving thread: %s", g_strerror(code));
	return code == 0;
}

bool workers_add_thread(Workers *workers, GError **error)
{
	struct thread *thread = &workers->threads[workers->n_threads];

	if (!start_thread(&thread->id, serve_thread, thread, error))
		return false;
	pthread_mutex_lock(&workers->lock);
	workers->n_threads++;
	pthread_mutex_unlock(&workers->lock);
	return true;
}

/* They wait until there is something to serve, so that a standby has nothing left to make. */
static bool start_threads(Workers *workers, GError **error)
{
	while (workers->n_threads < THREADS)
		if (!workers_add_thread(workers, error))
			return false;
	workers->has_monitor = start_thread(&workers->monitor, monitor_run, workers, error);
	return workers->has_monitor;
}

Workers *workers_new(struct serve *serve, struct fuse_session *fuse, int device, GError **error)
{
	Workers *workers = g_new0(Workers, 1);

	init_conditions(workers);
	workers->serve = serve;
	workers->journal = serve->journal;
	workers->fuse = fuse;
	workers->device = device;
	lanes_init(workers);
	workers->spare = NO_SLOT;
	for (unsigned i = 0; i < MOST_THREADS; i++)
		workers->threads[i] = (struct thread){ .workers = workers, .slot = NO_SLOT };
	workers->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (workers->wake < 0)
		g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "cannot make an eventfd: %s",
			    g_strerror(errno));
	else if (start_threads(workers, error))
		return workers;
	workers_free(workers);
	return NULL;
}

void workers_start(Workers *workers, bool asks_again, const struct session_watch *watch)
{
	owed_settle(workers);
	pthread_mutex_lock(&workers->lock);
	workers->watch = *watch;
	workers->holds_back = workers->n_owed > 0;
	workers->asks_again = asks_again;
	workers->is_serving = true;
	pthread_cond_broadcast(&workers->tick);
	pthread_cond_signal(&workers->work);
	pthread_mutex_unlock(&workers->lock);
}

static void join_threads(Workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->is_stopping = true;
	workers->is_waiting = true;
	lanes_wake_reader(workers);
	pthread_cond_broadcast(&workers->work);
	pthread_cond_broadcast(&workers->tick);
	pthread_mutex_unlock(&workers->lock);
	if (workers->has_monitor)
		pthread_join(workers->monitor, NULL); /* first: it may be making a thread */
	for (unsigned i = 0; i < workers->n_threads; i++)
		pthread_join(workers->threads[i].id, NULL);
}

void workers_free(Workers *workers)
{
	if (workers->wake >= 0) {
		join_threads(workers);
		close(workers->wake);
	}
	lanes_clear(workers);
	pthread_cond_destroy(&workers->tick);
	pthread_cond_destroy(&workers->work);
	pthread_mutex_destroy(&workers->lock);
	g_free(workers);
}

uint64_t workers_served(Workers *workers)
{
	uint64_t served;

	pthread_mutex_lock(&workers->lock);
	served = workers->n_served;
	pthread_mutex_unlock(&workers->lock);
	return served;
}
