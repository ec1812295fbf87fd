/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/sampler.h"

#include "fs/container/container_private.h"
#include "fs/container/load.h"
#include "fs/container/sampler_private.h"

#include <pthread.h>
#include <time.h>

/* A pass never takes more than 1/20 of the time. */
#define REST_FACTOR 20

struct Sampler {
	Registry *registry;
	pthread_t thread;
	pthread_mutex_t lock; /* of stopping */
	pthread_cond_t wake;  /* by CLOCK_MONOTONIC */
	bool stopping;
};

/* A container that ended meanwhile is no failure of the pass: tidying or forgetting it is due. */
static void pass(Registry *registry)
{
	g_autoptr(GPtrArray) containers = registry_sampled(registry);

	for (unsigned i = 0; i < containers->len; i++) {
		g_autoptr(GError) error = NULL;

		if (!container_sample(g_ptr_array_index(containers, i), (uint64_t)g_get_monotonic_time(), &error))
			g_debug("load: %s", error->message);
	}
	registry_tidy(registry);
}

/*
 * On the grid of five seconds, so that delays do not add up; after a pass that was long, or came too
 * late for the grid, from its end.
 */
gint64 sampler_next(gint64 due, gint64 began, gint64 ended)
{
	gint64 rested = ended + REST_FACTOR * (ended - began);
	gint64 next = due + LOAD_PERIOD_US;

	if (next <= ended)
		next = ended + LOAD_PERIOD_US;
	return MAX(next, rested);
}

/* False when it is time to stop. */
static bool wait_until(Sampler *sampler, gint64 due)
{
	struct timespec until = { .tv_sec = due / G_USEC_PER_SEC, .tv_nsec = due % G_USEC_PER_SEC * 1000 };
	int r = 0;
	bool go_on;

	pthread_mutex_lock(&sampler->lock);
	while (!sampler->stopping && r == 0)
		r = pthread_cond_timedwait(&sampler->wake, &sampler->lock, &until);
	go_on = !sampler->stopping;
	pthread_mutex_unlock(&sampler->lock);
	return go_on;
}

static void *run(void *data)
{
	Sampler *sampler = data;
	gint64 due = g_get_monotonic_time(); /* what the worker before us has not sampled, is due at once */

	while (wait_until(sampler, due)) {
		gint64 began = g_get_monotonic_time();

		pass(sampler->registry);
		due = sampler_next(due, began, g_get_monotonic_time());
	}
	return NULL;
}

static void init_wake(pthread_cond_t *wake)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(wake, &attr);
	pthread_condattr_destroy(&attr);
}

Sampler *sampler_start(Registry *registry)
{
	Sampler *sampler = g_new0(Sampler, 1);
	int r;

	sampler->registry = registry;
	pthread_mutex_init(&sampler->lock, NULL);
	init_wake(&sampler->wake);
	r = pthread_create(&sampler->thread, NULL, run, sampler);
	if (r != 0)
		g_error("the sampler's thread: %s", g_strerror(r)); /* as g_thread_new() ends a program */
	pthread_setname_np(sampler->thread, "sampler");
	return sampler;
}

void sampler_stop(Sampler *sampler)
{
	if (!sampler)
		return;
	pthread_mutex_lock(&sampler->lock);
	sampler->stopping = true;
	pthread_cond_signal(&sampler->wake);
	pthread_mutex_unlock(&sampler->lock);
	pthread_join(sampler->thread, NULL);
	pthread_cond_destroy(&sampler->wake);
	pthread_mutex_destroy(&sampler->lock);
	g_free(sampler);
}
