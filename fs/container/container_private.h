/* SPDX-License-Identifier: Apache-2.0
 *
 * Of a container, for the registry and the sampler alone.
 */
#pragma once

#include "fs/container/container.h"
#include "fs/container/history.h"
#include "fs/container/host.h"
#include "fs/store/store.h"

/* What a container is at its birth. Strings and references stay the caller's. */
struct container_birth {
	uint64_t slot;
	const char *id; /* NULL: not registered */
	uid_t uid;      /* who registers it */
	struct container_options options;
	pid_t init; /* 0: none known */
	uint64_t init_start_us;
	uint64_t start_us;
	bool own_pids; /* init is the first process of a pid namespace */
	bool has_boot_offset;
	int64_t boot_offset_us;
	CgGroup *group;
	uint64_t former;  /* the number of that Container, where its history goes on; 0: none */
	History *history; /* of an earlier Container of this very cgroup; NULL: a new one */
	/* Of one that was restored; else 0. */
	uint32_t generation;
	bool sampled;
};

/*
 * Looks at the host and fills init_start_us, start_us, own_pids and the time namespace's shift,
 * from `init` where known, else from the cgroup's processes.
 */
void container_birth_look(struct container_birth *birth, const Host *host);

/* The host must outlive it. */
Container *container_new(const Host *host, const struct container_birth *birth);

/* Where a container's records are in a store; 0: not yet. */
struct container_places {
	store_place container, history;
	uint64_t history_number; /* where `history` is not 0 */
};

/*
 * From now on the container and its history are kept in the store, and are in it when this returns. Once a container, before anybody
 * reads it.
 */
void container_keep_in(Container *container, Store *store, const struct container_places *places);

/* Forgotten: its record goes, and its history's unless another container has it too. */
void container_let_go(Container *container);

uint64_t container_former(const Container *container);
const struct cg_paths *container_paths(const Container *container);
uint64_t container_init_start_us(const Container *container);
void container_set_options(Container *container, struct container_options options);
History *container_history(Container *container); /* borrowed */
bool container_gone(Container *container);

/* Its load is asked for: registered, or somebody read it. */
bool container_sampled(Container *container);

/* Counts its threads and takes them into the load averages, of which `now_us` (CLOCK_MONOTONIC) is the moment. */
bool container_sample(Container *container, uint64_t now_us, GError **error);

/* Closes kept descriptors unless the container was read since the last call. */
void container_trim(Container *container);

/* Closes them at once: nobody trims a container that is forgotten, and an open file may keep it for long. */
void container_close(Container *container);
