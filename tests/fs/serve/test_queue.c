/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/queue.h"
#include "tests/fs/harness.h"

#define QUANTUM 100

static int set_up(void **state)
{
	*state = queue_new(8, QUANTUM, 2);
	return 0;
}

static int tear_down(void **state)
{
	queue_free(*state);
	return 0;
}

/* One that is served at once. */
static uint32_t serve(Queue *queue, int64_t cost)
{
	uint32_t item = queue_pick(queue);

	if (item != QUEUE_NONE)
		queue_done(queue, item, cost);
	return item;
}

static void one_flow_keeps_its_order(void **state)
{
	Queue *queue = *state;

	for (uint32_t i = 0; i < 5; i++)
		queue_push(queue, 7, i);
	assert_int_equal(queue_length(queue), 5);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(serve(queue, 1), i);
	assert_int_equal(queue_pick(queue), QUEUE_NONE);
	assert_int_equal(queue_length(queue), 0);
}

static void who_asks_seldom_goes_first(void **state)
{
	Queue *queue = *state;

	for (uint32_t i = 0; i < 5; i++)
		queue_push(queue, 1, i);
	assert_int_equal(serve(queue, QUANTUM), 0);
	assert_int_equal(serve(queue, QUANTUM), 1); /* its first turn is over: it is one of those that take turns */
	queue_push(queue, 2, 5);
	assert_int_equal(serve(queue, QUANTUM), 5);
	assert_int_equal(serve(queue, QUANTUM), 2);
}

/* One that empties its queue each time does not always come back as one that seldom asks. */
static void who_asks_always_takes_turns(void **state)
{
	Queue *queue = *state;
	unsigned of_other = 0;

	for (uint32_t i = 0; i < 4; i++)
		queue_push(queue, 1, i);
	serve(queue, QUANTUM);
	for (unsigned i = 0; i < 6; i++) {
		uint32_t item;

		queue_push(queue, 2, 7);
		while ((item = serve(queue, QUANTUM)) != 7)
			of_other++;
	}
	assert_in_range(of_other, 2, 3);
}

static void a_flow_runs_so_many_at_a_time(void **state)
{
	Queue *queue = *state;

	for (uint32_t i = 0; i < 4; i++)
		queue_push(queue, 1, i);
	assert_false(queue_is_full(queue, 1));
	assert_int_equal(queue_pick(queue), 0);
	assert_int_equal(queue_pick(queue), 1);
	assert_true(queue_is_full(queue, 1));
	assert_int_equal(queue_pick(queue), QUEUE_NONE);
	queue_push(queue, 2, 6);
	assert_int_equal(queue_pick(queue), 6);
	queue_done(queue, 0, 1);
	assert_int_equal(queue_pick(queue), 2);
	assert_int_equal(queue_pick(queue), QUEUE_NONE);
}

static void an_adopted_item_counts(void **state)
{
	Queue *queue = *state;

	queue_adopt(queue, 1, 3);
	queue_adopt(queue, 1, 4);
	queue_adopt(queue, 1, 5);
	assert_true(queue_is_full(queue, 1));
	queue_push(queue, 1, 0);
	assert_int_equal(queue_pick(queue), QUEUE_NONE);
	queue_done(queue, 3, 1);
	assert_int_equal(queue_pick(queue), QUEUE_NONE);
	queue_done(queue, 5, 1);
	assert_int_equal(queue_pick(queue), 0);
}

static void what_is_taken_out_does_not_come(void **state)
{
	Queue *queue = *state;

	for (uint32_t i = 0; i < 3; i++)
		queue_push(queue, 1, i);
	queue_push(queue, 2, 3);
	queue_remove(queue, 1);
	queue_remove(queue, 3);
	assert_int_equal(queue_length(queue), 2);
	assert_int_equal(serve(queue, 1), 0);
	assert_int_equal(serve(queue, 1), 2);
	assert_int_equal(serve(queue, 1), QUEUE_NONE);
}

static void there_may_be_as_many_flows_as_items(void **state)
{
	Queue *queue = *state;

	for (unsigned round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < 8; i++)
			queue_push(queue, round * 8 + i, i);
		for (uint32_t i = 0; i < 8; i++)
			assert_int_equal(serve(queue, 1000), i);
	}
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(one_flow_keeps_its_order),
		test(who_asks_seldom_goes_first),
		test(who_asks_always_takes_turns),
		test(a_flow_runs_so_many_at_a_time),
		test(an_adopted_item_counts),
		test(what_is_taken_out_does_not_come),
		test(there_may_be_as_many_flows_as_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
