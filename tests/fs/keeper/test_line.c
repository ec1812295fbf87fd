/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/keeper/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void messages_come_one_by_one_and_then_none(void **state)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(line_receive(ends[1]), LINE_NOTHING);
	assert_true(line_send(ends[0], LINE_STANDBY));
	assert_true(line_send(ends[0], LINE_BEAT));
	assert_int_equal(line_receive(ends[1]), LINE_STANDBY);
	assert_int_equal(line_receive(ends[1]), LINE_BEAT);
	assert_int_equal(line_receive(ends[1]), LINE_NOTHING);
	close(ends[0]);
	assert_int_equal(line_receive(ends[1]), LINE_CLOSED);
	assert_false(line_send(ends[1], LINE_QUIT));
	close(ends[1]);
}

/* A keeper that is stopped must not stop its worker. */
static void whoever_does_not_read_is_not_waited_for(void **state)
{
	int ends[2];
	unsigned sent = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	while (sent < 1000000 && line_send(ends[0], LINE_BEAT))
		sent++;
	assert_in_range(sent, 1, 999999);
	for (unsigned i = 0; i < sent; i++)
		assert_int_equal(line_receive(ends[1]), LINE_BEAT);
	assert_int_equal(line_receive(ends[1]), LINE_NOTHING);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_one_by_one_and_then_none),
		cmocka_unit_test(whoever_does_not_read_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
