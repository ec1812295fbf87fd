/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/listing.h"
#include "fs/ctl/ctl.h"
#include "fs/mount/enlist.h"
#include "fs/mount/unlay.h"

#include <errno.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <unistd.h>

static enum ctl_status take_away(const struct ctl *ctl, const struct listed *known, pid_t pid)
{
	g_autofree char *what = known ? g_strdup_printf("%s, process %d", known->id, (int)pid)
				      : g_strdup_printf("process %d", (int)pid);
	g_autoptr(GError) error = NULL;
	int pidfd = pidfd_open(pid, 0);
	unsigned taken = 0;
	bool done;

	if (pidfd < 0)
		return ctl_fail("%s: %s", what, g_strerror(errno));
	done = unlay(pid, pidfd, &taken, &error) && (!known || enlist_forget(ctl->socket, known->id, &error));
	close(pidfd);
	if (!done)
		return ctl_fail("%s: %s", what, error->message);
	if (!known && taken == 0)
		return ctl_fail("%s: it is not registered, and nothing of ours is laid over it", what);
	printf("%s: %u files taken away\n", what, taken);
	return CTL_OK;
}

/* Without the daemon there is nothing to be forgotten, and all the more to be taken away. */
static bool is_absence(const GError *error)
{
	return error->code == ENOENT || error->code == ECONNREFUSED;
}

enum ctl_status ctl_detach(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
	g_autoptr(GPtrArray) listing = NULL;
	g_autoptr(GError) error = NULL;
	const struct listed *known;
	pid_t pid;

	if (ctl_parse(ctl, command, NULL, &argc, &argv, 1, 1) != CTL_OK)
		return CTL_USAGE;
	listing = listing_fetch(ctl->socket, &error);
	if (!listing && !is_absence(error))
		return ctl_fail("%s", error->message);
	/* An id may be a number, too; one that is registered is meant. */
	known = listing ? listing_by_id(listing, argv[1]) : NULL;
	if (known)
		return take_away(ctl, known, (pid_t)known->pid);
	if (!ctl_parse_pid(argv[1], &pid))
		return listing ? ctl_fail("no container is registered as \"%s\"", argv[1])
			       : ctl_fail("%s", error->message);
	return take_away(ctl, listing ? listing_by_pid(listing, pid) : NULL, pid);
}
