/* SPDX-License-Identifier: Apache-2.0
 *
 * What the next worker does with records that it cannot use, and without any.
 */
#include "tests/fs/container/handover.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Bytes of a container's record, as they would be with these changes. */
struct change {
	const char *id;
	uint64_t slot;
	bool other_history;
};

static void put_changed(const struct handover *handover, Container *container, const struct change *change)
{
	struct saved_container saved = {
		.id = (char *)(uintptr_t)change->id,
		.generation = 1,
		.history = change->other_history ? 77 : container_slot(container),
		.init = container_init(container),
		.init_start_us = container_init_start_us(container),
		.start_us = container_start_us(container),
		.paths = *container_paths(container),
	};
	g_autoptr(GVariant) record = NULL;
	g_autoptr(CgGroup) group = container_group(container, NULL);

	saved.identity = *cg_group_identity(group);
	record = saved_container_write(&saved);
	assert_true(store_put(handover->store, 0, STORE_CONTAINER, change->slot, g_variant_get_data(record),
			      g_variant_get_size(record)) != 0);
}

/* What the last handover has said. GLib's handler is the process's, and so is this text. */
struct log {
	GString *text;
};

static GLogWriterOutput take_down(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
	const struct log *log = data;

	for (gsize i = 0; i < n; i++)
		if (strcmp(fields[i].key, "MESSAGE") == 0)
			g_string_append_printf(log->text, "%s%s\n", level & G_LOG_LEVEL_WARNING ? "warning: " : "",
					       (const char *)fields[i].value);
	return G_LOG_WRITER_HANDLED;
}

static struct log the_log;

static void assert_said(const char *part)
{
	assert_has(the_log.text->str, part);
}

static int setup(void **state)
{
	g_string_truncate(the_log.text, 0);
	return handover_setup(state);
}

/* One good container in it. */
static Container *good_one(const struct handover *handover)
{
	world_cgroup(handover->world, "/box/good", "");
	return handover_of_cgroup(handover, handover->first, "/box/good");
}

static void assert_only_the_good_one(struct handover *handover, const Container *good)
{
	g_autoptr(Container) after = NULL;

	handover_do(handover);
	after = registry_by_slot(handover->next, container_slot(good));
	assert_non_null(after);
	assert_int_equal(handover_records(handover, STORE_CONTAINER), 1);
	assert_int_equal(handover_records(handover, STORE_HISTORY), 1);
}

static void garbage(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);

	assert_true(store_put(handover->store, 0, STORE_CONTAINER, 5, "rubbish", 7) != 0);
	assert_true(store_put(handover->store, 0, STORE_HISTORY, 5, "rubbish", 7) != 0);
	registry_restore(handover->next);
	assert_int_equal(the_log.text->len, 0); /* who only reads along says nothing */
	assert_only_the_good_one(handover, good);
	assert_said("warning: the state: container 5 is dropped: not a dictionary in normal form\n");
	assert_said("warning: the state: the history of container 5 is dropped: too short\n");
}

/* Its counters begin anew, but it is the same container. */
static void garbage_for_a_history(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);

	assert_true(store_put(handover->store, 0, STORE_HISTORY, container_slot(good), "rubbish", 7) != 0);
	assert_only_the_good_one(handover, good);
	assert_said("is dropped: too short");
}

static void without_a_history(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);
	struct view_cpus cpus = { .n = 1, .host_ids = 1, .visible.word[0] = 1 };
	struct view_ticks total, each[1];
	struct cg_cputime used = { .user_us = 1 };

	history_let_go(container_history(good));
	assert_int_equal(handover_records(handover, STORE_HISTORY), 0);
	registry_restore(handover->next);
	assert_null(registry_by_slot(handover->next, container_slot(good))); /* it may be on its way */
	assert_only_the_good_one(handover, good);
	good = (container_unref(good), registry_by_slot(handover->next, container_slot(good)));
	container_cpu_times(good, &cpus, &used, 0, CG_LEVEL_NONE, 2000000000, &total, each);
	assert_int_equal(handover_records(handover, STORE_HISTORY), 1);
}

static void numbers_that_do_not_fit(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);

	put_changed(handover, good, &(struct change){ .id = "registered", .slot = CONTAINER_MAX_SLOT + 9 });
	put_changed(handover, good, &(struct change){ .id = NULL, .slot = 9 });
	put_changed(handover, good, &(struct change){ .id = NULL, .slot = 0 });
	put_changed(handover, good, &(struct change){ .id = NULL, .slot = CONTAINER_MAX_NUMBER + 1 });
	assert_only_the_good_one(handover, good);
	assert_said("warning: the state: container 9 is dropped: not a number for it\n");
	assert_said("container 268435464 is dropped: not a number for it\n");
}

static void an_id_that_is_none(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);

	put_changed(handover, good, &(struct change){ .id = "../x", .slot = 9 });
	assert_only_the_good_one(handover, good);
	assert_said("its id is none");
}

/* Killed between the writing of the registered one and the forgetting of the one that gave way. */
static void two_of_one_cgroup(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);
	g_autoptr(Container) after = NULL;

	put_changed(handover, good, &(struct change){ .id = "registered", .slot = 9 });
	handover_do(handover);
	after = registry_by_id(handover->next, "registered");
	assert_non_null(after);
	assert_int_equal(container_slot(after), 9);
	assert_null(registry_by_slot(handover->next, container_slot(good)));
	assert_int_equal(handover_records(handover, STORE_CONTAINER), 1);
	assert_int_equal(handover_records(handover, STORE_HISTORY), 1);
}

static void two_of_one_id(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);

	put_changed(handover, good, &(struct change){ .id = "twice", .slot = 8 });
	put_changed(handover, good, &(struct change){ .id = "twice", .slot = 9 });
	handover_do(handover);
	assert_int_equal(handover_records(handover, STORE_CONTAINER), 1);
	assert_said("another container has its place");
}

static void many_are_not_all_named(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) good = good_one(handover);
	g_auto(GStrv) lines = NULL;

	for (unsigned i = 0; i < 100; i++)
		assert_true(store_put(handover->store, 0, STORE_CONTAINER, 5 + i, "rubbish", 7) != 0);
	assert_only_the_good_one(handover, good);
	assert_said("the state: 90 more records are dropped\n");
	lines = g_strsplit(the_log.text->str, "\n", -1);
	assert_int_equal(g_strv_length(lines), 12);
}

/* ---- numbers ---- */

static void a_lost_state_is_rebuilt(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) container = NULL;
	pid_t init;

	assert_int_equal(store_format(handover->fd), 0);
	g_clear_pointer(&handover->next_store, store_close);
	handover->next_store = store_open(handover->fd, NULL);
	registry_keep_in(handover->next, handover->next_store);
	handover_do(handover);
	assert_true(registry_is_rebuilt(handover->next));
	assert_int_not_equal(registry_generation(handover->next), 0);
	world_cgroup(handover->world, "/box/a", "");
	init = world_child(handover->world, "/box/a", 40);
	container = handover_register(handover->next, "a", init);
	assert_in_range(container_slot(container), (CONTAINER_MAX_SLOT + 1) / 16, (CONTAINER_MAX_SLOT + 1) / 8);
	world_end_child(handover->world, init);
}

/* Whoever comes after the one that rebuilt it knows of it. */
static void rebuilt_for_ever(void **state)
{
	struct handover *handover = *state;
	struct saved_numbers numbers = { .last_slot = 7, .generation = 3, .rebuilt = true };

	registry_begin_keeping(handover->first, NULL, 0, &numbers);
	assert_int_equal(registry_generation(handover->first), 3);
	assert_true(registry_is_rebuilt(handover->first));
	registry_keep_in(handover->first, handover->store);
	registry_take_over(handover->first, false);
	assert_false(registry_is_rebuilt(handover->first)); /* what was written at the start */
	registry_begin_keeping(handover->first, handover->store, 0, &numbers);
	handover_do(handover);
	assert_true(registry_is_rebuilt(handover->next));
	assert_int_equal(registry_generation(handover->next), 3);
}

static void without_a_store(void **state)
{
	struct handover *handover = *state;
	static const struct container_options defaults = { 0 };
	Registry *registry = registry_new(handover->world->host, handover->world->hierarchies, &defaults);

	registry_restore(registry);
	registry_take_over(registry, true);
	assert_false(registry_is_rebuilt(registry));
	assert_int_not_equal(registry_generation(registry), 0);
	registry_free(registry);
}

/* ---- inits ---- */

static void inits_are_watched_again(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) container = NULL;
	struct pollfd poll_fd = { .events = POLLIN };
	pid_t init;

	world_cgroup(handover->world, "/box/a", "");
	init = world_child(handover->world, "/box/a", 40);
	container = handover_register(handover->first, "a", init);
	poll_fd.fd = registry_open_init(handover->first, container);
	assert_true(poll_fd.fd >= 0);
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	/* Another process has the number by now. */
	world_process(handover->world, &(struct world_process){ .pid = init, .cgroup = "/box/a", .start_s = 41 });
	assert_int_equal(registry_open_init(handover->first, container), -ESRCH);
	world_end_child(handover->world, init);
	assert_int_equal(poll(&poll_fd, 1, 10000), 1);
	assert_int_equal(registry_open_init(handover->first, container), -ESRCH);
	close(poll_fd.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(garbage, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(garbage_for_a_history, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(without_a_history, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(numbers_that_do_not_fit, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(an_id_that_is_none, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(two_of_one_cgroup, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(two_of_one_id, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(many_are_not_all_named, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(a_lost_state_is_rebuilt, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(rebuilt_for_ever, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(without_a_store, setup, handover_teardown),
		cmocka_unit_test_setup_teardown(inits_are_watched_again, setup, handover_teardown),
	};
	int failed;

	the_log.text = g_string_new(NULL);
	g_log_set_writer_func(take_down, &the_log, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_string_free(the_log.text, TRUE);
	return failed;
}
