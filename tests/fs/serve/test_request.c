/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/request.h"

#include "fs/serve/node.h"
#include "fs/serve/texts.h"
#include "tests/fs/harness.h"

static uint64_t inode_of(const char *path, uint64_t slot)
{
	struct node node = { .row = rows_by_path(path), .slot = slot };

	return node_to_inode(&node);
}

static struct journal_slot request(uint32_t opcode, uint64_t inode, uint32_t pid)
{
	return (struct journal_slot){
		.header = { .len = sizeof(struct fuse_in_header) + sizeof(struct fuse_read_in),
			    .opcode = opcode,
			    .unique = 2,
			    .nodeid = inode,
			    .pid = pid },
	};
}

static void set_handle(struct journal_slot *slot, uint64_t handle)
{
	((struct fuse_read_in *)(void *)(slot->request + sizeof slot->header))->fh = handle;
}

static void the_handle_says_whose_it_is(void **state)
{
	g_autofree struct seen *seen = g_new0(struct seen, 1);
	struct journal_slot slot = request(FUSE_READ, inode_of("/proc/meminfo", 0), 100);

	seen_note(seen, 100, 5);
	set_handle(&slot, texts_handle(7, 1));
	assert_int_equal(request_key(seen, &slot), 7);
}

static void a_pinned_inode_says_it_too(void **state)
{
	g_autofree struct seen *seen = g_new0(struct seen, 1);
	struct journal_slot slot = request(FUSE_OPEN, inode_of("/proc/meminfo", 9), 100);

	seen_note(seen, 100, 5);
	set_handle(&slot, texts_handle(7, 1)); /* no handle: OPEN has something else there */
	assert_int_equal(request_key(seen, &slot), 9);
}

static void a_thread_is_known_by_what_it_asked_before(void **state)
{
	g_autofree struct seen *seen = g_new0(struct seen, 1);
	struct journal_slot slot = request(FUSE_OPEN, inode_of("/proc/meminfo", 0), 100);

	assert_int_equal(request_key(seen, &slot), 0);
	seen_note(seen, 100, UINT32_MAX);
	assert_int_equal(request_key(seen, &slot), UINT32_MAX);
	seen_note(seen, 100 + SEEN_THREADS, 6);
	assert_int_equal(request_key(seen, &slot), 0);
}

static void an_inode_of_no_row_is_a_strangers(void **state)
{
	g_autofree struct seen *seen = g_new0(struct seen, 1);
	struct journal_slot slot = request(FUSE_GETATTR, UINT64_MAX, 0);

	assert_int_equal(request_key(seen, &slot), 0);
	assert_in_range(request_kind(&slot, 0), 0, REQUEST_KINDS - 1);
}

static void what_costs_alike_is_of_one_kind(void **state)
{
	struct journal_slot read = request(FUSE_READ, inode_of("/proc/meminfo", 0), 100);
	struct journal_slot same = request(FUSE_READ, inode_of("/proc/meminfo", 0), 200);
	struct journal_slot other = request(FUSE_READ, inode_of("/proc/stat", 0), 100);
	struct journal_slot open = request(FUSE_OPEN, inode_of("/proc/meminfo", 0), 100);

	assert_int_equal(request_kind(&read, 1), request_kind(&same, 1));
	assert_int_not_equal(request_kind(&read, 1), request_kind(&read, 2));
	assert_int_not_equal(request_kind(&read, 1), request_kind(&other, 1));
	assert_int_not_equal(request_kind(&read, 1), request_kind(&open, 1));
}

static void who_gets_no_answer_is_mute(void **state)
{
	struct journal_slot forget = request(FUSE_BATCH_FORGET, 1, 0);
	struct journal_slot release = request(FUSE_RELEASE, 1, 0);
	struct journal_slot lookup = request(FUSE_LOOKUP, 1, 0);

	assert_true(request_is_immediate(&forget) && request_is_mute(&forget));
	assert_true(request_is_immediate(&release) && !request_is_mute(&release));
	assert_false(request_is_immediate(&lookup));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_handle_says_whose_it_is),
		cmocka_unit_test(a_pinned_inode_says_it_too),
		cmocka_unit_test(a_thread_is_known_by_what_it_asked_before),
		cmocka_unit_test(an_inode_of_no_row_is_a_strangers),
		cmocka_unit_test(what_costs_alike_is_of_one_kind),
		cmocka_unit_test(who_gets_no_answer_is_mute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
