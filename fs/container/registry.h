/* SPDX-License-Identifier: Apache-2.0
 *
 * The containers that are known: the registered ones, by id, slot and cgroup,
 * and those that were found by their cgroup when something in them asked.
 * Safe for concurrent use.
 */
#pragma once

#include "fs/container/container.h"
#include "fs/container/host.h"
#include "fs/store/store.h"

typedef struct Registry Registry;

/* Host and hierarchies must outlive the registry. */
Registry *registry_new(const Host *host, const CgHierarchies *hierarchies, const struct container_options *defaults);
void registry_free(Registry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Registry, registry_free)

/*
 * Outliving a worker. Whatever the registry has answered is in the store by then: containers and their options, numbers, counters, load.
 *
 * A standby gives its registry the store, calls registry_restore() now and then, which only reads, and once it is the one that serves
 * calls store_claim() and registry_take_over(). From then on everything is written; before, nothing. A container is taken over if it is
 * still the same cgroup in every hierarchy and its init the same living process; else it is dropped. A record that is
 * malformed is dropped with a warning, and the others are kept. All three are for one thread, before anybody else uses the registry.
 *
 * `fresh`: nobody has served this mount before, so that there is nothing to be found. Else, where no numbers are found
 * (the state was lost, or refused as a whole), the registry is a rebuilt one: numbers begin at a place drawn by chance,
 * since inodes of before may live.
 */
void registry_keep_in(Registry *registry, Store *store);
void registry_restore(Registry *registry);
void registry_take_over(Registry *registry, bool fresh);

/* The inodes' generation of the tree by caller; any number but 0. Of the same mount always the same. After registry_take_over(). */
uint32_t registry_generation(Registry *registry);

/* A slot that is not known may be one of before the state was lost, rather than one that was forgotten. */
bool registry_is_rebuilt(Registry *registry);

const Host *registry_host(const Registry *registry);
const CgHierarchies *registry_hierarchies(const Registry *registry);
struct container_options registry_defaults(const Registry *registry);

/* What the hook says of a container, and for whom. */
struct registration {
	const char *id; /* in full: see id.h */
	uid_t uid;      /* who asks, a uid of the daemon's user namespace; 0 may register whatever runs */
	pid_t init;     /* as the daemon's pid namespace numbers it */
	struct container_options options;
};

/*
 * Registers a container: its cgroup is that of its init, without a trailing
 * /init.scope; never the root. Saying the same again (same id, same process) gives
 * the same container with the new options. An id whose old process has ended is
 * taken over. Errors (domain CG_ERROR) are sentences for the hook's log: EINVAL a
 * bad id or a container in the root cgroup, ESRCH no such process, EEXIST an id
 * whose other process lives, ENOSPC all CONTAINER_MAX_SLOT slots used or a user's share of them.
 *
 * A user (a uid other than 0) may register only under ids of its own, a process in a user namespace of its own
 * (claim.h) whose cgroup is its own in every hierarchy: EPERM. What is looked at is held by descriptors, so it does not
 * matter where the process goes meanwhile: the container is the cgroup that was looked at.
 *
 * *ret_pidfd is a pidfd of init for the caller to watch and close: when it
 * polls readable the container has ended and registry_forget() is due.
 */
Container *registry_register(Registry *registry, const struct registration *registration, int *ret_pidfd,
			     GError **error);

/*
 * A pidfd of a registered container's init, as registry_register() gives one, for those that were taken over; the caller's. -ESRCH where
 * it has ended: registry_forget() is due; else -errno.
 */
int registry_open_init(Registry *registry, const Container *container);

/*
 * Forgets exactly this container (not a later one of the same id), what is kept of it in the store, and its kept descriptors.
 * Its number is nobody's from then on.
 */
void registry_forget(Registry *registry, Container *container);

/* NULL when there is none; the reference is the caller's. */
Container *registry_by_id(Registry *registry, const char *id);
Container *registry_by_slot(Registry *registry, uint64_t slot);

/* The registered container that goes on where that one ended, of the same cgroup and with its history; as above. */
Container *registry_successor(Registry *registry, uint64_t slot);

/*
 * The registered container with the longest cgroup path that holds these paths; NULL when there is none. It must hold
 * them in each controller in which it is not the root: a cgroup that several containers
 * share in one controller is no boundary.
 */
Container *registry_by_paths(Registry *registry, const struct cg_paths *paths);

/*
 * The container that is exactly these cgroups, remembered or made now. `init`
 * is the host pid of its pid namespace's init where known, else 0. NULL with ESRCH where the cgroup is gone.
 */
Container *registry_of_cgroup(Registry *registry, const struct cg_paths *paths, pid_t init, GError **error);

/* How many are known, registered or not. */
unsigned registry_count(Registry *registry);

/* The registered containers (Container *, each with a reference), by slot. */
GPtrArray *registry_list(Registry *registry);

/* For the sampler: each known container whose load is asked for, with a reference. */
GPtrArray *registry_sampled(Registry *registry);

/*
 * Drops unregistered containers and users' ones whose cgroup is gone (its name may be another's by now) and trims descriptors
 * of those not read since the last call.
 */
void registry_tidy(Registry *registry);
