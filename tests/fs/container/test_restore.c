/* SPDX-License-Identifier: Apache-2.0
 *
 * From one worker's registry to the next one's, through the store.
 */
#include "cgroup/path.h"
#include "fs/container/registry_private.h"
#include "tests/fs/container/handover.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#define SECOND 1000000

static void assert_same(const Container *after, const Container *before)
{
	int64_t offset_after = 0, offset_before = 0;

	assert_non_null(after);
	assert_int_equal(container_slot(after), container_slot(before));
	assert_int_equal(container_generation(after), container_generation(before));
	assert_int_equal(container_owner(after), container_owner(before));
	assert_int_equal(container_init(after), container_init(before));
	assert_int_equal(container_init_start_us(after), container_init_start_us(before));
	assert_int_equal(container_start_us(after), container_start_us(before));
	assert_int_equal(container_options(after).cpu_count, container_options(before).cpu_count);
	assert_int_equal(container_options(after).renumber_cpus, container_options(before).renumber_cpus);
	assert_int_equal(container_boot_offset_us(after, &offset_after),
			 container_boot_offset_us(before, &offset_before));
	assert_int_equal(offset_after, offset_before);
	assert_true(cg_paths_equal(container_paths(after), container_paths(before)));
}

static void registered_ones(void **state)
{
	struct handover *handover = *state;
	struct container_options options = { .cpu_count = VIEW_CPU_SHARES, .renumber_cpus = true };
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;
	g_autoptr(Container) other = NULL;
	g_autoptr(Container) one_more = NULL;
	pid_t init;

	world_cgroup(handover->world, "/box/a", "");
	world_cgroup(handover->world, "/box/b", "");
	init = world_child(handover->world, "/box/a", 40);
	before = handover_register(handover->first, "a", init);
	container_set_options(before, options);
	other = handover_register(handover->first, "gone", world_child(handover->world, "/box/b", 41));
	registry_forget(handover->first, other);
	handover_do(handover);
	after = registry_by_id(handover->next, "a");
	assert_same(after, before);
	assert_string_equal(container_id(after), "a");
	assert_int_equal(container_options(after).cpu_count, VIEW_CPU_SHARES);
	assert_null(registry_by_id(handover->next, "gone"));
	assert_int_equal(registry_generation(handover->next), registry_generation(handover->first));
	assert_false(registry_is_rebuilt(handover->next));
	one_more = handover_register(handover->next, "more", container_init(other));
	assert_int_equal(container_slot(one_more), 3); /* not 2, which inodes may still name */
	world_end_child(handover->world, container_init(other));
	world_end_child(handover->world, init);
}

static void unregistered_ones(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;
	g_autoptr(Container) new = NULL;

	world_cgroup(handover->world, "/box/a", "");
	world_cgroup(handover->world, "/box/b", "");
	before = handover_of_cgroup(handover, handover->first, "/box/a");
	handover_do(handover);
	after = handover_of_cgroup(handover, handover->next, "/box/a");
	assert_same(after, before);
	new = handover_of_cgroup(handover, handover->next, "/box/b");
	assert_int_equal(container_slot(new), container_slot(before) + 1);
}

/* ---- histories ---- */

static struct view_ticks total_at(Container *container, uint64_t now_us, uint64_t user_us)
{
	struct view_cpus cpus = { .n = 2, .host_ids = 4, .visible.word[0] = 5 };
	struct cg_cputime used = { .user_us = user_us };
	struct view_ticks total, each[2];

	container_cpu_times(container, &cpus, &used, 0, CG_LEVEL_NONE, now_us, &total, each);
	return total;
}

static void counters_go_on(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;
	struct view_ticks then, now;
	pid_t init;

	world_cgroup(handover->world, "/box/a", "");
	init = world_child(handover->world, "/box/a", 40);
	before = handover_register(handover->first, "a", init);
	total_at(before, 41 * SECOND, SECOND);
	registry_restore(handover->next);
	then = total_at(before, 50 * SECOND, 3 * SECOND);
	handover_do(handover);
	assert_int_equal(handover_records(handover, STORE_HISTORY), 1);
	after = registry_by_id(handover->next, "a");
	now = total_at(after, 50 * SECOND, 0); /* the same moment: what was shown is what is remembered */
	assert_memory_equal(&now, &then, sizeof(now));
	assert_int_equal(now.user, 300);
	now = total_at(after, 60 * SECOND, 4 * SECOND);
	assert_int_equal(now.user, 400);
	assert_int_equal(now.idle, 2 * 2000 - 400);
	world_end_child(handover->world, init);
}

static uint64_t read_bytes_at(Container *container, uint64_t now_us, uint64_t rbytes)
{
	struct cg_io_device device = { .major = 8, .rbytes = rbytes };
	struct cg_io io = { .n = 1, .device = &device };

	container_hold_io(container, &(struct io_moment){ now_us, now_us }, &io);
	return device.rbytes;
}

/* What a nested cgroup read, which is gone, is known to the next worker too. */
static void disks_go_on(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;

	world_cgroup(handover->world, "/box/a", "");
	before = handover_of_cgroup(handover, handover->first, "/box/a");
	read_bytes_at(before, 41 * SECOND, 100);
	total_at(before, 1100 * (uint64_t)SECOND, 3 * SECOND);
	registry_restore(handover->next);
	assert_int_equal(read_bytes_at(before, 51 * SECOND, 40), 100);
	handover_do(handover);
	after = handover_of_cgroup(handover, handover->next, "/box/a");
	assert_int_equal(read_bytes_at(after, 52 * SECOND, 41), 101);
	assert_int_equal(total_at(after, 1100 * (uint64_t)SECOND, 0).user, 300);
}

static uint64_t faults_at(Container *container, uint64_t now_us, uint64_t faults)
{
	struct view_events events = { .memory.pgfault = faults };

	container_hold_events(container, &(struct io_moment){ now_us, now_us }, &events);
	return events.memory.pgfault;
}

/* What happened in a nested cgroup is known too, behind what is known of disks. */
static void events_go_on(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;

	world_cgroup(handover->world, "/box/a", "");
	before = handover_of_cgroup(handover, handover->first, "/box/a");
	read_bytes_at(before, 41 * SECOND, 100);
	faults_at(before, 41 * SECOND, 70);
	registry_restore(handover->next);
	assert_int_equal(faults_at(before, 51 * SECOND, 60), 70);
	handover_do(handover);
	after = handover_of_cgroup(handover, handover->next, "/box/a");
	assert_int_equal(faults_at(after, 52 * SECOND, 61), 71);
	assert_int_equal(read_bytes_at(after, 52 * SECOND, 99), 100);
}

static void load_and_forks_go_on(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;
	uint64_t now = (uint64_t)g_get_monotonic_time();
	struct view_tasks tasks = { .total = 70 };
	pid_t init;

	world_cgroup(handover->world, "/box/a", "");
	init = world_child(handover->world, "/box/a", 40);
	before = handover_register(handover->first, "a", init);
	history_sample_load(container_history(before), now + 60 * SECOND, 8);
	history_keep_tasks(container_history(before), &(struct tasks_counted){ .now_us = 1 }, &tasks);
	handover_do(handover);
	after = registry_by_id(handover->next, "a");
	assert_true(container_load(after).avg[0] > 2 << VIEW_LOAD_BITS);
	assert_int_equal(container_load(after).avg[0], container_load(before).avg[0]);
	tasks = (struct view_tasks){ .total = 3 };
	history_keep_tasks(container_history(after), &(struct tasks_counted){ .now_us = 2 }, &tasks);
	assert_int_equal(tasks.forks, 70);
	world_end_child(handover->world, init);
}

/* What was found by its cgroup and registered later has one history, under the first one's number. */
static void a_history_that_moved(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) found = NULL;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;
	struct view_ticks then, now;
	pid_t init;

	world_cgroup(handover->world, "/box/a", "");
	init = world_child(handover->world, "/box/a", 40);
	scratch_write(handover->world->dir, "cgroup/box/a/cgroup.procs", "");
	{
		g_autofree char *procs = g_strdup_printf("%d\n", init);

		world_cgroup(handover->world, "/box/a", procs);
	}
	found = handover_of_cgroup(handover, handover->first, "/box/a");
	assert_int_equal(container_start_us(found), 40 * SECOND);
	total_at(found, 50 * SECOND, 3 * SECOND);
	before = handover_register(handover->first, "a", init);
	assert_ptr_equal(container_history(before), container_history(found));
	then = total_at(before, 60 * SECOND, 5 * SECOND);
	handover_do(handover);
	assert_null(registry_by_slot(handover->next, container_slot(found)));
	assert_int_equal(handover_records(handover, STORE_HISTORY), 1);
	after = registry_by_id(handover->next, "a");
	now = total_at(after, 60 * SECOND, 0);
	assert_memory_equal(&now, &then, sizeof(now));
	world_end_child(handover->world, init);
}

/* ---- what is not taken over ---- */

static void assert_nothing_is_left(const struct handover *handover)
{
	assert_int_equal(handover_records(handover, STORE_CONTAINER), 0);
	assert_int_equal(handover_records(handover, STORE_HISTORY), 0);
	assert_int_equal(handover_records(handover, STORE_REGISTRY), 1);
}

static void forgotten_ones_leave_nothing(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) container = NULL;
	struct view_ticks total;

	world_cgroup(handover->world, "/box/a", "");
	container = handover_of_cgroup(handover, handover->first, "/box/a");
	assert_int_equal(handover_records(handover, STORE_CONTAINER), 1);
	assert_int_equal(handover_records(handover, STORE_HISTORY), 1);
	registry_forget(handover->first, container);
	assert_nothing_is_left(handover);
	total = total_at(container, 50 * SECOND, SECOND); /* an open file goes on reading it */
	(void)total;
	(void)container_load(container);
	container_set_options(container, (struct container_options){ 0 });
	assert_nothing_is_left(handover);
	handover_do(handover);
	assert_nothing_is_left(handover);
}

static void a_cgroup_made_anew_is_another_one(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) after = NULL;

	world_cgroup(handover->world, "/box/a", "");
	before = handover_of_cgroup(handover, handover->first, "/box/a");
	world_cgroup(handover->world, "/box/other", ""); /* takes inode numbers that the file system might use again */
	world_remove_cgroup(handover->world, "/box/a");
	world_cgroup(handover->world, "/box/a", "");
	handover_do(handover);
	assert_nothing_is_left(handover);
	after = handover_of_cgroup(handover, handover->next, "/box/a");
	assert_int_equal(container_slot(after), container_slot(before) + 1);
}

static void without_its_init(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) before = NULL;
	pid_t init;

	world_cgroup(handover->world, "/box/a", "");
	init = world_child(handover->world, "/box/a", 40);
	before = handover_register(handover->first, "a", init);
	world_process(handover->world, &(struct world_process){ .pid = init, .cgroup = "/box/a", .start_s = 44 });
	handover_do(handover);
	assert_null(registry_by_id(handover->next, "a"));
	assert_nothing_is_left(handover);
	world_end_child(handover->world, init);
}

/* ---- beside a living worker ---- */

static void preloading_changes_nothing(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) first = NULL;
	g_autoptr(Container) second = NULL;
	g_autoptr(Container) other = NULL;
	g_autoptr(Container) early = NULL;
	g_autoptr(Container) late = NULL;
	struct container_options options = { .cpu_count = VIEW_CPU_CPUSET };

	world_cgroup(handover->world, "/box/a", "");
	world_cgroup(handover->world, "/box/b", "");
	world_cgroup(handover->world, "/box/c", "");
	first = handover_of_cgroup(handover, handover->first, "/box/a");
	other = handover_of_cgroup(handover, handover->first, "/box/b");
	registry_restore(handover->next);
	registry_restore(handover->next);
	early = registry_by_slot(handover->next, container_slot(first));
	assert_same(early, first);
	(void)container_load(early);
	assert_int_equal(handover_records(handover, STORE_CONTAINER), 2);
	container_set_options(first, options);
	registry_forget(handover->first, other);
	second = handover_of_cgroup(handover, handover->first, "/box/c");
	registry_restore(handover->next);
	late = registry_by_slot(handover->next, container_slot(first));
	assert_same(late, first);
	assert_null(registry_by_slot(handover->next, container_slot(other)));
	handover_do(handover);
	g_clear_pointer(&late, container_unref);
	late = registry_by_slot(handover->next, container_slot(second));
	assert_same(late, second);
	assert_int_equal(handover_records(handover, STORE_CONTAINER), 2);
}

/* Between two looks a container was forgotten, and its id and its cgroup are others' by now. */
static void places_that_changed_hands(void **state)
{
	struct handover *handover = *state;
	g_autoptr(Container) first = NULL;
	g_autoptr(Container) again = NULL;
	g_autoptr(Container) found = NULL;
	g_autoptr(Container) after = NULL;
	g_autoptr(Container) beside = NULL;
	pid_t init, other;

	world_cgroup(handover->world, "/box/a", "");
	world_cgroup(handover->world, "/box/b", "");
	init = world_child(handover->world, "/box/a", 40);
	other = world_child(handover->world, "/box/b", 41);
	first = handover_register(handover->first, "a", init);
	registry_restore(handover->next);
	registry_forget(handover->first, first);
	again = handover_register(handover->first, "a", other);
	found = handover_of_cgroup(handover, handover->first, "/box/a");
	handover_do(handover);
	after = registry_by_id(handover->next, "a");
	assert_same(after, again);
	beside = registry_by_slot(handover->next, container_slot(found));
	assert_same(beside, found);
	world_end_child(handover->world, init);
	world_end_child(handover->world, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registered_ones, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(unregistered_ones, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(counters_go_on, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(disks_go_on, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(events_go_on, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(load_and_forks_go_on, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(a_history_that_moved, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(forgotten_ones_leave_nothing, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(a_cgroup_made_anew_is_another_one, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(without_its_init, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(places_that_changed_hands, handover_setup, handover_teardown),
		cmocka_unit_test_setup_teardown(preloading_changes_nothing, handover_setup, handover_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
