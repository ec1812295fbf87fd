/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/holdings.h"

#include "cgroup/error.h"
#include "fs/keeper/connection.h"
#include "fs/serve/journal.h"
#include "fs/store/store.h"

#include <errno.h>
#include <unistd.h>

/* What was handed over and is of no use is to be handed over no more. */
static void drop(struct holdings *holdings, enum descriptor which)
{
	int *fd = &holdings->descriptors.fd[which];

	if (*fd < 0)
		return;
	close(*fd);
	*fd = -1;
	if (holdings->fd_store)
		descriptors_unstore(which);
}

/* A connection is of use only while its mount is there, and with the requests that were read from it. */
static bool make_connection(struct holdings *holdings, GError **error)
{
	int *fuse = &holdings->descriptors.fd[DESCRIPTOR_FUSE];
	int *journal = &holdings->descriptors.fd[DESCRIPTOR_JOURNAL];

	if (*fuse >= 0 && *journal >= 0 && connection_lives(*fuse)) {
		g_message("going on with the mount on %s", holdings->mountpoint);
		return true;
	}
	drop(holdings, DESCRIPTOR_FUSE);
	drop(holdings, DESCRIPTOR_JOURNAL);
	*fuse = connection_mount(holdings->mountpoint, holdings->writable, error);
	if (*fuse < 0)
		return false;
	*journal = journal_make();
	return *journal >= 0 || cg_fail(error, errno, "a file in memory for requests: %s", g_strerror(errno));
}

static bool make_state(struct holdings *holdings, GError **error)
{
	int *state = &holdings->descriptors.fd[DESCRIPTOR_STATE];

	if (*state < 0)
		*state = store_make();
	return *state >= 0 || cg_fail(error, errno, "a file in memory for the state: %s", g_strerror(errno));
}

static Listener *adopt_listener(const struct holdings *holdings)
{
	int control = holdings->descriptors.fd[DESCRIPTOR_CONTROL];
	int lock = holdings->descriptors.fd[DESCRIPTOR_LOCK];
	g_autoptr(GError) why = NULL;
	Listener *listener = NULL;

	if (control >= 0 && lock >= 0)
		listener = listener_adopt(holdings->socket, control, lock, &why);
	if (why)
		g_warning("the control socket that was handed over is not used: %s", why->message);
	return listener;
}

static bool make_listener(struct holdings *holdings, GError **error)
{
	holdings->listener = adopt_listener(holdings);
	if (holdings->listener)
		return true;
	drop(holdings, DESCRIPTOR_CONTROL);
	drop(holdings, DESCRIPTOR_LOCK);
	holdings->listener = listener_open(holdings->socket, error);
	if (!holdings->listener)
		return false;
	holdings->descriptors.fd[DESCRIPTOR_CONTROL] = listener_fd(holdings->listener);
	holdings->descriptors.fd[DESCRIPTOR_LOCK] = listener_lock_fd(holdings->listener);
	return true;
}

bool holdings_make(struct holdings *holdings, GError **error)
{
	if (!descriptors_receive(&holdings->descriptors, error) || !make_listener(holdings, error) ||
	    !make_state(holdings, error) || !make_connection(holdings, error))
		return false;
	if (holdings->fd_store)
		descriptors_store(&holdings->descriptors);
	return true;
}

void holdings_give_up(struct holdings *holdings)
{
	int *fd = holdings->descriptors.fd;

	if (holdings->listener) {
		fd[DESCRIPTOR_CONTROL] = fd[DESCRIPTOR_LOCK] = -1;
		if (holdings->fd_store)
			listener_leave(holdings->listener);
		else
			listener_close(holdings->listener);
	}
	if (!holdings->fd_store && fd[DESCRIPTOR_FUSE] >= 0 && connection_lives(fd[DESCRIPTOR_FUSE]))
		connection_unmount(holdings->mountpoint);
	descriptors_close(&holdings->descriptors);
}
