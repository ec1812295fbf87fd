/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/pace.h"

#include <string.h>

/* In the store, by the uid; in that of another version perhaps of another length. */
struct record {
	int64_t began_us; /* the window: one for all users */
	uint64_t n;       /* how often since then */
};

struct user {
	store_place place;
	uint64_t n;
};

struct Pace {
	unsigned most;
	gint64 window_us, began_us;
	GHashTable *users; /* uid -> struct user, of those who did it since the window began */
	Store *store;
};

/* ---- what the worker before us knew ---- */

static bool is_record(size_t length, const void *bytes, struct record *ret_record)
{
	if (length != sizeof *ret_record)
		return false;
	memcpy(ret_record, bytes, length);
	return true;
}

static void find_window(store_place place, uint64_t uid, uint64_t sequence, const void *bytes, size_t length,
			void *data)
{
	Pace *pace = data;
	struct record record;

	if (is_record(length, bytes, &record))
		pace->began_us = MAX(pace->began_us, record.began_us);
}

/* What is of a window before, because its worker was killed while it forgot them, goes. */
static void restore(store_place place, uint64_t uid, uint64_t sequence, const void *bytes, size_t length, void *data)
{
	Pace *pace = data;
	struct record record;
	struct user *user;

	if (!is_record(length, bytes, &record) || record.began_us != pace->began_us) {
		store_drop(pace->store, place);
		return;
	}
	user = g_new(struct user, 1);
	*user = (struct user){ place, record.n };
	g_hash_table_insert(pace->users, GSIZE_TO_POINTER(uid), user);
}

Pace *pace_new(unsigned most, gint64 window_us, Store *store)
{
	Pace *pace = g_new0(Pace, 1);

	*pace = (Pace){ .most = most, .window_us = window_us, .store = store };
	pace->users = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	if (store) {
		store_each(store, STORE_PACE, find_window, pace);
		store_each(store, STORE_PACE, restore, pace);
	}
	return pace;
}

void pace_free(Pace *pace)
{
	g_hash_table_unref(pace->users);
	g_free(pace);
}

/* ---- */

static gboolean forget(void *uid, void *data, void *of)
{
	const struct user *user = data;
	const Pace *pace = of;

	if (pace->store)
		store_drop(pace->store, user->place);
	return TRUE;
}

/* One window for all: nothing is kept of a user who was quiet for so long. One in the future is no window of this clock. */
static void open_window(Pace *pace, gint64 now_us)
{
	if (now_us >= pace->began_us && now_us - pace->began_us < pace->window_us)
		return;
	g_hash_table_foreach_remove(pace->users, forget, pace);
	pace->began_us = now_us;
}

static struct user *user_of(Pace *pace, uid_t uid, gint64 now_us)
{
	open_window(pace, now_us);
	return g_hash_table_lookup(pace->users, GUINT_TO_POINTER(uid));
}

bool pace_allows(Pace *pace, uid_t uid, gint64 now_us)
{
	const struct user *user = user_of(pace, uid, now_us);

	return !user || user->n < pace->most;
}

void pace_take(Pace *pace, uid_t uid, gint64 now_us)
{
	struct user *user = user_of(pace, uid, now_us);
	struct record record;

	if (!user) {
		user = g_new0(struct user, 1);
		g_hash_table_insert(pace->users, GUINT_TO_POINTER(uid), user);
	}
	record = (struct record){ pace->began_us, ++user->n };
	if (pace->store)
		user->place = store_put(pace->store, user->place, STORE_PACE, uid, &record, sizeof record);
}
