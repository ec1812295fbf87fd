/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/turns.h"

#include <string.h>

struct found {
	store_place place;
	struct turns turns;
};

/* A record of another length is another version's: counting begins anew. */
static void find(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length, void *data)
{
	struct found *found = data;

	found->place = place;
	if (length == sizeof found->turns)
		memcpy(&found->turns, bytes, length);
}

void turns_begin(struct turns *ret_turns, Store *store, enum line_message go)
{
	struct found found = { 0 };

	store_each(store, STORE_TURNS, find, &found);
	found.turns.last_s = g_get_real_time() / G_USEC_PER_SEC;
	if (found.turns.n++ == 0)
		found.turns.first_s = found.turns.last_s;
	found.turns.go = found.turns.n == 1 ? LINE_NOTHING : go;
	store_put(store, found.place, STORE_TURNS, 0, &found.turns, sizeof found.turns);
	*ret_turns = found.turns;
}

const char *turns_before(const struct turns *turns)
{
	switch (turns->go) {
	case LINE_GO_FRESH:
		return "stopped";
	case LINE_GO_KILLED:
		return "killed";
	case LINE_GO_CRASHED:
		return "crashed";
	default:
		return NULL;
	}
}
