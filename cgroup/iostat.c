/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/iostat.h"
#include "cgroup/convert.h"
#include "cgroup/group.h"

#include <string.h>

struct key {
	const char *key;
	size_t offset;
};

static const struct key v2_keys[] = {
	{ "rbytes", offsetof(struct cg_io_device, rbytes) }, { "wbytes", offsetof(struct cg_io_device, wbytes) },
	{ "rios", offsetof(struct cg_io_device, rios) },     { "wios", offsetof(struct cg_io_device, wios) },
	{ "dbytes", offsetof(struct cg_io_device, dbytes) }, { "dios", offsetof(struct cg_io_device, dios) },
};

/* Sync and Async count the same once more, Total is their sum. */
static const struct key v1_keys[][3] = {
	[IOSTAT_BYTES] = { { "Read", offsetof(struct cg_io_device, rbytes) },
			   { "Write", offsetof(struct cg_io_device, wbytes) },
			   { "Discard", offsetof(struct cg_io_device, dbytes) } },
	[IOSTAT_IOS] = { { "Read", offsetof(struct cg_io_device, rios) },
			 { "Write", offsetof(struct cg_io_device, wios) },
			 { "Discard", offsetof(struct cg_io_device, dios) } },
};

void cg_io_clear(struct cg_io *io)
{
	g_clear_pointer(&io->device, g_free);
	io->n = 0;
}

static struct cg_io_device *device_of(struct cg_io *io, unsigned major, unsigned minor)
{
	for (unsigned i = io->n; i-- > 0;) {
		if (io->device[i].major == major && io->device[i].minor == minor)
			return &io->device[i];
	}
	/* Room for a power of two of them. */
	if ((io->n & (io->n - 1)) == 0)
		io->device = g_renew(struct cg_io_device, io->device, io->n ? io->n * 2 : 1);
	io->device[io->n] = (struct cg_io_device){ .major = major, .minor = minor };
	return &io->device[io->n++];
}

/* Takes "8:0". */
static bool take_device(const char **cursor, unsigned *ret_major, unsigned *ret_minor)
{
	const char *p = *cursor;
	uint64_t major, minor;

	if (!cg_take_u64(&p, &major) || *p++ != ':' || !cg_take_u64(&p, &minor) || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return false;
	*cursor = p;
	*ret_major = (unsigned)major;
	*ret_minor = (unsigned)minor;
	return true;
}

static const struct key *find(const struct key *keys, unsigned n, const char *key, size_t length)
{
	for (unsigned i = 0; i < n; i++) {
		if (strlen(keys[i].key) == length && memcmp(keys[i].key, key, length) == 0)
			return &keys[i];
	}
	return NULL;
}

static void store(struct cg_io_device *device, const struct key *key, uint64_t value)
{
	memcpy((char *)device + key->offset, &value, sizeof(value));
}

/* Takes "KEY=VALUE" for a device; a key that is not ours may have any value ("max", "1.5"). */
static bool take_pair(const char **cursor, struct cg_io *io, unsigned major, unsigned minor)
{
	size_t length = strcspn(*cursor, "= \n");
	const struct key *key = find(v2_keys, G_N_ELEMENTS(v2_keys), *cursor, length);
	const char *p = *cursor + length;
	uint64_t value;

	if (length == 0 || *p++ != '=')
		return false;
	*cursor = p + strcspn(p, " \n");
	if (!key)
		return true;
	if (!cg_take_u64(&p, &value) || p != *cursor)
		return false;
	store(device_of(io, major, minor), key, value);
	return true;
}

/*
 * Kernels before 6.6 put the numbers of devices without statistics in front of
 * the next device's line, without a newline ("7:1 7:0 8:0 rbytes=…"): a device
 * may begin wherever a pair may.
 */
static bool take_v2_line(const char **cursor, struct cg_io *io)
{
	unsigned major, minor;

	if (!take_device(cursor, &major, &minor))
		return false;
	while (**cursor == ' ') {
		++*cursor;
		if (**cursor == '\n' || **cursor == '\0')
			break;
		if (!take_device(cursor, &major, &minor) && !take_pair(cursor, io, major, minor))
			return false;
	}
	return **cursor == '\0' || *(*cursor)++ == '\n';
}

bool iostat_parse_v2(const char *text, const char *file, struct cg_io *io, GError **error)
{
	const char *p = text;

	while (*p) {
		const char *line = p;

		if (!take_v2_line(&p, io))
			return cg_fail_text(error, file, "a device with KEY=VALUE", line);
	}
	return true;
}

/* Takes the last line, "Total 4096". */
static bool take_v1_total(const char **cursor)
{
	uint64_t total;

	if (!g_str_has_prefix(*cursor, "Total "))
		return false;
	*cursor += strlen("Total ");
	return cg_take_u64(cursor, &total);
}

static bool take_v1_value(const char **cursor, enum iostat_unit unit, struct cg_io *io)
{
	const struct key *key;
	const char *operation;
	unsigned major, minor;
	uint64_t value;
	size_t length;

	if (!take_device(cursor, &major, &minor) || *(*cursor)++ != ' ')
		return false;
	operation = *cursor;
	length = strspn(operation, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	*cursor += length;
	if (length == 0 || *(*cursor)++ != ' ' || !cg_take_u64(cursor, &value))
		return false;
	key = find(v1_keys[unit], G_N_ELEMENTS(v1_keys[unit]), operation, length);
	if (key)
		store(device_of(io, major, minor), key, value);
	return true;
}

bool iostat_parse_v1(const char *text, const char *file, enum iostat_unit unit, struct cg_io *io, GError **error)
{
	const char *p = text;

	while (*p) {
		const char *line = p;

		if ((!take_v1_total(&p) && !take_v1_value(&p, unit, io)) || (*p != '\0' && *p++ != '\n'))
			return cg_fail_text(error, file, "DEVICE OPERATION NUMBER", line);
	}
	return true;
}
