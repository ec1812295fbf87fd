/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void root_is_inode_1(void **state)
{
	struct node root = { .row = rows_by_id(ROW_ROOT) };

	assert_int_equal(node_to_inode(&root), 1);
}

static void every_row_survives_the_round_trip(void **state)
{
	unsigned n;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		struct node in = { &rows[i],
				   CONTAINER_MAX_SLOT - i,
				   { GATHER_MOST_FIRST - i, GATHER_MOST_SECOND - i } },
			    out;

		assert_true(node_from_inode(node_to_inode(&in), &out));
		assert_ptr_equal(out.row, in.row);
		assert_int_equal(out.slot, in.slot);
		assert_int_equal(out.index.first, in.index.first);
		assert_int_equal(out.index.second, in.index.second);
	}
}

static void foreign_numbers_are_refused(void **state)
{
	struct node node = { .row = rows_by_id(ROW_ROOT) };

	assert_false(node_from_inode(0, &node));
	assert_false(node_from_inode(ROW_IDS - 1, &node));
	assert_ptr_equal(node.row, rows_by_id(ROW_ROOT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_is_inode_1),
		cmocka_unit_test(every_row_survives_the_round_trip),
		cmocka_unit_test(foreign_numbers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
