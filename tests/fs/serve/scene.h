/* SPDX-License-Identifier: Apache-2.0
 *
 * A session of a captured host over a connection whose other end is played here. Failures end the running test.
 */
#pragma once

#include "fs/serve/session.h"
#include "golden/fixture.h"
#include "tests/fs/serve/fake_kernel.h"

#include <stdatomic.h>

struct scene {
	struct fake_kernel kernel;
	struct fixture *fixture;
	char *directory, *fifo; /* of a fixture whose slow file is as slow as we like */
	int journal, store_fd;
	Store *store;
	struct serve serve;
	bool cgroup_writes; /* of the workers that begin */
	Session *session;
	struct fake_answer answer;
	atomic_int hung, ended, beats;
	GThread *writer; /* of the FIFO */
	atomic_bool stops_writing;
	char *texts[2]; /* what readers may see */
};

/* For cmocka: of each test. */
int scene_set_up(void **state);
int scene_tear_down(void **state);

/* A worker begins, and ends as it is asked to. */
void scene_begin(struct scene *scene, enum session_before before);
void scene_stop(struct scene *scene);

/* The first one, of a new connection. */
void scene_begin_fresh(struct scene *scene);

/* A read of the container's /proc/meminfo; the request's number. */
uint64_t scene_ask(struct scene *scene, uint32_t serial, uint64_t offset, uint32_t size);

/* A read of the slow file for a container, by any number; it ends when slowness does, once and for all. */
uint64_t scene_ask_slow(struct scene *scene, uint64_t container);
void scene_end_slowness(struct scene *scene);

/* Valid until the next one. */
const struct fake_answer *scene_answer_to(struct scene *scene, uint64_t unique);

/*
 * From now on the container uses so many GB of memory: every text of its meminfo is another one. The file stays the same,
 * because it is open, and as long, so that nobody reads half of it.
 */
void scene_use_memory(struct scene *scene, unsigned gigabytes);

/* It counts after it has answered. */
void scene_wait_until_served(struct scene *scene, uint64_t expected);

/* Messages of the daemon's go nowhere. */
void scene_log_nothing(void);
