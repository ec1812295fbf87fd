/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/event_counts.h"

#include "cgroup/error.h"
#include "fs/container/held.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
#define OFFSET(name) offsetof(struct view_events, memory.name),

/* Their order is part of saved records: a new one goes to the end, as in CG_MEMORY_EVENTS(). */
static const size_t figures[] = {
	offsetof(struct view_events, read_bytes),
	offsetof(struct view_events, written_bytes),
	OFFSET(oom_kill)
	CG_MEMORY_EVENTS(OFFSET)
};
/* clang-format on */

struct event_counts {
	uint64_t ended_us; /* of the last look; 0: none, or another worker's */
	bool asked;
	struct held held[G_N_ELEMENTS(figures)];
};

struct event_counts *event_counts_new(void)
{
	return g_new0(struct event_counts, 1);
}

void event_counts_free(struct event_counts *counts)
{
	g_free(counts);
}

bool event_counts_hold(struct event_counts *counts, const struct io_moment *moment, struct view_events *events)
{
	bool in_order = moment->begun_us > counts->ended_us;
	bool changed = !counts->asked;

	for (unsigned i = 0; i < G_N_ELEMENTS(figures); i++) {
		uint64_t value;

		memcpy(&value, (char *)events + figures[i], sizeof(value));
		changed = held_take(&counts->held[i], in_order, &value) || changed;
		memcpy((char *)events + figures[i], &value, sizeof(value));
	}
	counts->asked = true;
	counts->ended_us = MAX(counts->ended_us, moment->ended_us);
	return changed;
}

/* In front of them in a record; a later version may put more behind them. */
struct saved {
	uint32_t n, held_size;
};

G_STATIC_ASSERT(sizeof(struct held) == 16); /* as it is in records */

void event_counts_save(const struct event_counts *counts, GByteArray *to)
{
	struct saved saved = { .n = G_N_ELEMENTS(figures), .held_size = sizeof(struct held) };

	if (!counts->asked)
		return;
	g_byte_array_append(to, (const guint8 *)&saved, sizeof(saved));
	g_byte_array_append(to, (const guint8 *)counts->held, sizeof(counts->held));
}

static bool refuse(const char *what, GError **error)
{
	return cg_fail(error, EINVAL, "event counters: %s", what);
}

static bool read_head(const void *bytes, size_t length, struct saved *ret_saved, GError **error)
{
	struct saved saved;

	if (length < sizeof(saved))
		return refuse("too short", error);
	memcpy(&saved, bytes, sizeof(saved));
	if (saved.held_size != sizeof(struct held))
		return refuse("counters of another size", error);
	if (saved.n > (length - sizeof(saved)) / sizeof(struct held))
		return refuse("shorter than they say", error);
	*ret_saved = saved;
	return true;
}

/* Those that this version does not know are passed over, those that the writer did not know begin now. */
struct event_counts *event_counts_load(const void *bytes, size_t length, GError **error)
{
	struct event_counts *counts;
	struct saved saved;

	if (length == 0)
		return event_counts_new();
	if (!read_head(bytes, length, &saved, error))
		return NULL;
	counts = event_counts_new();
	counts->asked = true;
	memcpy(counts->held, (const char *)bytes + sizeof(saved),
	       MIN(saved.n, G_N_ELEMENTS(figures)) * sizeof(struct held));
	return counts;
}
