/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/journal.h"

#include "cgroup/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

/* The layout: a page for the head, the slots, the landing area. Another layout is another version. */
#define VERSION 1
#define MAGIC   "procvirt journal"

struct head {
	char magic[sizeof(MAGIC) - 1];
	uint32_t version, slots, slot_size, landing;
	_Atomic uint32_t serial;
	_Atomic uint32_t init_length; /* 0: none is kept */
	_Alignas(8) unsigned char init[JOURNAL_REQUEST];
	_Atomic uint64_t key; /* 0: not drawn yet */
};

#define LENGTH (PAGE + JOURNAL_SLOTS * sizeof(struct journal_slot) + JOURNAL_LANDING)

G_STATIC_ASSERT(sizeof(struct head) <= PAGE);
G_STATIC_ASSERT(sizeof(struct journal_slot) == 512);
G_STATIC_ASSERT(offsetof(struct journal_slot, request) == 32);

struct Journal {
	struct head *head;
	struct journal_slot *slots;
	unsigned char *landing;
};

/* ---- the file ---- */

int journal_format(int fd)
{
	struct head head = {
		.version = VERSION,
		.slots = JOURNAL_SLOTS,
		.slot_size = sizeof(struct journal_slot),
		.landing = JOURNAL_LANDING,
	};
	static const unsigned char empty[PAGE];

	memcpy(head.magic, MAGIC, sizeof head.magic);
	for (off_t at = 0; at < (off_t)LENGTH; at += PAGE)
		if (pwrite(fd, empty, sizeof empty, at) != sizeof empty)
			return errno ? -errno : -EIO;
	return pwrite(fd, &head, sizeof head, 0) == sizeof head ? 0 : -errno;
}

int journal_make(void)
{
	int fd = memfd_create("procvirt-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)LENGTH) == 0 && journal_format(fd) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A write fault on each page that changes nothing, for the case that locking is not allowed. */
static void fault_in(unsigned char *map)
{
	for (size_t at = 0; at < LENGTH; at += PAGE)
		__atomic_fetch_or(map + at, 0, __ATOMIC_RELAXED);
}

static void *map_file(int fd, GError **error)
{
	struct stat status;
	void *map;

	if (fstat(fd, &status) < 0 || status.st_size != (off_t)LENGTH) {
		cg_fail(error, EINVAL, "the journal: not a file of %zu bytes", LENGTH);
		return NULL;
	}
	map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		cg_fail(error, errno, "the journal: cannot map it: %s", g_strerror(errno));
		return NULL;
	}
	if (mlock(map, LENGTH) < 0)
		g_debug("the journal is not locked in memory: %s", g_strerror(errno));
	if (madvise(map, LENGTH, MADV_DONTDUMP) < 0)
		g_debug("the journal is not kept out of core dumps: %s", g_strerror(errno));
	fault_in(map);
	return map;
}

static bool is_ours(const struct head *head)
{
	return memcmp(head->magic, MAGIC, sizeof head->magic) == 0 && head->version == VERSION &&
	       head->slots == JOURNAL_SLOTS && head->slot_size == sizeof(struct journal_slot) &&
	       head->landing == JOURNAL_LANDING;
}

Journal *journal_open(int fd, GError **error)
{
	unsigned char *map = map_file(fd, error);
	Journal *journal;

	if (!map)
		return NULL;
	if (!is_ours((struct head *)(void *)map)) {
		munmap(map, LENGTH);
		cg_fail(error, EINVAL, "the journal: not one of this version");
		return NULL;
	}
	journal = g_new(Journal, 1);
	journal->head = (struct head *)(void *)map;
	journal->slots = (struct journal_slot *)(void *)(map + PAGE);
	journal->landing = map + PAGE + JOURNAL_SLOTS * sizeof(struct journal_slot);
	return journal;
}

void journal_close(Journal *journal)
{
	munmap(journal->head, LENGTH);
	g_free(journal);
}

/* ---- slots ---- */

struct journal_slot *journal_slot(Journal *journal, unsigned index)
{
	g_assert(index < JOURNAL_SLOTS);
	return &journal->slots[index];
}

void journal_receive_into(Journal *journal, unsigned index, struct iovec ret_buffers[2])
{
	struct journal_slot *slot = journal_slot(journal, index);

	journal_clear(slot);
	slot->header.len = 0;
	ret_buffers[0] = (struct iovec){ slot->request, sizeof slot->request };
	ret_buffers[1] = (struct iovec){ journal->landing, JOURNAL_LANDING };
}

void journal_close_text(struct journal_slot *slot)
{
	if (slot->header.len > sizeof slot->request) {
		slot->header.len = sizeof slot->request;
		slot->request[sizeof slot->request - 1] = '\0';
	}
}

void journal_clear(struct journal_slot *slot)
{
	__atomic_store_n(&slot->header.unique, 0, __ATOMIC_RELEASE);
	atomic_store_explicit(&slot->flags, 0, memory_order_relaxed);
	slot->faults = slot->kills = slot->hangs = 0;
}

/* ---- the head ---- */

void journal_keep_init(Journal *journal, const struct fuse_in_header *init, size_t length)
{
	struct head *head = journal->head;

	g_assert(length <= sizeof head->init);
	memcpy(head->init, init, length);
	atomic_store(&head->init_length, (uint32_t)length);
}

const struct fuse_in_header *journal_init(const Journal *journal, size_t *ret_length)
{
	size_t length = atomic_load(&journal->head->init_length);
	const struct fuse_in_header *init = (const void *)journal->head->init;

	if (length < sizeof(struct fuse_in_header) + sizeof(struct fuse_init_in) || length > JOURNAL_REQUEST ||
	    init->opcode != FUSE_INIT)
		return NULL;
	*ret_length = length;
	return init;
}

uint32_t journal_next_serial(Journal *journal)
{
	uint32_t serial;

	do {
		serial = atomic_fetch_add_explicit(&journal->head->serial, 1, memory_order_relaxed) + 1;
	} while (serial == 0);
	return serial;
}

uint64_t journal_key(Journal *journal)
{
	uint64_t drawn = 0, none = 0;

	if (atomic_load(&journal->head->key) == 0 && getrandom(&drawn, sizeof drawn, 0) == sizeof drawn)
		atomic_compare_exchange_strong(&journal->head->key, &none, drawn | 1);
	return atomic_load(&journal->head->key);
}

/* ---- taking over ---- */

bool journal_is_change(const struct journal_slot *slot)
{
	return slot->header.opcode == FUSE_WRITE || slot->header.opcode == FUSE_MKDIR ||
	       slot->header.opcode == FUSE_RMDIR;
}

bool journal_is_done(const struct journal_slot *slot)
{
	return journal_is_change(slot) && atomic_load(&slot->flags) & JOURNAL_DONE;
}

bool journal_was_begun(const struct journal_slot *slot)
{
	return slot->faults + slot->kills + slot->hangs > 0 || slot->header.unique & JOURNAL_RESENT;
}

/* Not one that the kernel was still writing when its reader died, or that is no work of the kernel's at all. */
static bool is_owed(const struct journal_slot *slot)
{
	return slot->header.len >= sizeof slot->header && !(slot->flags & JOURNAL_ANSWERED);
}

static uint16_t one_more(uint16_t count, unsigned most)
{
	return (uint16_t)MIN(count + 1U, most);
}

/*
 * Where one is known to have hung it is the culprit, and the faults of the others are none of theirs; after a crash
 * each that had been begun may be.
 */
static void count(struct journal_slot *slot, enum journal_end end, uint32_t flags, bool some_hung)
{
	if (flags & JOURNAL_HUNG)
		slot->hangs = one_more(slot->hangs, JOURNAL_MOST_FAULTS);
	else if (end == JOURNAL_CRASHED && !some_hung && (flags & JOURNAL_STARTED))
		slot->faults = one_more(slot->faults, JOURNAL_MOST_FAULTS);
	else if (end == JOURNAL_KILLED && (flags & JOURNAL_STARTED))
		slot->kills = one_more(slot->kills, JOURNAL_MOST_KILLS);
}

static enum journal_verdict judge(struct journal_slot *slot, enum journal_end end, bool some_hung)
{
	uint32_t flags = atomic_load(&slot->flags);

	count(slot, end, flags, some_hung);
	atomic_store(&slot->flags, flags & (JOURNAL_INTERRUPTED | JOURNAL_DONE));
	if (journal_is_done(slot))
		return JOURNAL_ANSWER;
	if (journal_is_change(slot) && slot->faults + slot->kills + slot->hangs > 1)
		return JOURNAL_GIVE_UP;
	if (slot->faults + slot->hangs >= JOURNAL_MOST_FAULTS || slot->kills >= JOURNAL_MOST_KILLS)
		return JOURNAL_GIVE_UP;
	return slot->faults > 0 ? JOURNAL_SUSPECT : JOURNAL_REPLAY;
}

void journal_claim(Journal *journal, enum journal_end end, journal_visit visit, void *data)
{
	bool some_hung = false;

	for (unsigned i = 0; i < JOURNAL_SLOTS; i++)
		some_hung |= journal->slots[i].header.unique && journal->slots[i].flags & JOURNAL_HUNG;
	for (unsigned i = 0; i < JOURNAL_SLOTS; i++) {
		struct journal_slot *slot = &journal->slots[i];

		if (slot->header.unique == 0)
			continue;
		if (!is_owed(slot)) {
			journal_clear(slot);
			continue;
		}
		journal_close_text(slot);
		visit(i, judge(slot, end, some_hung), data);
	}
}
