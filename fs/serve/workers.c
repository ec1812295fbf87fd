/* SPDX-License-Identifier: Apache-2.0 */
#define FUSE_USE_VERSION 314

#include "fs/serve/answer.h"
#include "fs/serve/read.h"
#include "fs/serve/workers_private.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* Above this, waking another thread is worth its cost, which is some ten microseconds. */
#define SLOW_NS 100000

/* What one measurement may add to a cost: a thread that lost its CPU for once has not become slow. */
#define MOST_RISE_NS 30000

/* A turn: one or two light requests. */
#define QUANTUM_NS 30000

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* ---- with the lock held ---- */

void workers_wake_reader(Workers *workers)
{
	if (!workers->is_waiting)
		return;
	workers->is_waiting = false;
	if (eventfd_write(workers->wake, 1) < 0)
		g_warning("cannot wake the reader: %s", g_strerror(errno));
}

static void wake_one(Workers *workers)
{
	if (workers->idle > 0)
		pthread_cond_signal(&workers->work);
}

void workers_pass_baton(Workers *workers)
{
	workers->reader = NULL;
	wake_one(workers);
}

static enum lane lane_of(const Workers *workers, const struct request *request)
{
	bool is_slow = atomic_load_explicit(&workers->cost_ns[request->kind], memory_order_relaxed) > SLOW_NS;

	return is_slow || queue_is_full(workers->slow, request->key) ? LANE_SLOW : LANE_LIGHT;
}

void workers_enqueue(Workers *workers, uint32_t slot)
{
	struct request *request = &workers->requests[slot];

	request->lane = lane_of(workers, request);
	queue_push(request->lane == LANE_SLOW ? workers->slow : workers->light, request->key, slot);
}

void workers_free_slot(Workers *workers, uint32_t slot)
{
	struct request *request = &workers->requests[slot];
	bool was_last_owed = request->is_owed && --workers->n_owed == 0;

	if (request->interrupted_us)
		workers->n_interrupted--;
	*request = (struct request){ 0 };
	workers->unique[slot] = 0;
	if (workers->is_serving)
		workers->free[workers->n_free++] = slot;
	if (workers->n_free == 1 || was_last_owed)
		workers_wake_reader(workers); /* which may wait for just this */
}

/* Suspects go first, and while one of them runs nothing else begins. */
static uint32_t pick_alone(Workers *workers)
{
	return GPOINTER_TO_UINT(g_queue_pop_head(&workers->alone)) - 1;
}

G_STATIC_ASSERT((uint32_t)0 - 1 == NO_SLOT);

/* A light request whose container turned out to have all the slow ones that it may have waits with these. */
static uint32_t pick_light(Workers *workers)
{
	uint32_t slot;

	while ((slot = queue_pick(workers->light)) != NO_SLOT) {
		if (!queue_is_full(workers->slow, workers->requests[slot].key))
			break;
		queue_done(workers->light, slot, 0);
		workers_enqueue(workers, slot);
	}
	return slot;
}

static uint32_t pick_slow(Workers *workers)
{
	return workers->n_slow < MOST_SLOW && workers->n_alone == 0 ? queue_pick(workers->slow) : NO_SLOT;
}

static void begin(struct thread *thread, uint32_t slot)
{
	Workers *workers = thread->workers;
	struct request *request = &workers->requests[slot];

	request->is_begun = true;
	if (request->lane == LANE_SLOW)
		workers->n_slow++;
	atomic_fetch_or(&journal_slot(workers->journal, slot)->flags, JOURNAL_STARTED);
	thread->slot = slot;
	thread->begun_ns = now_ns();
	thread->age_us = 0;
	thread->is_hung = false;
	workers->n_begun++;
	if (workers->is_dozing)
		pthread_cond_signal(&workers->tick);
	workers->is_dozing = false;
}

/* A moving average; two threads that race lose one of their measurements. */
static int64_t note_cost(atomic_uint *cost, int64_t took_ns)
{
	int64_t before = atomic_load_explicit(cost, memory_order_relaxed);
	int64_t now = before + MIN((took_ns - before) / 8, MOST_RISE_NS);

	atomic_store_explicit(cost, (unsigned)CLAMP(now, 0, G_MAXINT), memory_order_relaxed);
	return now;
}

/* What it costs its container is what such requests cost: not that this one's thread lost its CPU meanwhile. */
static void end(struct thread *thread)
{
	Workers *workers = thread->workers;
	struct request *request = &workers->requests[thread->slot];
	int64_t cost = note_cost(&workers->cost_ns[request->kind], now_ns() - thread->begun_ns);

	switch (request->lane) {
	case LANE_LIGHT:
		queue_done(workers->light, thread->slot, cost);
		break;
	case LANE_SLOW:
		queue_done(workers->slow, thread->slot, cost);
		workers->n_slow--;
		break;
	case LANE_ALONE:
		workers->n_alone--;
		break;
	}
	workers_free_slot(workers, thread->slot);
	workers->n_served++;
	thread->slot = NO_SLOT;
}

/* ---- one request ---- */

static void answer(Workers *workers, struct journal_slot *slot)
{
	struct fuse_buf request = { .mem = slot->request, .size = slot->header.len };

	if (slot->header.opcode == FUSE_READ)
		read_answer(workers->serve, workers->device, &slot->header);
	else
		fuse_session_process_buf(workers->fuse, &request);
}

/* Begun under the lock by whoever picked it. True: this thread still has the baton. */
static bool serve_one(struct thread *thread)
{
	Workers *workers = thread->workers;
	struct journal_slot *slot = journal_slot(workers->journal, thread->slot);
	bool has_baton;

	answer(workers, slot);
	journal_clear(slot);
	pthread_mutex_lock(&workers->lock);
	end(thread);
	has_baton = workers->reader == thread;
	pthread_mutex_unlock(&workers->lock);
	return has_baton;
}

/* ---- with the baton ---- */

enum step {
	STEP_SERVE,
	STEP_READ, /* there may be more to read */
	STEP_WAIT,
	STEP_ASK_AGAIN,
	STEP_LEAVE, /* all ends */
};

/* The slow ones are for others while there is light work; else the reader does one itself, and another reads. */
static uint32_t pick(Workers *workers)
{
	uint32_t slot = pick_alone(workers);

	if (slot == NO_SLOT)
		slot = pick_light(workers);
	if (slot != NO_SLOT) {
		if (queue_length(workers->slow) > 0)
			wake_one(workers);
		return slot;
	}
	slot = pick_slow(workers);
	if (slot != NO_SLOT)
		workers_pass_baton(workers);
	return slot;
}

/* With the lock held: nothing can be served now. */
static enum step rest(Workers *workers, enum drain drained)
{
	bool can_read = workers->holds_back || drained == DRAIN_MORE || (drained == DRAIN_FULL && workers->n_free > 0);

	workers->holds_back = false;
	workers->is_waiting = !can_read;
	return can_read ? STEP_READ : STEP_WAIT;
}

static enum step next_step(struct thread *thread, enum drain drained)
{
	Workers *workers = thread->workers;
	enum step step = STEP_SERVE;
	uint32_t slot;

	pthread_mutex_lock(&workers->lock);
	if (workers->is_stopping) {
		step = STEP_LEAVE;
	} else if (workers->asks_again && workers->n_owed == 0) {
		workers->asks_again = false;
		step = STEP_ASK_AGAIN;
	} else if ((slot = pick(workers)) != NO_SLOT) {
		begin(thread, slot);
	} else {
		step = rest(workers, drained);
	}
	pthread_mutex_unlock(&workers->lock);
	return step;
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
	bool reads = may_read(workers);

	for (;;) {
		if (reads)
			drained = drain_device(workers);
		if (drained == DRAIN_ENDED) {
			tell_end(workers);
			return;
		}
		switch (next_step(thread, drained)) {
		case STEP_SERVE:
			if (!serve_one(thread))
				return;
			break;
		case STEP_READ:
			reads = true;
			break;
		case STEP_WAIT:
			wait_for_requests(workers, drained == DRAIN_FULL);
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
	} else if ((slot = pick_slow(workers)) != NO_SLOT) {
		begin(thread, slot);
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
	for (;;) {
		switch (wait_for_job(data)) {
		case JOB_READ:
			read_and_serve(data);
			break;
		case JOB_SERVE:
			serve_one(data);
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

/* They wait until there is something to serve, so that a standby has nothing left to make. */
static bool start_threads(Workers *workers, GError **error)
{
	for (; workers->n_threads < THREADS; workers->n_threads++) {
		struct thread *thread = &workers->threads[workers->n_threads];

		if (!start_thread(&thread->id, serve_thread, thread, error))
			return false;
	}
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
	workers->light = queue_new(JOURNAL_SLOTS, QUANTUM_NS, THREADS);
	workers->slow = queue_new(JOURNAL_SLOTS, QUANTUM_NS, MOST_SLOW_EACH);
	workers->spare = NO_SLOT;
	g_queue_init(&workers->alone);
	for (unsigned i = 0; i < THREADS; i++)
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

void workers_owe(Workers *workers, unsigned slot, bool is_suspect)
{
	const struct journal_slot *kept = journal_slot(workers->journal, slot);
	struct request *request = &workers->requests[slot];

	pthread_mutex_lock(&workers->lock);
	drain_look(workers, slot);
	request->is_owed = true;
	request->lane = is_suspect ? LANE_ALONE : LANE_LIGHT;
	if (kept->flags & JOURNAL_INTERRUPTED) {
		request->interrupted_us = g_get_monotonic_time();
		workers->n_interrupted++;
	}
	workers->unique[slot] = kept->header.unique;
	workers->top = MAX(workers->top, slot + 1);
	workers->n_owed++;
	pthread_mutex_unlock(&workers->lock);
}

/* With the lock held. */
static void queue_owed(Workers *workers, uint32_t slot)
{
	if (workers->requests[slot].lane != LANE_ALONE) {
		workers_enqueue(workers, slot);
		return;
	}
	g_queue_push_tail(&workers->alone, GUINT_TO_POINTER(slot + 1));
	workers->n_alone++;
}

/* What needs no turn, once all is known that an INTERRUPT can mean. */
static void settle_immediate(Workers *workers)
{
	for (uint32_t i = 0; i < workers->top; i++) {
		if (!workers->requests[i].is_owed || !request_is_immediate(journal_slot(workers->journal, i)))
			continue;
		drain_immediate(workers, i);
		pthread_mutex_lock(&workers->lock);
		workers_free_slot(workers, i);
		pthread_mutex_unlock(&workers->lock);
	}
}

void workers_start(Workers *workers, bool asks_again, const struct session_watch *watch)
{
	settle_immediate(workers);
	pthread_mutex_lock(&workers->lock);
	workers->watch = *watch;
	for (uint32_t i = JOURNAL_SLOTS; i > 0; i--) {
		if (workers->requests[i - 1].is_owed)
			queue_owed(workers, i - 1);
		else
			workers->free[workers->n_free++] = i - 1; /* the lowest is given first */
	}
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
	workers_wake_reader(workers);
	pthread_cond_broadcast(&workers->work);
	pthread_cond_broadcast(&workers->tick);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->n_threads; i++)
		pthread_join(workers->threads[i].id, NULL);
	if (workers->has_monitor)
		pthread_join(workers->monitor, NULL);
}

void workers_free(Workers *workers)
{
	if (workers->wake >= 0) {
		join_threads(workers);
		close(workers->wake);
	}
	g_queue_clear(&workers->alone);
	queue_free(workers->slow);
	queue_free(workers->light);
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
