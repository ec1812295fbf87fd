/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is watched: each registered container and its init, on the default main context. A container is forgotten when its
 * init ends.
 */
#pragma once

#include "fs/container/registry.h"

#include <stdbool.h>

typedef struct Watches Watches;

/* The registry must outlive it. Containers that are registered already are watched, those whose init has ended forgotten. */
Watches *watches_new(Registry *registry);
void watches_free(Watches *watches);

/* Takes the container's reference and the pidfd. A second registration replaces the first one's watch. */
void watches_add(Watches *watches, Container *container, int pidfd);
void watches_remove(Watches *watches, Container *container);
bool watches_has(const Watches *watches, Container *container);

unsigned watches_count(const Watches *watches);

/* The containers of this user, and of all users; root is no user. */
void watches_count_users(const Watches *watches, uid_t uid, unsigned *ret_own, unsigned *ret_all);
