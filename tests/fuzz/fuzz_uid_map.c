/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as a /proc/PID/uid_map: whatever it maps, it makes nobody the owner of root's cgroups or of those of uids that
 * have no number here.
 */
#include "fs/container/claim.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	struct claim claim = { .uid = 1000, .nobody = 65534 };

	if (!claim_parse_map(text, &claim))
		return 0;
	g_assert(claim.n_ranges <= CLAIM_RANGES);
	g_assert(!claim_covers(&claim, 0) && !claim_covers(&claim, 65534) && !claim_covers(&claim, (uid_t)-1));
	g_assert(claim_covers(&claim, 1000));
	return 0;
}
