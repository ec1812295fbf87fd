/* SPDX-License-Identifier: Apache-2.0
 *
 * What a keeper holds: adopted from whoever held it before - the service manager's
 * store, or the worker of a keeper that was killed - or made.
 */
#pragma once

#include "fs/control/listen.h"
#include "fs/keeper/descriptors.h"

struct holdings {
	const char *mountpoint, *socket; /* borrowed */
	bool fd_store;                   /* the service manager keeps them, too */
	bool writable;                   /* a mount that is made can be written to */
	struct descriptors descriptors;  /* descriptors_init() first */
	Listener *listener;              /* owns two of them */
};

/* Errors (CG_ERROR, G_FILE_ERROR) are sentences; what was made until then is there, for holdings_give_up(). */
bool holdings_make(struct holdings *holdings, GError **error);

/* Unmounts and removes the socket, unless the service manager keeps them for the next keeper. */
void holdings_give_up(struct holdings *holdings);
