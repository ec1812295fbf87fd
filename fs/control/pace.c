/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/pace.h"

struct Pace {
	unsigned most;
	gint64 window_us, began_us;
	GHashTable *taken; /* uid -> how often since the window began */
};

Pace *pace_new(unsigned most, gint64 window_us)
{
	Pace *pace = g_new0(Pace, 1);

	*pace = (Pace){ .most = most, .window_us = window_us, .taken = g_hash_table_new(NULL, NULL) };
	return pace;
}

void pace_free(Pace *pace)
{
	g_hash_table_unref(pace->taken);
	g_free(pace);
}

/* One window for all: nothing is kept of a user who was quiet for so long. */
static void open_window(Pace *pace, gint64 now_us)
{
	if (now_us - pace->began_us < pace->window_us)
		return;
	g_hash_table_remove_all(pace->taken);
	pace->began_us = now_us;
}

static unsigned taken_by(Pace *pace, uid_t uid, gint64 now_us)
{
	open_window(pace, now_us);
	return GPOINTER_TO_UINT(g_hash_table_lookup(pace->taken, GUINT_TO_POINTER(uid)));
}

bool pace_allows(Pace *pace, uid_t uid, gint64 now_us)
{
	return taken_by(pace, uid, now_us) < pace->most;
}

void pace_take(Pace *pace, uid_t uid, gint64 now_us)
{
	unsigned n = taken_by(pace, uid, now_us);

	g_hash_table_insert(pace->taken, GUINT_TO_POINTER(uid), GUINT_TO_POINTER(n + 1));
}
