/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/reader_ids.h"

#include "cgroup/error.h"
#include "fs/container/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Each id costs two looks at /proc, 10 µs or so, and whoever has a cgroup may have threads as many as he likes; a request
 * has its bound. So many are the default of kernel.pid_max.
 */
#define IDS_MOST 32768

struct reader {
	const Host *host;
	int depth;          /* how many pid namespaces its own lies below the host's; -1: it shows nobody */
	uint64_t namespace; /* its own; 0 in a captured host, which has none */
	GHashTable *within; /* which other namespaces lie in it, by their inode numbers, at that many levels below */
};

/* The namespace `levels` above the one behind the descriptor, 0 where it cannot be told. Closes the descriptor. */
static uint64_t ancestor_of(int fd, int levels)
{
	struct stat stat;

	for (; levels > 0 && fd >= 0; levels--) {
		int parent = ioctl(fd, NS_GET_PARENT);

		close(fd);
		fd = parent;
	}
	if (fd < 0 || fstat(fd, &stat) < 0)
		stat.st_ino = 0;
	if (fd >= 0)
		close(fd);
	return stat.st_ino;
}

/* The process is in the reader's namespace, or in one of those below it: a number at that depth may be another's namespace's. */
static bool is_within(const struct reader *reader, pid_t id, int levels)
{
	uint64_t own = host_pid_namespace(reader->host, id, "pid");
	gpointer known;
	bool within;

	if (reader->namespace == 0)
		return reader->host->captured;
	if (levels == 0 || own == 0)
		return own == reader->namespace;
	if (g_hash_table_lookup_extended(reader->within, GSIZE_TO_POINTER(own), NULL, &known))
		return GPOINTER_TO_INT(known);
	within = ancestor_of(host_open_pid(reader->host, id, "ns/pid", O_RDONLY), levels) == reader->namespace;
	g_hash_table_insert(reader->within, GSIZE_TO_POINTER(own), GINT_TO_POINTER(within));
	return within;
}

/* The number that the reader knows the process by, 0 for none; -1 where it has ended. */
static pid_t number_of(const struct reader *reader, pid_t id)
{
	pid_t ids[HOST_PID_LEVELS];
	int n;

	if (reader->depth <= 0)
		return reader->depth == 0 ? id : 0;
	n = host_ns_pids(reader->host, id, ids);
	if (n < 0)
		return -1;
	if (n <= reader->depth)
		return 0;
	return is_within(reader, id, n - 1 - reader->depth) ? ids[reader->depth] : 0;
}

static bool look_at_reader(struct reader *reader, pid_t tid, GError **error)
{
	pid_t ids[HOST_PID_LEVELS];
	int n;

	reader->depth = -1;
	if (tid == 0)
		return true;
	n = host_ns_pids(reader->host, tid, ids);
	if (n < 0)
		return cg_fail(error, ESRCH, "/proc/%d/status: the reader is gone", tid);
	reader->depth = n - 1;
	reader->namespace = host_pid_namespace(reader->host, tid, "pid");
	return true;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	pid_t one = *(const pid_t *)a, other = *(const pid_t *)b;

	return (one > other) - (one < other);
}

static GArray *numbers_of(const struct reader *reader, const GArray *ids, enum ids_style style)
{
	GArray *numbers = g_array_sized_new(FALSE, FALSE, sizeof(pid_t), ids->len);

	for (unsigned i = 0; i < ids->len; i++) {
		pid_t number = number_of(reader, g_array_index(ids, pid_t, i));

		if (number > 0 || (number == 0 && style == IDS_V2))
			g_array_append_val(numbers, number);
	}
	if (style == IDS_V1)
		g_array_sort(numbers, by_number);
	return numbers;
}

static bool may_tell(const struct reader *reader, const GArray *ids, GError **error)
{
	return reader->depth <= 0 || ids->len <= IDS_MOST ||
	       cg_fail(error, EOVERFLOW, "%u ids are more than can be told in another pid namespace", ids->len);
}

bool reader_ids_append(const Host *host, pid_t reader_id, const GArray *ids, enum ids_style style, GString *text,
		       GError **error)
{
	g_autoptr(GHashTable) within = g_hash_table_new(NULL, NULL);
	struct reader reader = { .host = host, .within = within };
	g_autoptr(GArray) numbers = NULL;

	if (!look_at_reader(&reader, reader_id, error) || !may_tell(&reader, ids, error))
		return false;
	numbers = numbers_of(&reader, ids, style);
	for (unsigned i = 0; i < numbers->len; i++)
		g_string_append_printf(text, "%d\n", g_array_index(numbers, pid_t, i));
	return true;
}

bool reader_ids_find(const Host *host, pid_t reader_id, const GArray *ids, pid_t number, pid_t *ret_id, GError **error)
{
	g_autoptr(GHashTable) within = g_hash_table_new(NULL, NULL);
	struct reader reader = { .host = host, .within = within };

	if (!look_at_reader(&reader, reader_id, error) || !may_tell(&reader, ids, error))
		return false;
	for (unsigned i = 0; number > 0 && i < ids->len; i++) {
		pid_t id = g_array_index(ids, pid_t, i);

		if (number_of(&reader, id) == number) {
			*ret_id = id;
			return true;
		}
	}
	return cg_fail(error, ESRCH, "process %d: the container has none of this number", number);
}
