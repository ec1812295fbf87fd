/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as what is written to a list of processes, and any text as the /proc/PID/status of whoever writes.
 */
#include "fs/container/cgroup_write.h"
#include "fs/container/credentials.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_credentials(const char *text)
{
	struct credentials credentials = { 0 };

	if (credentials_parse(text, &credentials)) {
		g_assert(strstr(text, "\nUid:") && strstr(text, "\nGid:") && strstr(text, "\nGroups:") &&
			 strstr(text, "\nCapPrm:"));
		g_assert(credentials.uid != (uid_t)-1 && credentials.gid != (gid_t)-1);
		g_assert(credentials.groups->len <= CREDENTIALS_GROUPS);
		g_assert(credentials_mark(&credentials, 1) != 0);
	}
	credentials_clear(&credentials);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	pid_t id;

	try_credentials(text);
	if (cgroup_tree_parse_id((const char *)data, size, &id)) {
		g_autofree char *number = g_strdup_printf("%d", id);

		g_assert(id >= 0 && strstr(text, number));
	}
	return 0;
}
