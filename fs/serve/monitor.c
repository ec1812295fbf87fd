/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/answer.h"
#include "fs/serve/workers_private.h"

#include <errno.h>
#include <time.h>

/* How often it looks while requests are served, and while none is. */
#define TICK_US 20000
#define DOZE_US 500000
#define BEAT_US 500000

/* Who has the baton and needs longer loses it. */
#define RELIEF_US 10000

/*
 * A caller with a signal waits on: a read of procfs is not interrupted (EINTR), so no client expects it to be. But a killed one
 * must go, and until its answer comes it cannot. The kernel says only that there was a signal, and only once; so whether it is
 * dying is looked up, every so often. For one whose thread is not to be seen from here the second bound holds.
 */
#define PATIENCE_US 100000
#define UNSEEN_US   2000000

/*
 * No request may take so long. The second bound is for a worker that nobody replaces, and for one whose
 * thread waits in the kernel: it could not be.
 */
#define HUNG_US    (5 * G_USEC_PER_SEC)
#define GIVE_UP_US (10 * G_USEC_PER_SEC)

/* All threads are in requests for so long, and nobody reads: one more is made. */
#define SPARE_US 100000

/* A cost that makes a request a slow one (lanes.c). */
#define SLOW_NOW_NS 10000000

/* What a look found to be done without the lock. */
struct findings {
	unsigned n;
	struct answer_due {
		uint64_t unique;
		int code;
	} due[MOST_THREADS + 64];
	unsigned n_asked;
	struct asked { /* interrupted: is the caller dying? */
		uint32_t slot;
		uint64_t unique;
		pid_t tid;
		int64_t waited_us;
	} asked[64];
	bool reader_hangs;
	unsigned n_hung;
	pid_t hung[MOST_THREADS]; /* threads */
	unsigned n_lost;
	bool wants_thread; /* one more */
	bool is_used_up;   /* there may be no more */
	struct session_watch watch;
};

/* What the last look saw. */
struct memory {
	uint64_t n_begun, n_steps;
	int64_t looked_us, beat_us;
	int64_t reader_us; /* since when, by looks, the reader has been about something that is no request */
	bool reader_hangs;
	int64_t unread_us; /* since when, by looks, all threads have been in requests */
	bool is_used_up;   /* which was said */
};

/* ---- with the lock held ---- */

/* What waits is taken out; what runs is let run, but nobody waits for it. */
static void withdraw(Workers *workers, uint32_t slot)
{
	struct request *request = &workers->requests[slot];

	atomic_fetch_or(&journal_slot(workers->journal, slot)->flags, JOURNAL_ANSWERED);
	request->is_answered = true;
	if (request->is_begun)
		return;
	if (request->lane == LANE_ALONE) {
		g_queue_remove(&workers->alone, GUINT_TO_POINTER(slot + 1));
		workers->n_alone--;
	} else {
		queue_remove(request->lane == LANE_SLOW ? workers->slow : workers->light, slot);
	}
	journal_clear(journal_slot(workers->journal, slot));
	lanes_free_slot(workers, slot);
}

/* One without a number is being answered at this moment (workers.c). */
static void answer_later(struct findings *findings, Workers *workers, uint32_t slot, int code)
{
	if (findings->n == G_N_ELEMENTS(findings->due) || workers->requests[slot].is_answered ||
	    workers->unique[slot] == 0)
		return;
	findings->due[findings->n++] = (struct answer_due){ workers->unique[slot], code };
	withdraw(workers, slot);
}

static void look_at_interrupted(Workers *workers, int64_t now_us, struct findings *findings)
{
	for (uint32_t i = 0; workers->n_interrupted > 0 && i < workers->top; i++) {
		struct request *request = &workers->requests[i];

		if (!request->interrupted_us || request->is_answered ||
		    findings->n_asked == G_N_ELEMENTS(findings->asked) ||
		    now_us - MAX(request->interrupted_us, request->asked_us) < PATIENCE_US)
			continue;
		request->asked_us = now_us;
		findings->asked[findings->n_asked++] = (struct asked){
			.slot = i,
			.unique = workers->unique[i],
			.tid = (pid_t)journal_slot(workers->journal, i)->header.pid,
			.waited_us = now_us - request->interrupted_us,
		};
	}
}

/* From now on it counts as a slow one, and so do its like. */
static void relieve(struct thread *thread)
{
	Workers *workers = thread->workers;
	struct request *request = &workers->requests[thread->slot];

	if (request->lane == LANE_LIGHT)
		queue_done(workers->light, thread->slot, 0);
	else
		workers->n_alone--;
	queue_adopt(workers->slow, request->key, thread->slot);
	request->lane = LANE_SLOW;
	workers->n_slow++;
	atomic_store_explicit(&workers->cost_ns[request->kind], SLOW_NOW_NS, memory_order_relaxed);
	lanes_pass_baton(workers);
}

static void look_at_hung(struct thread *thread, struct findings *findings)
{
	Workers *workers = thread->workers;
	struct journal_slot *kept = journal_slot(workers->journal, thread->slot);

	/* Changing something can take the kernel long, as to reclaim memory: nobody's fault, and the next worker would be no faster. */
	if (thread->age_us > HUNG_US && !thread->is_hung && !journal_is_change(kept)) {
		thread->is_hung = true;
		findings->hung[findings->n_hung++] = thread->tid;
		atomic_fetch_or(&kept->flags, JOURNAL_HUNG);
	}
	if (thread->age_us <= GIVE_UP_US || thread->is_lost)
		return;
	answer_later(findings, workers, thread->slot, EIO);
	if (workers->requests[thread->slot].is_answered)
		lanes_lose(thread);
}

/* The age is counted by the monitor's own looks, so that a process or a machine that stood still does not seem to hang. */
static void look_at_threads(Workers *workers, int64_t now_us, int64_t passed_us, struct findings *findings)
{
	for (unsigned i = 0; i < workers->n_threads; i++) {
		struct thread *thread = &workers->threads[i];

		if (thread->slot == NO_SLOT)
			continue;
		thread->age_us += MIN(passed_us, now_us - thread->begun_ns / 1000);
		if (workers->reader == thread && now_us - thread->begun_ns / 1000 > RELIEF_US)
			relieve(thread);
		look_at_hung(thread, findings);
	}
}

/* So many of its threads are lost that it gets no other. */
static bool is_blocked(const Workers *workers, uint64_t key)
{
	unsigned n = 0;

	for (unsigned i = 0; i < workers->n_threads; i++) {
		const struct thread *thread = &workers->threads[i];

		n += thread->is_lost && workers->requests[thread->slot].key == key ? 1 : 0;
	}
	return key != 0 && n >= MOST_SLOW_EACH;
}

/* What its container has no thread for: it would wait for as long as the kernel holds these. */
static void look_at_blocked(Workers *workers, int64_t passed_us, struct findings *findings)
{
	if (workers->n_lost < MOST_SLOW_EACH || queue_length(workers->slow) == 0)
		return;
	for (uint32_t i = 0; i < workers->top; i++) {
		struct request *request = &workers->requests[i];

		if (workers->unique[i] == 0 || request->is_begun || request->lane != LANE_SLOW ||
		    !is_blocked(workers, request->key))
			continue;
		request->blocked_us += passed_us;
		if (request->blocked_us > GIVE_UP_US)
			answer_later(findings, workers, i, EIO);
	}
}

static bool nobody_reads(const Workers *workers)
{
	bool all_busy = workers->is_serving && !workers->reader;

	for (unsigned i = 0; i < workers->n_threads; i++)
		all_busy = all_busy && workers->threads[i].slot != NO_SLOT;
	return all_busy;
}

/* At the bound a moment without a reader is nothing to replace a worker for. */
static void look_for_threads(Workers *workers, struct memory *memory, int64_t passed_us, struct findings *findings)
{
	bool is_short = workers->n_threads - workers->n_lost < THREADS;

	memory->unread_us = nobody_reads(workers) ? memory->unread_us + passed_us : 0;
	findings->n_lost = workers->n_lost;
	if (workers->n_threads < MOST_THREADS)
		findings->wants_thread = is_short || memory->unread_us > SPARE_US;
	else
		findings->is_used_up = is_short || memory->unread_us > HUNG_US;
}

/* In the midst of reading requests or of one that is answered at once: no thing that takes long. */
static void look_at_reader(Workers *workers, struct memory *memory, int64_t passed_us, struct findings *findings)
{
	const struct thread *reader = workers->reader;

	if (!reader || reader->slot != NO_SLOT || workers->is_waiting || workers->n_steps != memory->n_steps)
		memory->reader_us = 0;
	else
		memory->reader_us += passed_us;
	findings->reader_hangs = memory->reader_us > HUNG_US && !memory->reader_hangs;
	memory->reader_hangs |= findings->reader_hangs;
	memory->n_steps = workers->n_steps;
}

/* Of threads that are lost there is nothing to be seen any more, but somebody may wait for them. */
static bool is_quiet(Workers *workers, struct memory *memory)
{
	bool is_quiet = workers->n_begun == memory->n_begun && workers->n_interrupted == 0 &&
			(workers->is_waiting || !workers->is_serving) && queue_length(workers->slow) == 0;

	for (unsigned i = 0; i < workers->n_threads; i++)
		is_quiet = is_quiet && (workers->threads[i].slot == NO_SLOT || workers->threads[i].is_lost);
	memory->n_begun = workers->n_begun;
	return is_quiet;
}

/* Whoever begins a request wakes a monitor that dozes. */
static void sleep_for(Workers *workers, int64_t span_us)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += span_us % G_USEC_PER_SEC * 1000;
	until.tv_sec += span_us / G_USEC_PER_SEC + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&workers->tick, &workers->lock, &until);
}

/* ---- looks ---- */

static void look_at_all(Workers *workers, struct memory *memory, struct findings *findings)
{
	int64_t now_us = g_get_monotonic_time();
	int64_t passed_us = MIN(now_us - memory->looked_us, 2 * TICK_US);

	look_at_interrupted(workers, now_us, findings);
	look_at_threads(workers, now_us, passed_us, findings);
	look_at_blocked(workers, passed_us, findings);
	look_for_threads(workers, memory, passed_us, findings);
	look_at_reader(workers, memory, passed_us, findings);
	memory->looked_us = now_us;
	findings->watch = workers->watch;
}

/* Sleeps first, then looks. False: all ends. */
static bool look(Workers *workers, struct memory *memory, struct findings *findings)
{
	bool goes_on;

	pthread_mutex_lock(&workers->lock);
	if (!workers->is_stopping) {
		workers->is_dozing = is_quiet(workers, memory);
		sleep_for(workers, workers->is_dozing ? DOZE_US : TICK_US);
		workers->is_dozing = false;
	}
	look_at_all(workers, memory, findings);
	goes_on = !workers->is_stopping;
	pthread_mutex_unlock(&workers->lock);
	return goes_on;
}

/* A thread that the kernel does not let go holds up its own request alone, but would hold up the end of this process. */
static bool is_to_be_replaced(const Workers *workers, const struct findings *findings)
{
	bool is = findings->reader_hangs;

	for (unsigned i = 0; i < findings->n_hung; i++) {
		bool is_stuck = host_is_stuck(registry_host(workers->serve->registry), findings->hung[i]);

		g_warning("a request hangs%s", is_stuck ? " in the kernel" : "");
		is = is || !is_stuck;
	}
	return is;
}

static bool is_dying(const Workers *workers, const struct asked *asked)
{
	if (asked->tid <= 0)
		return asked->waited_us > UNSEEN_US;
	return host_is_dying(registry_host(workers->serve->registry), asked->tid);
}

static void let_the_dying_go(Workers *workers, struct findings *findings)
{
	for (unsigned i = 0; i < findings->n_asked; i++) {
		const struct asked *asked = &findings->asked[i];

		if (!is_dying(workers, asked))
			continue;
		pthread_mutex_lock(&workers->lock);
		if (workers->unique[asked->slot] == asked->unique)
			answer_later(findings, workers, asked->slot, EINTR);
		pthread_mutex_unlock(&workers->lock);
	}
}

/* True: what is missing cannot be made, which is said once. */
static bool is_at_the_end(Workers *workers, struct memory *memory, const struct findings *findings)
{
	g_autoptr(GError) error = NULL;

	if (findings->wants_thread && workers_add_thread(workers, &error)) {
		g_warning("%u of %u threads do not come back from the kernel, or all are busy: one more serves",
			  findings->n_lost, workers->n_threads - 1);
		return false;
	}
	if (memory->is_used_up || (!findings->is_used_up && !error))
		return false;
	memory->is_used_up = true;
	g_warning("%u of %u threads do not come back from the kernel: %s", findings->n_lost, workers->n_threads,
		  error ? error->message : "no more may be made");
	return true;
}

static void act(Workers *workers, struct memory *memory, struct findings *findings)
{
	bool is_used_up = is_at_the_end(workers, memory, findings);

	let_the_dying_go(workers, findings);
	for (unsigned i = 0; i < findings->n; i++) {
		if (findings->due[i].code != EINTR)
			g_warning("a request was given up after %d s", (int)(GIVE_UP_US / G_USEC_PER_SEC));
		answer_error(workers->device, findings->due[i].unique, findings->due[i].code);
	}
	if ((is_to_be_replaced(workers, findings) || is_used_up) && findings->watch.hung)
		findings->watch.hung(findings->watch.data);
}

static void beat(const struct session_watch *watch, struct memory *memory)
{
	if (!watch->beat || memory->looked_us - memory->beat_us < BEAT_US)
		return;
	memory->beat_us = memory->looked_us;
	watch->beat(watch->data);
}

void *monitor_run(void *data)
{
	Workers *workers = data;
	struct memory memory = { 0 };
	struct findings findings;

	do {
		findings = (struct findings){ 0 };
		if (!look(workers, &memory, &findings))
			return NULL;
		act(workers, &memory, &findings);
		beat(&findings.watch, &memory);
	} while (true);
}
