/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a cgroup is. Delegation to a user is ownership of the directory:
 * Documentation/admin-guide/cgroup-v2.rst, "Model of Delegation".
 */
#include "cgroup/error.h"
#include "cgroup/group_private.h"

#include <errno.h>
#include <sys/stat.h>

static bool chain_owned_by(const struct chain *chain, cg_owner_test test, gconstpointer data, GError **error)
{
	struct stat st;

	if (fstat(chain->fd, &st) < 0)
		return cg_fail(error, errno, "%s%s: %s", chain->hierarchy->where, chain->path, g_strerror(errno));
	return test(st.st_uid, data) || cg_fail(error, EPERM, "the cgroup %s%s belongs to uid %u",
						chain->hierarchy->where, chain->path, st.st_uid);
}

bool cg_group_owned_by(const CgGroup *group, cg_owner_test test, gconstpointer data, GError **error)
{
	for (unsigned i = 0; i < group->n_chains; i++) {
		if (!chain_owned_by(&group->chain[i], test, data, error))
			return false;
	}
	return group->n_chains > 0 || cg_fail(error, EPERM, "it is in no cgroup that is known here");
}
