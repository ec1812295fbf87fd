/* SPDX-License-Identifier: Apache-2.0
 *
 * What a journal says to the next worker. Requests come through a socket that keeps their bounds, as the device does.
 */
#include "cgroup/error.h"
#include "fs/serve/journal.h"
#include "tests/fs/harness.h"
#include "tests/fs/undumped.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct scene {
	int fd;
	Journal *journal;
};

static Journal *open_journal(int fd)
{
	g_autoptr(GError) error = NULL;
	Journal *journal = journal_open(fd, &error);

	assert_null(error);
	return journal;
}

static int set_up(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);

	scene->fd = journal_make();
	assert_true(scene->fd >= 0);
	scene->journal = open_journal(scene->fd);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	journal_close(scene->journal);
	close(scene->fd);
	g_free(scene);
	return 0;
}

/* As the next worker does. */
static void reopen(struct scene *scene)
{
	journal_close(scene->journal);
	scene->journal = open_journal(scene->fd);
}

static void put(struct scene *scene, unsigned index, uint64_t unique, uint32_t flags)
{
	struct journal_slot *slot = journal_slot(scene->journal, index);

	slot->header = (struct fuse_in_header){ .len = sizeof slot->header, .opcode = FUSE_STATFS, .unique = unique };
	atomic_store(&slot->flags, flags);
}

/* ---- taking over ---- */

struct claimed {
	unsigned n;
	enum journal_verdict verdict[JOURNAL_SLOTS];
	bool has[JOURNAL_SLOTS];
};

static void visit(unsigned index, enum journal_verdict verdict, void *data)
{
	struct claimed *claimed = data;

	claimed->n++;
	claimed->has[index] = true;
	claimed->verdict[index] = verdict;
}

static struct claimed *claim(struct scene *scene, enum journal_end end)
{
	static struct claimed claimed;

	claimed = (struct claimed){ 0 };
	reopen(scene);
	journal_claim(scene->journal, end, visit, &claimed);
	return &claimed;
}

static void an_empty_one_owes_nothing(void **state)
{
	size_t length;

	assert_int_equal(claim(*state, JOURNAL_CRASHED)->n, 0);
	assert_null(journal_init(((struct scene *)*state)->journal, &length));
}

static void what_is_cleared_is_not_owed(void **state)
{
	struct scene *scene = *state;

	put(scene, 3, 30, JOURNAL_STARTED);
	put(scene, JOURNAL_SLOTS - 1, 40, 0);
	journal_clear(journal_slot(scene->journal, 3));
	assert_int_equal(claim(scene, JOURNAL_STOPPED)->n, 1);
	assert_true(claim(scene, JOURNAL_STOPPED)->has[JOURNAL_SLOTS - 1]);
	assert_int_equal(claim(scene, JOURNAL_STOPPED)->verdict[JOURNAL_SLOTS - 1], JOURNAL_REPLAY);
}

static void who_may_have_crashed_it_is_suspect(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, 10, JOURNAL_STARTED);
	put(scene, 1, 11, 0);
	assert_int_equal(claim(scene, JOURNAL_CRASHED)->verdict[0], JOURNAL_SUSPECT);
	assert_int_equal(claim(scene, JOURNAL_STOPPED)->verdict[0], JOURNAL_SUSPECT);
	assert_int_equal(claim(scene, JOURNAL_STOPPED)->verdict[1], JOURNAL_REPLAY);
	assert_int_equal(journal_slot(scene->journal, 0)->faults, 1);
}

static void three_crashes_are_enough(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, 10, 0);
	for (unsigned i = 1; i <= JOURNAL_MOST_FAULTS; i++) {
		atomic_store(&journal_slot(scene->journal, 0)->flags, JOURNAL_STARTED);
		assert_int_equal(claim(scene, JOURNAL_CRASHED)->verdict[0],
				 i < JOURNAL_MOST_FAULTS ? JOURNAL_SUSPECT : JOURNAL_GIVE_UP);
	}
}

static void one_that_hung_is_the_only_culprit(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, 10, JOURNAL_STARTED);
	put(scene, 1, 11, JOURNAL_STARTED | JOURNAL_HUNG);
	assert_int_equal(claim(scene, JOURNAL_CRASHED)->verdict[0], JOURNAL_REPLAY);
	assert_int_equal(journal_slot(scene->journal, 0)->faults, 0);
	assert_int_equal(journal_slot(scene->journal, 1)->hangs, 1);
	assert_int_equal(journal_slot(scene->journal, 1)->flags, 0);
}

/* Nobody waits for it: it is known, and not to be found out by being alone. */
static void one_that_hung_is_tried_beside_others(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, 10, 0);
	for (unsigned i = 1; i <= JOURNAL_MOST_FAULTS; i++) {
		atomic_store(&journal_slot(scene->journal, 0)->flags, JOURNAL_STARTED | JOURNAL_HUNG);
		assert_int_equal(claim(scene, JOURNAL_CRASHED)->verdict[0],
				 i < JOURNAL_MOST_FAULTS ? JOURNAL_REPLAY : JOURNAL_GIVE_UP);
	}
}

static void kills_are_nobodys_fault_but_there_is_an_end(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, 10, 0);
	put(scene, 1, 11, 0);
	for (unsigned i = 1; i <= JOURNAL_MOST_KILLS; i++) {
		const struct claimed *claimed;

		atomic_store(&journal_slot(scene->journal, 0)->flags, JOURNAL_STARTED);
		claimed = claim(scene, JOURNAL_KILLED);
		assert_int_equal(claimed->verdict[0], i < JOURNAL_MOST_KILLS ? JOURNAL_REPLAY : JOURNAL_GIVE_UP);
		assert_int_equal(claimed->verdict[1], JOURNAL_REPLAY);
	}
}

/* It may have been carried out. */
static void a_change_is_tried_once_again(void **state)
{
	static const uint32_t opcodes[] = { FUSE_WRITE, FUSE_MKDIR, FUSE_RMDIR };
	static const enum journal_end ends[] = { JOURNAL_KILLED, JOURNAL_CRASHED };
	struct scene *scene = *state;

	for (unsigned i = 0; i < G_N_ELEMENTS(opcodes) * G_N_ELEMENTS(ends); i++) {
		struct journal_slot *slot = journal_slot(scene->journal, 0);

		put(scene, 0, 10 + i, 0);
		slot->header.opcode = opcodes[i / G_N_ELEMENTS(ends)];
		assert_true(journal_is_change(slot) && !journal_was_begun(slot));
		assert_int_equal(claim(scene, ends[i % 2])->verdict[0], JOURNAL_REPLAY); /* it had not been begun */
		assert_false(journal_was_begun(slot));
		for (unsigned begun = 1; begun <= 2; begun++) {
			atomic_store(&slot->flags, JOURNAL_STARTED);
			assert_int_equal(claim(scene, ends[i % 2])->verdict[0] == JOURNAL_GIVE_UP, begun == 2);
			assert_true(journal_was_begun(slot));
		}
		journal_clear(slot);
	}
}

/* Its answer is known, and EIO would be a wrong one. What only reads is never done. */
static void a_change_that_is_done_is_answered_whatever_it_cost(void **state)
{
	static const enum journal_end ends[] = { JOURNAL_KILLED, JOURNAL_CRASHED };
	struct scene *scene = *state;
	struct journal_slot *slot = journal_slot(scene->journal, 0);

	put(scene, 0, 10, 0);
	slot->header.opcode = FUSE_MKDIR;
	for (unsigned i = 1; i <= JOURNAL_MOST_FAULTS; i++) {
		atomic_store(&slot->flags, JOURNAL_STARTED | JOURNAL_DONE);
		assert_true(journal_is_done(slot));
		assert_int_equal(claim(scene, ends[i % 2])->verdict[0], JOURNAL_ANSWER);
	}
	slot->faults = JOURNAL_MOST_FAULTS;
	assert_int_equal(claim(scene, JOURNAL_STOPPED)->verdict[0], JOURNAL_ANSWER);
	slot->header.opcode = FUSE_READ;
	assert_false(journal_is_done(slot));
	assert_int_equal(claim(scene, JOURNAL_STOPPED)->verdict[0], JOURNAL_GIVE_UP);
}

/* The kernel has handed it out before, to somebody whose journal nobody has. */
static void a_request_that_is_sent_again_may_have_been_begun(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, UINT64_C(1) << 63 | 10, 0);
	assert_true(journal_was_begun(journal_slot(scene->journal, 0)));
	assert_false(journal_is_change(journal_slot(scene->journal, 0)));
}

static void the_key_is_the_connections(void **state)
{
	struct scene *scene = *state;
	uint64_t key = journal_key(scene->journal);
	g_autoptr(Journal) other = open_journal(scene->fd);

	assert_int_not_equal(key, 0);
	assert_true(journal_key(scene->journal) == key && journal_key(other) == key);
	journal_format(scene->fd);
	assert_int_not_equal(journal_key(other), key);
}

static void what_was_answered_is_not_owed(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, 10, JOURNAL_STARTED | JOURNAL_ANSWERED);
	put(scene, 1, 11, JOURNAL_INTERRUPTED);
	assert_int_equal(claim(scene, JOURNAL_KILLED)->n, 1);
	assert_int_equal(journal_slot(scene->journal, 0)->header.unique, 0);
	assert_int_equal(journal_slot(scene->journal, 1)->flags, JOURNAL_INTERRUPTED);
}

static void nonsense_is_cleared(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, 10, 0);
	journal_slot(scene->journal, 0)->header.len = sizeof(struct fuse_in_header) - 1;
	assert_int_equal(claim(scene, JOURNAL_STOPPED)->n, 0);
	assert_int_equal(journal_slot(scene->journal, 0)->header.unique, 0);
}

/* ---- what comes in ---- */

static void what_is_too_long_is_cut(void **state)
{
	struct scene *scene = *state;
	struct journal_slot *slot = journal_slot(scene->journal, 5);
	g_autofree unsigned char *request = g_malloc(4096);
	struct iovec buffers[2];
	int ends[2];

	memset(request, 'x', 4096);
	*(struct fuse_in_header *)(void *)request = (struct fuse_in_header){ .len = 4096, .unique = 8 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(write(ends[0], request, 4096), 4096);
	journal_receive_into(scene->journal, 5, buffers);
	assert_int_equal(readv(ends[1], buffers, 2), 4096);
	journal_close_text(slot);
	assert_int_equal(slot->header.len, JOURNAL_REQUEST);
	assert_int_equal(strlen((char *)slot->request + sizeof slot->header),
			 JOURNAL_REQUEST - 1 - sizeof slot->header);
	assert_int_equal(journal_slot(scene->journal, 6)->header.unique, 0);
	close(ends[0]);
	close(ends[1]);
}

/* ---- the head ---- */

static void init_and_serial_numbers_go_on(void **state)
{
	struct scene *scene = *state;
	struct {
		struct fuse_in_header header;
		struct fuse_init_in in;
	} init = { { .len = sizeof init, .opcode = FUSE_INIT, .unique = 2 }, { .major = 7, .minor = 38 } };
	uint32_t first = journal_next_serial(scene->journal);
	size_t length;

	journal_keep_init(scene->journal, &init.header, sizeof init);
	reopen(scene);
	assert_memory_equal(journal_init(scene->journal, &length), &init, sizeof init);
	assert_int_equal(length, sizeof init);
	assert_int_equal(journal_next_serial(scene->journal), first + 1);
	assert_int_not_equal(first, 0);
}

static void assert_refused(int fd, const char *why)
{
	g_autoptr(GError) error = NULL;

	assert_null(journal_open(fd, &error));
	assert_true(g_error_matches(error, CG_ERROR, EINVAL));
	assert_has(error->message, why);
}

static void what_is_none_is_refused_and_can_be_made_one(void **state)
{
	struct scene *scene = *state;
	int short_fd = memfd_create("short", MFD_CLOEXEC);

	assert_refused(short_fd, "not a file of");
	close(short_fd);
	put(scene, 0, 10, 0);
	assert_int_equal(pwrite(scene->fd, "P", 1, 0), 1);
	assert_refused(scene->fd, "not one of this version");
	assert_int_equal(journal_format(scene->fd), 0);
	assert_int_equal(claim(scene, JOURNAL_CRASHED)->n, 0);
}

static void nobody_can_cut_it(void **state)
{
	assert_int_equal(ftruncate(((struct scene *)*state)->fd, 0), -1);
}

/* ---- killed at any moment ---- */

#define REQUESTS 120 /* as many as a socket holds */
#define KILLS    200

/* A worker that reads, says that it answers, and clears, until it is killed. */
static void serve(int fd, int device)
{
	Journal *journal = open_journal(fd);
	struct iovec buffers[2];

	for (unsigned i = 0;; i = (i + 7) % 64) {
		struct journal_slot *slot = journal_slot(journal, i);

		if (slot->header.unique)
			continue; /* what another owed */
		journal_receive_into(journal, i, buffers);
		if (readv(device, buffers, 2) <= 0)
			_exit(0);
		if (write(device, &slot->header.unique, sizeof slot->header.unique) < 0)
			_exit(1);
		journal_clear(slot);
	}
}

static void send_requests(int device)
{
	for (uint64_t i = 1; i <= REQUESTS; i++) {
		struct fuse_in_header header = { .len = sizeof header, .opcode = FUSE_STATFS, .unique = i };

		assert_int_equal(send(device, &header, sizeof header, 0), sizeof header);
	}
}

/* Lets it answer some, and kills it. */
static void let_it_serve(int fd, const int ends[2], unsigned some, bool *ret_answered)
{
	pid_t child = fork();
	uint64_t unique;

	if (child == 0)
		serve(fd, ends[1]);
	for (unsigned i = 0; i < some && recv(ends[0], &unique, sizeof unique, 0) > 0; i++)
		ret_answered[unique] = true;
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	while (recv(ends[0], &unique, sizeof unique, MSG_DONTWAIT) > 0)
		ret_answered[unique] = true;
}

/* Each request is still to be read, in the journal, or answered. */
static void assert_none_is_lost(struct scene *scene, int device, bool *answered)
{
	const struct claimed *claimed = claim(scene, JOURNAL_KILLED);
	struct fuse_in_header header;

	for (unsigned i = 0; i < JOURNAL_SLOTS; i++)
		if (claimed->has[i])
			answered[journal_slot(scene->journal, i)->header.unique] = true;
	while (recv(device, &header, sizeof header, MSG_DONTWAIT) > 0)
		answered[header.unique] = true;
	for (unsigned i = 1; i <= REQUESTS; i++)
		assert_true(answered[i]);
}

static void no_request_is_lost_when_its_worker_is_killed(void **state)
{
	for (unsigned round = 0; round < KILLS; round++) {
		struct scene scene = { .fd = journal_make() };
		bool answered[REQUESTS + 1] = { false };
		int ends[2];

		scene.journal = open_journal(scene.fd);
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
		send_requests(ends[0]);
		let_it_serve(scene.fd, ends, round % REQUESTS, answered);
		assert_none_is_lost(&scene, ends[1], answered);
		close(ends[0]);
		close(ends[1]);
		journal_close(scene.journal);
		close(scene.fd);
	}
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static void is_not_dumped(void **state)
{
	assert_true(memfds_are_undumped());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_empty_one_owes_nothing),
		test(what_is_cleared_is_not_owed),
		test(who_may_have_crashed_it_is_suspect),
		test(three_crashes_are_enough),
		test(one_that_hung_is_the_only_culprit),
		test(one_that_hung_is_tried_beside_others),
		test(kills_are_nobodys_fault_but_there_is_an_end),
		test(a_change_is_tried_once_again),
		test(a_change_that_is_done_is_answered_whatever_it_cost),
		test(a_request_that_is_sent_again_may_have_been_begun),
		test(the_key_is_the_connections),
		test(what_was_answered_is_not_owed),
		test(nonsense_is_cleared),
		test(what_is_too_long_is_cut),
		test(init_and_serial_numbers_go_on),
		test(what_is_none_is_refused_and_can_be_made_one),
		test(nobody_can_cut_it),
		test(is_not_dumped),
		cmocka_unit_test(no_request_is_lost_when_its_worker_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
