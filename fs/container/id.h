/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of containers. Root's are plain words ("web"). Those of a user
 * begin with the user's number ("1000:web"), so that no user can take a name
 * away from root or from another user. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#define CONTAINER_ID_MAX 255

/*
 * Is it an id: a word of [A-Za-z0-9_.-], not "." or "..", or UID:WORD with a uid
 * that is not 0 and has no leading zero; of CONTAINER_ID_MAX characters at most? *ret_owner is
 * then whose it is: 0 for root's. NULL is none.
 */
bool container_id_parse(const char *id, uid_t *ret_owner);

/* What a user's word for a container is in full; root's, and what is in full already, stay as they are. Newly allocated. */
char *container_id_of(uid_t uid, const char *word);
