/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/container.h"

#include "cgroup/error.h"
#include "fs/container/container_private.h"
#include "fs/container/id.h"
#include "fs/container/saved.h"
#include "fs/container/tasks.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

struct Container {
	atomic_uint refs;
	/* Fixed at birth. */
	const Host *host;
	uint64_t slot;
	uint64_t former; /* see container_birth */
	uint32_t generation;
	char *id;
	uid_t owner;
	pid_t init;
	uint64_t init_start_us, start_us;
	bool own_pids, has_boot_offset;
	int64_t boot_offset_us;
	CgGroup *group; /* sees for itself when it is gone, and stays so */
	History *history;
	/* Flags, set and read without the lock. */
	atomic_bool sampled;
	atomic_bool read;
	pthread_mutex_t lock; /* of all below; writing to the store is no I/O */
	struct container_options options;
	Store *store; /* NULL: not kept */
	store_place place;
};

/* Early at boot getrandom(2) may have nothing yet; waiting for it would hold up the container. */
uint32_t container_random(void)
{
	uint32_t number;

	do {
		if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
			number = g_random_int();
	} while (number == 0);
	return number;
}

Container *container_new(const Host *host, const struct container_birth *birth)
{
	Container *container = g_new0(Container, 1);

	atomic_init(&container->refs, 1);
	pthread_mutex_init(&container->lock, NULL);
	container->host = host;
	container->slot = birth->slot;
	container->former = birth->former;
	container->generation = birth->generation ? birth->generation : container_random();
	container->id = g_strdup(birth->id);
	(void)container_id_parse(birth->id, &container->owner); /* without an id: root's */
	container->options = birth->options;
	container->init = birth->init;
	container->init_start_us = birth->init_start_us;
	container->start_us = birth->start_us;
	container->own_pids = birth->own_pids;
	container->has_boot_offset = birth->has_boot_offset;
	container->boot_offset_us = birth->boot_offset_us;
	container->group = cg_group_ref(birth->group);
	container->history = birth->history ? history_ref(birth->history) : history_new(birth->start_us);
	if (birth->id || birth->sampled) {
		atomic_init(&container->sampled, true);
		history_begin_load(container->history, (uint64_t)g_get_monotonic_time());
	}
	return container;
}

Container *container_ref(Container *container)
{
	atomic_fetch_add(&container->refs, 1);
	return container;
}

void container_unref(Container *container)
{
	if (!container || atomic_fetch_sub(&container->refs, 1) != 1)
		return;
	cg_group_unref(container->group);
	history_unref(container->history);
	pthread_mutex_destroy(&container->lock);
	g_free(container->id);
	g_free(container);
}

uint64_t container_slot(const Container *container)
{
	return container->slot;
}

uint64_t container_former(const Container *container)
{
	return container->former;
}

uint32_t container_generation(const Container *container)
{
	return container->generation;
}

const char *container_id(const Container *container)
{
	return container->id;
}

uid_t container_owner(const Container *container)
{
	return container->owner;
}

const char *container_cgroup(const Container *container)
{
	const struct cg_paths *paths = container_paths(container);

	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		if (paths->of[i] && strcmp(paths->of[i], "/") != 0)
			return paths->of[i];
	}
	return "/";
}

pid_t container_init(const Container *container)
{
	return container->init;
}

uint64_t container_init_start_us(const Container *container)
{
	return container->init_start_us;
}

const struct cg_paths *container_paths(const Container *container)
{
	return cg_group_paths(container->group);
}

History *container_history(Container *container)
{
	return container->history;
}

struct container_options container_options(const Container *container)
{
	/* The lock is no part of what a reader of a constant container sees. */
	pthread_mutex_t *lock = &((Container *)(uintptr_t)container)->lock;
	struct container_options options;

	pthread_mutex_lock(lock);
	options = container->options;
	pthread_mutex_unlock(lock);
	return options;
}

/* ---- as a record ---- */

/* Strings and paths stay the container's. */
static struct saved_container describe(const Container *container)
{
	struct saved_container saved = {
		.id = container->id,
		.generation = container->generation,
		.history = history_number(container->history),
		.sampled = atomic_load(&container->sampled),
		.init = container->init,
		.init_start_us = container->init_start_us,
		.start_us = container->start_us,
		.own_pids = container->own_pids,
		.has_boot_offset = container->has_boot_offset,
		.boot_offset_us = container->boot_offset_us,
		.options = container->options,
		.paths = *container_paths(container),
		.identity = *cg_group_identity(container->group),
	};

	return saved;
}

/* With the lock held. In a full store the older record stays. */
static void save(Container *container)
{
	struct saved_container saved;
	g_autoptr(GVariant) record = NULL;
	store_place place;

	if (!container->store)
		return;
	saved = describe(container);
	record = saved_container_write(&saved);
	place = store_put(container->store, container->place, STORE_CONTAINER, container->slot,
			  g_variant_get_data(record), g_variant_get_size(record));
	if (place != 0)
		container->place = place;
}

/* The history first: a container without one would begin anew. */
void container_keep_in(Container *container, Store *store, const struct container_places *places)
{
	history_keep_in(container->history, store, places->history,
			places->history ? places->history_number : container->slot);
	pthread_mutex_lock(&container->lock);
	container->store = store;
	container->place = places->container;
	if (!places->container || !places->history)
		save(container);
	pthread_mutex_unlock(&container->lock);
}

void container_let_go(Container *container)
{
	bool kept;

	pthread_mutex_lock(&container->lock);
	kept = container->store != NULL;
	if (kept)
		store_drop(container->store, container->place);
	container->store = NULL;
	container->place = 0;
	pthread_mutex_unlock(&container->lock);
	if (kept)
		history_let_go(container->history);
}

/* ---- */

void container_set_options(Container *container, struct container_options options)
{
	pthread_mutex_lock(&container->lock);
	container->options = options;
	save(container);
	pthread_mutex_unlock(&container->lock);
}

bool container_gone(Container *container)
{
	return cg_group_gone(container->group);
}

static bool alive(Container *container, GError **error)
{
	if (!container_gone(container))
		return true;
	return cg_fail(error, ESRCH, "%s: its cgroup is gone", container->id ? container->id : "container");
}

CgGroup *container_group(Container *container, GError **error)
{
	if (!alive(container, error))
		return NULL;
	atomic_store(&container->read, true);
	return cg_group_ref(container->group);
}

void container_trim(Container *container)
{
	if (!atomic_exchange(&container->read, false))
		cg_group_trim(container->group);
}

void container_close(Container *container)
{
	cg_group_trim(container->group);
}

uint64_t container_start_us(const Container *container)
{
	return container->start_us;
}

bool container_boot_offset_us(const Container *container, int64_t *ret_us)
{
	if (container->has_boot_offset)
		*ret_us = container->boot_offset_us;
	return container->has_boot_offset;
}

void container_cpu_times(Container *container, const struct view_cpus *cpus, const struct cg_cputime *used,
			 uint64_t throttled_us, int quota_level, uint64_t now_us, struct view_ticks *ret_total,
			 struct view_ticks *ret_each)
{
	struct cpu_sample sample = {
		.now_us = now_us,
		.user_us = used->user_us,
		.system_us = used->system_us,
		.throttled_us = throttled_us,
		.throttled_level = MAX(quota_level, 0), /* without a quota it is the own one, as at level 0 */
		.n_percpu = used->percpu_us ? used->n_percpu : 0,
		.percpu_us = used->percpu_us,
	};

	history_cpu_times(container->history, cpus, &sample, ret_total, ret_each);
}

void container_hold_io(Container *container, const struct io_moment *moment, struct cg_io *io)
{
	history_hold_io(container->history, moment, io);
}

void container_hold_events(Container *container, const struct io_moment *moment, struct view_events *events)
{
	history_hold_events(container->history, moment, events);
}

static uint64_t thread_cpu_us(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * G_USEC_PER_SEC + (uint64_t)used.tv_nsec / 1000;
}

static bool count_tasks(Container *container, struct view_tasks *ret_tasks, GError **error)
{
	uint64_t began = thread_cpu_us();
	struct view_tasks tasks;
	struct tasks_counted counted;

	if (!alive(container, error) || !tasks_count(container->host, container->group, container->init, &tasks, error))
		return false;
	counted = (struct tasks_counted){
		.now_us = host_now_us(container->host),
		.took_us = thread_cpu_us() - began,
		.own_pids = container->own_pids,
	};
	history_keep_tasks(container->history, &counted, &tasks);
	*ret_tasks = tasks;
	return true;
}

static void begin_sampling(Container *container)
{
	if (atomic_exchange(&container->sampled, true))
		return;
	history_begin_load(container->history, (uint64_t)g_get_monotonic_time());
	pthread_mutex_lock(&container->lock);
	save(container);
	pthread_mutex_unlock(&container->lock);
}

bool container_tasks(Container *container, struct view_tasks *ret_tasks, GError **error)
{
	if (!history_recall_tasks(container->history, host_now_us(container->host), ret_tasks) &&
	    !count_tasks(container, ret_tasks, error))
		return false;
	if (history_many_tasks(container->history))
		begin_sampling(container); /* which counts them from now on */
	return true;
}

struct view_load container_load(Container *container)
{
	begin_sampling(container);
	return history_load(container->history);
}

bool container_sampled(Container *container)
{
	return atomic_load(&container->sampled);
}

bool container_sample(Container *container, uint64_t now_us, GError **error)
{
	struct view_tasks tasks;

	if (!count_tasks(container, &tasks, error))
		return false;
	history_sample_load(container->history, now_us, tasks.running + tasks.blocked);
	return true;
}
