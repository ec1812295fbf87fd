/* SPDX-License-Identifier: Apache-2.0 */
#define FUSE_USE_VERSION 314

#include "fs/serve/session.h"

#include "fs/serve/answer.h"
#include "fs/serve/change.h"
#include "fs/serve/node.h"
#include "fs/serve/request.h"
#include "fs/serve/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <unistd.h>

/* include/uapi/linux/fuse.h of Linux 6.9: of flags | flags2 << 32. */
#define HAS_RESEND (UINT64_C(1) << 39)

/* The kernel sends INIT while it is mounted. */
#define INIT_WAIT_MS 2000

/* What is assumed of a connection whose INIT we do not have: Linux 5.4's version, and nothing that could be chosen. */
#define OLDEST_MINOR 31

/* The largest write in bytes, and the largest read in pages: the most that any kernel allows (FUSE_MAX_MAX_PAGES). */
#define MOST_WRITE 4096
#define MOST_PAGES 256

struct Session {
	struct serve *serve;
	struct fuse_session *fuse;
	int device; /* our own descriptor of it, which belongs to `fuse` */
	Journal *journal;
	Workers *workers;
};

static void log_libfuse(enum fuse_log_level level, const char *format, va_list arguments) G_GNUC_PRINTF(2, 0);

static void log_libfuse(enum fuse_log_level level, const char *format, va_list arguments)
{
	g_autofree char *message = g_strdup_vprintf(format, arguments);

	if (level <= FUSE_LOG_WARNING)
		g_warning("%s", g_strchomp(message));
	else
		g_debug("%s", g_strchomp(message));
}

/* ---- libfuse's side ---- */

/*
 * libfuse takes the largest read for as large as the largest write, for which the kernel wants room in every
 * receive buffer; here it is a slot of the journal.
 */
static void shorten_init(struct iovec *parts, int count)
{
	struct fuse_init_out *out = count > 1 ? parts[1].iov_base : NULL;

	if (!out || parts[1].iov_len < offsetof(struct fuse_init_out, map_alignment))
		return;
	out->max_write = MOST_WRITE;
	if (out->flags & FUSE_MAX_PAGES)
		out->max_pages = MOST_PAGES;
}

/* An answer that nobody waits for is none of libfuse's concern. */
static ssize_t io_writev(int device, struct iovec *parts, int count, void *data)
{
	const struct serve *serve = data;
	const struct fuse_out_header *header = parts[0].iov_base;

	if (header->unique == serve->init_unique)
		shorten_init(parts, count);
	if (header->unique != 0)
		answer_send(device, parts, count);
	return header->len;
}

/* It reads nothing: drain.c does. */
static ssize_t io_read(int device, void *buffer, size_t length, void *data)
{
	errno = ENODEV;
	return -1;
}

static struct fuse_session *make_fuse(struct serve *serve, int device)
{
	static const struct fuse_custom_io io = { .writev = io_writev, .read = io_read };
	char *words[] = { (char[]){ "procvirtd" } };
	struct fuse_args args = FUSE_ARGS_INIT(G_N_ELEMENTS(words), words);
	struct fuse_session *fuse;

	fuse_set_log_func(log_libfuse);
	fuse = fuse_session_new(&args, &ops_table, sizeof ops_table, serve);
	fuse_opt_free_args(&args);
	if (!fuse || fuse_session_custom_io(fuse, &io, device) == 0)
		return fuse;
	fuse_session_destroy(fuse);
	return NULL;
}

/* ---- a standby ---- */

static bool fail(GError **error, int code, const char *what)
{
	g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "%s: %s", what, g_strerror(code));
	return false;
}

/* libfuse closes its descriptor in the end; the device stays open through the caller's. */
static bool open_device(Session *session, int device, GError **error)
{
	int flags = fcntl(device, F_GETFL);

	session->device = fcntl(device, F_DUPFD_CLOEXEC, 3);
	if (session->device < 0 || flags < 0 || fcntl(device, F_SETFL, flags | O_NONBLOCK) < 0)
		return fail(error, errno, "the descriptor of /dev/fuse");
	session->fuse = make_fuse(session->serve, session->device);
	if (session->fuse)
		return true;
	close(session->device);
	return fail(error, ENOMEM, "libfuse");
}

Session *session_new(struct serve *serve, int device, int journal, GError **error)
{
	g_autoptr(Session) session = g_new0(Session, 1);

	session->serve = serve;
	session->journal = journal_open(journal, error);
	if (!session->journal)
		return NULL;
	serve->journal = session->journal;
	if (!open_device(session, device, error))
		return NULL;
	session->workers = workers_new(serve, session->fuse, session->device, error);
	return session->workers ? g_steal_pointer(&session) : NULL;
}

void session_stop(Session *session)
{
	g_clear_pointer(&session->workers, workers_free);
	g_clear_pointer(&session->fuse, fuse_session_destroy);
	g_clear_pointer(&session->journal, journal_close);
	session->serve->journal = NULL;
	g_free(session);
}

/* ---- INIT ---- */

/* Answered again, too: the worker that kept it may have been killed before. The kernel says ENOENT to the second answer. */
static void process_init(Session *session, const struct fuse_in_header *init, size_t length)
{
	struct fuse_buf request = { .mem = (void *)(uintptr_t)init, .size = length };

	session->serve->init_unique = init->unique;
	fuse_session_process_buf(session->fuse, &request);
	session->serve->init_unique = 0;
}

/* The connection's INIT is lost; libfuse has to be told something. Its number, 0, keeps the answer from being sent. */
static void invent_init(Session *session)
{
	struct {
		struct fuse_in_header header;
		struct fuse_init_in in;
	} init = {
		.header = { .len = sizeof init, .opcode = FUSE_INIT },
		.in = { .major = FUSE_KERNEL_VERSION, .minor = OLDEST_MINOR },
	};

	g_warning("nothing is known of the connection that is taken over");
	process_init(session, &init.header, sizeof init);
}

/* A slot that holds INIT: kept before it is answered. */
static void keep_init(Session *session, struct journal_slot *slot)
{
	journal_keep_init(session->journal, &slot->header, slot->header.len);
	journal_clear(slot);
}

/* ---- taking over ---- */

struct claim {
	Session *session;
	unsigned replayed, given_up;
};

/* For people. */
static const char *path_of(const struct journal_slot *slot)
{
	struct node node;

	return node_from_inode(slot->header.nodeid, &node) ? node.row->path : "no file of ours";
}

static void claim_slot(unsigned index, enum journal_verdict verdict, void *data)
{
	struct claim *claim = data;
	Session *session = claim->session;
	struct journal_slot *slot = journal_slot(session->journal, index);

	if (slot->header.opcode == FUSE_INIT) {
		keep_init(session, slot);
	} else if (verdict == JOURNAL_ANSWER) {
		change_send(session->device, slot->header.unique, change_kept(slot));
		journal_clear(slot);
		claim->replayed++;
	} else if (verdict == JOURNAL_GIVE_UP && !request_is_mute(slot)) {
		g_warning("a request of kind %u about %s has cost too many workers: given up", slot->header.opcode,
			  path_of(slot));
		answer_error(session->device, slot->header.unique, EIO);
		journal_clear(slot);
		claim->given_up++;
	} else {
		workers_owe(session->workers, index, verdict == JOURNAL_SUSPECT);
		claim->replayed++;
	}
}

static const enum journal_end ends[] = {
	[SESSION_FRESH] = JOURNAL_STOPPED,
	[SESSION_KILLED] = JOURNAL_KILLED,
	[SESSION_CRASHED] = JOURNAL_CRASHED,
};

static void claim_journal(Session *session, enum session_before before)
{
	struct claim claim = { .session = session };

	journal_claim(session->journal, ends[before], claim_slot, &claim);
	if (claim.replayed || claim.given_up)
		g_debug("%u requests of the worker before are answered now, %u given up", claim.replayed,
			claim.given_up);
}

static unsigned unused_slot(Session *session)
{
	unsigned i = 0;

	while (i < JOURNAL_SLOTS - 1 && journal_slot(session->journal, i)->header.unique)
		i++;
	return i;
}

/*
 * Without an INIT in the journal the connection is new, or its journal was lost. Then a dead worker may have had the INIT, and the
 * kernel is asked for it.
 */
static void find_init(Session *session)
{
	struct pollfd polled = { session->device, POLLIN, 0 };
	unsigned index = unused_slot(session);
	struct journal_slot *slot = journal_slot(session->journal, index);
	struct iovec buffers[2];

	answer_ask_again(session->device);
	journal_receive_into(session->journal, index, buffers);
	if (poll(&polled, 1, INIT_WAIT_MS) != 1 || readv(session->device, buffers, G_N_ELEMENTS(buffers)) < 0)
		return;
	journal_close_text(slot);
	if (slot->header.opcode == FUSE_INIT)
		keep_init(session, slot);
	else
		workers_owe(session->workers, index, false);
}

/* The kernel says what it can do in two words (include/uapi/linux/fuse.h, FUSE_INIT_EXT). */
static bool can_resend(const struct fuse_in_header *init)
{
	const struct fuse_init_in *in = (const void *)(init + 1);
	uint64_t flags = in->flags | (in->flags & FUSE_INIT_EXT ? (uint64_t)in->flags2 << 32 : 0);

	return flags & HAS_RESEND;
}

bool session_begin(Session *session, enum session_before before, const struct session_watch *watch, GError **error)
{
	const struct fuse_in_header *init;
	size_t length;

	claim_journal(session, before);
	if (!journal_init(session->journal, &length))
		find_init(session);
	init = journal_init(session->journal, &length);
	if (init)
		process_init(session, init, length);
	else
		invent_init(session);
	if (fuse_session_exited(session->fuse))
		return fail(error, EPROTO, "the kernel's version of the protocol");
	workers_start(session->workers, !init || can_resend(init), watch);
	return true;
}

uint64_t session_served(Session *session)
{
	return workers_served(session->workers);
}
