/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/io_counts.h"

#include "cgroup/error.h"
#include "fs/container/held.h"

#include <errno.h>
#include <string.h>

enum { FIGURES = 6 };

/* Their order is part of saved records. */
static const size_t figures[FIGURES] = {
	offsetof(struct cg_io_device, rbytes), offsetof(struct cg_io_device, wbytes),
	offsetof(struct cg_io_device, rios),   offsetof(struct cg_io_device, wios),
	offsetof(struct cg_io_device, dbytes), offsetof(struct cg_io_device, dios),
};

struct disk {
	uint32_t major, minor;
	uint64_t last[FIGURES];
	uint64_t lost[FIGURES]; /* see held.h */
};

G_STATIC_ASSERT(sizeof(struct disk) == 104); /* as it is in records */

struct io_counts {
	uint64_t ended_us; /* of the last look; 0: none, or another worker's */
	GArray *disks;     /* struct disk */
};

struct io_counts *io_counts_new(void)
{
	struct io_counts *counts = g_new0(struct io_counts, 1);

	counts->disks = g_array_new(FALSE, FALSE, sizeof(struct disk));
	return counts;
}

void io_counts_free(struct io_counts *counts)
{
	if (!counts)
		return;
	g_array_unref(counts->disks);
	g_free(counts);
}

static struct disk *find(const struct io_counts *counts, unsigned major, unsigned minor)
{
	for (unsigned i = 0; i < counts->disks->len; i++) {
		struct disk *disk = &g_array_index(counts->disks, struct disk, i);

		if (disk->major == major && disk->minor == minor)
			return disk;
	}
	return NULL;
}

static bool is_listed(const struct cg_io *io, const struct disk *disk)
{
	for (unsigned i = 0; i < io->n; i++) {
		if (io->device[i].major == disk->major && io->device[i].minor == disk->minor)
			return true;
	}
	return false;
}

static bool forget_others(struct io_counts *counts, const struct cg_io *io)
{
	unsigned before = counts->disks->len;

	for (unsigned i = before; i-- > 0;) {
		if (!is_listed(io, &g_array_index(counts->disks, struct disk, i)))
			g_array_remove_index_fast(counts->disks, i);
	}
	return counts->disks->len != before;
}

static bool hold_figure(struct disk *disk, unsigned i, bool in_order, uint64_t *figure)
{
	struct held held = { disk->last[i], disk->lost[i] };
	bool changes = held_take(&held, in_order, figure);

	disk->last[i] = held.last;
	disk->lost[i] = held.lost;
	return changes;
}

static bool hold_disk(struct io_counts *counts, bool in_order, struct cg_io_device *device)
{
	struct disk *disk = find(counts, device->major, device->minor);
	bool changed = !disk;

	if (!disk) {
		struct disk new = { .major = device->major, .minor = device->minor };

		g_array_append_val(counts->disks, new);
		disk = &g_array_index(counts->disks, struct disk, counts->disks->len - 1);
	}
	for (unsigned i = 0; i < FIGURES; i++) {
		uint64_t value;

		memcpy(&value, (char *)device + figures[i], sizeof(value));
		changed = hold_figure(disk, i, in_order, &value) || changed;
		memcpy((char *)device + figures[i], &value, sizeof(value));
	}
	return changed;
}

bool io_counts_hold(struct io_counts *counts, const struct io_moment *moment, struct cg_io *io)
{
	bool in_order = moment->begun_us > counts->ended_us;
	bool changed = in_order && forget_others(counts, io);

	for (unsigned i = 0; i < io->n; i++)
		changed = hold_disk(counts, in_order, &io->device[i]) || changed;
	counts->ended_us = MAX(counts->ended_us, moment->ended_us);
	return changed;
}

size_t io_counts_saved_size(const struct io_counts *counts)
{
	return sizeof(uint32_t) * 2 + counts->disks->len * sizeof(struct disk);
}

/* In front of them in a record; a later version may put more behind them. */
struct saved {
	uint32_t n, disk_size;
};

void io_counts_save(const struct io_counts *counts, GByteArray *to)
{
	struct saved saved = { .n = counts->disks->len, .disk_size = sizeof(struct disk) };

	g_byte_array_append(to, (const guint8 *)&saved, sizeof(saved));
	g_byte_array_append(to, (const guint8 *)counts->disks->data, (guint)(counts->disks->len * sizeof(struct disk)));
}

static bool refuse(const char *what, GError **error)
{
	return cg_fail(error, EINVAL, "block counters: %s", what);
}

/* A record of before there were any has none. */
static bool read_head(const void *bytes, size_t length, struct saved *ret_saved, GError **error)
{
	struct saved saved = { .disk_size = sizeof(struct disk) };

	if (length != 0 && length < sizeof(saved))
		return refuse("too short", error);
	if (length != 0)
		memcpy(&saved, bytes, sizeof(saved));
	if (saved.disk_size != sizeof(struct disk))
		return refuse("disks of another size", error);
	if (saved.n > cg_minus(length, sizeof(saved)) / sizeof(struct disk))
		return refuse("shorter than they say", error);
	*ret_saved = saved;
	return true;
}

struct io_counts *io_counts_load(const void *bytes, size_t length, GError **error)
{
	struct io_counts *counts;
	struct saved saved = { 0 };

	if (!read_head(bytes, length, &saved, error))
		return NULL;
	counts = io_counts_new();
	if (saved.n > 0)
		g_array_append_vals(counts->disks, (const char *)bytes + sizeof(saved), saved.n);
	return counts;
}
