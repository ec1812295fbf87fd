/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/known_callers.h"

#include "fs/container/beneath.h"
#include "fs/container/container_private.h"
#include "fs/container/host_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 256

/*
 * How long an answer holds that the steps found. Other processes have a part in it, and what is not there yet may come: a
 * cgroup mount, an init. A registered boundary depends on nothing but the caller's cgroup.
 */
#define STEPS_US G_USEC_PER_SEC

/* The namespaces that the steps look at. */
static const char *const names[] = { "mnt", "pid" };

struct known {
	atomic_uint refs;
	pid_t tid;
	int fd;
	char *text;
	uint64_t namespaces[G_N_ELEMENTS(names)];
	unsigned registrations;
	int64_t until_us; /* of the monotonic clock */
	Container *container;
	enum caller_step step;
};

struct KnownCallers {
	pthread_mutex_t lock; /* of the slots; never held over I/O */
	struct known *slot[SLOTS];
};

KnownCallers *known_callers_new(void)
{
	KnownCallers *callers = g_new0(KnownCallers, 1);

	pthread_mutex_init(&callers->lock, NULL);
	return callers;
}

static void known_unref(struct known *known)
{
	if (!known || atomic_fetch_sub(&known->refs, 1) != 1)
		return;
	close(known->fd);
	container_unref(known->container);
	g_free(known->text);
	g_free(known);
}

void known_callers_free(KnownCallers *callers)
{
	for (unsigned i = 0; i < SLOTS; i++)
		known_unref(callers->slot[i]);
	pthread_mutex_destroy(&callers->lock);
	g_free(callers);
}

static struct known **slot_of(KnownCallers *callers, pid_t tid)
{
	return &callers->slot[(unsigned)tid % SLOTS];
}

/* Whoever is in a slot, with a reference; NULL where it is empty. */
static struct known *look_into(KnownCallers *callers, struct known **slot)
{
	struct known *known;

	pthread_mutex_lock(&callers->lock);
	known = *slot;
	if (known)
		atomic_fetch_add(&known->refs, 1);
	pthread_mutex_unlock(&callers->lock);
	return known;
}

/* Puts one into its slot; who was there before is let go. */
static void put(KnownCallers *callers, struct known *known)
{
	struct known **slot = slot_of(callers, known->tid);
	struct known *before;

	pthread_mutex_lock(&callers->lock);
	before = *slot;
	*slot = known;
	pthread_mutex_unlock(&callers->lock);
	known_unref(before);
}

/* Empties the slot if it is still this one's. */
static void drop(KnownCallers *callers, struct known *known)
{
	struct known **slot = slot_of(callers, known->tid);
	bool there;

	pthread_mutex_lock(&callers->lock);
	there = *slot == known;
	if (there)
		*slot = NULL;
	pthread_mutex_unlock(&callers->lock);
	if (there)
		known_unref(known);
}

static void look_at_namespaces(const Host *host, pid_t tid, uint64_t ret_namespaces[G_N_ELEMENTS(names)])
{
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
		ret_namespaces[i] = host_pid_namespace(host, tid, names[i]);
}

/* The same thread in the same cgroups; once that is known, its number is good to look at its namespaces. */
static bool is_unmoved(const struct known *known, const Host *host)
{
	g_autoptr(GString) text = g_string_sized_new(HOST_SMALL);
	uint64_t namespaces[G_N_ELEMENTS(names)];

	if (beneath_read_kept(known->fd, text) < 0 || strcmp(text->str, known->text) != 0)
		return false;
	if (known->step == CALLER_REGISTERED)
		return true;
	look_at_namespaces(host, known->tid, namespaces);
	return memcmp(namespaces, known->namespaces, sizeof namespaces) == 0;
}

static bool still_holds(const struct known *known, const Host *host, unsigned registrations)
{
	bool timeless = known->step == CALLER_REGISTERED;

	return known->registrations == registrations && (timeless || g_get_monotonic_time() < known->until_us) &&
	       is_unmoved(known, host) && !container_gone(known->container);
}

Container *known_callers_recall(KnownCallers *callers, const Host *host, pid_t tid, unsigned registrations,
				enum caller_step *ret_step)
{
	struct known *known = look_into(callers, slot_of(callers, tid));
	Container *container = NULL;

	if (known && known->tid == tid && still_holds(known, host, registrations)) {
		container = container_ref(known->container);
		*ret_step = known->step;
	}
	known_unref(known);
	return container;
}

void known_callers_tidy(KnownCallers *callers, const Host *host)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct known *known = look_into(callers, &callers->slot[i]);

		if (known && !still_holds(known, host, known->registrations))
			drop(callers, known);
		known_unref(known);
	}
}

void known_callers_keep(KnownCallers *callers, const Host *host, pid_t tid, int fd, const char *text,
			unsigned registrations, Container *container, enum caller_step step)
{
	struct known *known = g_new(struct known, 1);

	*known = (struct known){
		.tid = tid,
		.fd = fd,
		.text = g_strdup(text),
		.registrations = registrations,
		.until_us = g_get_monotonic_time() + STEPS_US,
		.container = container_ref(container),
		.step = step,
	};
	atomic_init(&known->refs, 1);
	look_at_namespaces(host, tid, known->namespaces);
	put(callers, known);
}
