/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to workers.c, lanes.c, drain.c, owed.c and monitor.c: the state that they share.
 */
#pragma once

#include "fs/serve/busy_poll.h"
#include "fs/serve/queue.h"
#include "fs/serve/request.h"
#include "fs/serve/workers.h"

#include <pthread.h>

/*
 * So many can serve, made beforehand. Whoever serves never makes another one; the monitor does, in place of a thread that
 * does not come back (it is lost: its request has been given up), and where all are in requests and nobody reads.
 */
#define THREADS 8

/* All of them, with those that are lost. */
#define MOST_THREADS 32

/* So many may be in slow requests, but for those that are lost; the others are for the rest. */
#define MOST_SLOW (THREADS - 2)

/* Of one container. */
#define MOST_SLOW_EACH 2

#define NO_SLOT QUEUE_NONE

enum lane {
	LANE_LIGHT,
	LANE_SLOW,
	LANE_ALONE, /* it is suspected to have crashed a worker */
	LANE_LOST,  /* given up, and its container is not known: it counts as nobody's */
};

/* Beside each slot of the journal. */
struct request {
	enum lane lane;
	unsigned kind;
	uint64_t key;
	bool is_begun;
	bool is_owed;           /* it was a dead worker's */
	bool is_answered;       /* by the monitor, while a thread is still at it */
	int64_t interrupted_us; /* 0: it was not */
	int64_t asked_us;       /* when it was last asked whether its caller is dying */
	int64_t blocked_us;     /* how long it has waited for a container that has lost all threads that it may have */
};

struct thread {
	Workers *workers;
	pthread_t id;
	pid_t tid;     /* 0 until it runs */
	uint32_t slot; /* of the request that it is in, or NO_SLOT */
	int64_t begun_ns;
	int64_t age_us; /* of that request, as far as the monitor has seen */
	bool is_hung;
	bool is_lost;
};

struct Workers {
	struct serve *serve;
	Journal *journal;
	struct fuse_session *fuse;
	int device;
	int wake; /* an eventfd: wakes who has the baton */
	struct session_watch watch;
	atomic_uint cost_ns[REQUEST_KINDS];
	struct thread threads[MOST_THREADS];
	pthread_t monitor;
	unsigned n_threads; /* once all is made, only the monitor makes them more */
	bool has_monitor;

	pthread_mutex_t
		lock; /* guards all that follows, what changes of the threads, and the requests; never held over I/O */
	pthread_cond_t work;   /* the baton is free, or a slow request waits */
	pthread_cond_t tick;   /* the monitor's */
	struct thread *reader; /* who has the baton; NULL: nobody */
	unsigned idle;         /* threads that wait for work */
	bool is_waiting;       /* the reader, for the device */
	bool is_dozing;        /* the monitor, because nothing happens */
	bool is_serving, is_stopping;
	bool holds_back; /* nothing new is read: what is owed comes first */
	bool asks_again; /* for what is in no journal, once nothing is owed */
	Queue *light, *slow;
	GQueue alone;     /* slot + 1 of each suspect that waits */
	unsigned n_slow;  /* running, and not lost */
	unsigned n_lost;  /* threads */
	unsigned n_alone; /* suspects that wait or run alone */
	unsigned n_owed;  /* not yet answered */
	unsigned n_interrupted;
	uint64_t n_begun, n_served;
	uint64_t n_steps; /* of the reader: it goes on */
	uint32_t spare;   /* of who has the baton, without the lock: the slot that is read into next, or NO_SLOT */
	uint64_t n_read;  /* and how many requests have been read */
	struct busy_poll busy_poll;
	uint32_t n_free, free[JOURNAL_SLOTS];
	uint64_t unique[JOURNAL_SLOTS]; /* of each request that is in use, else 0 */
	uint32_t top;                   /* slots from here on were never used */
	struct request requests[JOURNAL_SLOTS];
};

/* ---- lanes.c: with the lock held, but the first two ---- */

void lanes_init(Workers *workers);
void lanes_clear(Workers *workers);

/* Who has the baton, if it waits; one of those that wait for work. */
void lanes_wake_reader(Workers *workers);
void lanes_wake_one(Workers *workers);

/* Somebody else takes the baton. */
void lanes_pass_baton(Workers *workers);

/* Puts a request where it waits for its turn. */
void lanes_enqueue(Workers *workers, uint32_t slot);

/* What the reader is to serve; if that is a slow one, it has passed the baton. NO_SLOT: nothing. */
uint32_t lanes_pick(Workers *workers);

/* What another thread may serve. */
uint32_t lanes_pick_slow(Workers *workers);

void lanes_begin(struct thread *thread, uint32_t slot);
void lanes_end(struct thread *thread);

/* Nobody waits for the thread or its request any more. Its container has a thread the less until it comes back. */
void lanes_lose(struct thread *thread);

/* The slot is nobody's any more. */
void lanes_free_slot(Workers *workers, uint32_t slot);

/* ---- workers.c ---- */

/* For the monitor: one more, of MOST_THREADS. */
bool workers_add_thread(Workers *workers, GError **error);

/* ---- drain.c: with the baton ---- */

enum drain {
	DRAIN_EMPTY, /* nothing more to read now */
	DRAIN_MORE,  /* there may be more */
	DRAIN_FULL,  /* no slot is free */
	DRAIN_ENDED, /* the connection has ended */
};

/* Reads requests into slots and queues. */
enum drain drain_device(Workers *workers);

/* Fills in what is known of the request in a slot, before it is enqueued. */
void drain_look(Workers *workers, uint32_t slot);

/* RELEASE and its like. */
void drain_immediate(Workers *workers, uint32_t slot);

/* ---- owed.c ---- */

/* Puts what the worker before us owed into the queues, and all other slots among the free ones. */
void owed_settle(Workers *workers);

/* ---- monitor.c ---- */

void *monitor_run(void *workers);
