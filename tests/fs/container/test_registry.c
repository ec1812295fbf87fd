/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/registry.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/registry_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_refused(const struct world *world, const char *id, pid_t init, int code, const char *says)
{
	g_autoptr(GError) error = NULL;

	assert_null(world_register(world, id, init, &error));
	assert_true(g_error_matches(error, CG_ERROR, code));
	assert_has(error->message, says);
}

static Container *of_cgroup(const struct world *world, const char *path, pid_t init, GError **error)
{
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(world, path);

	return registry_of_cgroup(world->registry, &paths, init, error);
}

static void registers_and_forgets(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) container = NULL;
	g_autoptr(Container) by_id = NULL;
	g_autoptr(Container) by_slot = NULL;
	pid_t init;

	world_cgroup(world, "/box/a", "");
	init = world_child(world, "/box/a/init.scope", 40);
	container = world_register(world, "box-a", init, NULL);
	assert_non_null(container);
	assert_string_equal(container_id(container), "box-a");
	assert_int_equal(container_init(container), init);
	assert_int_equal(container_start_us(container), 40000000);
	assert_string_equal(container_paths(container)->of[CG_MEMORY], "/box/a");
	by_id = registry_by_id(world->registry, "box-a");
	by_slot = registry_by_slot(world->registry, container_slot(container));
	assert_ptr_equal(by_id, container);
	assert_ptr_equal(by_slot, container);
	world_assert_holder(world, "/box/a", container);
	world_assert_holder(world, "/box/a/deep/in", container);
	world_assert_holder(world, "/box/ab", NULL);
	world_assert_holder(world, "/box", NULL);
	world_assert_holder(world, "/", NULL);

	registry_forget(world->registry, container);
	registry_forget(world->registry, container);
	world_assert_holder(world, "/box/a", NULL);
	assert_null(registry_by_id(world->registry, "box-a"));
	assert_null(registry_by_slot(world->registry, container_slot(container)));
	world_end_child(world, init);
}

static void refuses_with_a_sentence(void **state)
{
	struct world *world = *state;
	g_autofree char *long_id = g_strnfill(256, 'a');
	pid_t init;

	world_cgroup(world, "/box/b", "");
	init = world_child(world, "/", 40);
	assert_refused(world, "", init, EINVAL, "id");
	assert_refused(world, NULL, init, EINVAL, "id");
	assert_refused(world, ".", init, EINVAL, "id");
	assert_refused(world, "..", init, EINVAL, "id");
	assert_refused(world, "a/b", init, EINVAL, "id");
	assert_refused(world, long_id, init, EINVAL, "id");
	assert_refused(world, "b", 0, ESRCH, "process 0");
	assert_refused(world, "b", -1, ESRCH, "process -1");
	assert_refused(world, "b", init, EINVAL, "root cgroup");
	world_process(world, &(struct world_process){ .pid = init, .cgroup = "/box/none", .start_s = 40 });
	assert_refused(world, "b", init, ESRCH, "/box/none");
	world_end_child(world, init);
	assert_refused(world, "b", init, ESRCH, "No such process");
}

/* All is as if it lived, but the pidfd says that the process has ended: a zombie, or another one has its pid. */
static void an_ended_process_is_refused(void **state)
{
	struct world *world = *state;
	siginfo_t info;
	pid_t init = fork();

	if (init == 0)
		_exit(0);
	world_cgroup(world, "/box/c", "");
	world_process(world, &(struct world_process){ .pid = init, .cgroup = "/box/c", .start_s = 40 });
	assert_int_equal(waitid(P_PID, (id_t)init, &info, WEXITED | WNOWAIT), 0);
	assert_refused(world, "c", init, ESRCH, "has ended");
	world_end_child(world, init);
}

static void the_pidfd_tells_the_end(void **state)
{
	struct world *world = *state;
	struct pollfd poll_fd = { .events = POLLIN };
	g_autoptr(Container) container = NULL;
	struct registration registration = { .id = "d" };

	world_cgroup(world, "/box/d", "");
	registration.init = world_child(world, "/box/d", 40);
	container = registry_register(world->registry, &registration, &poll_fd.fd, NULL);
	assert_non_null(container);
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	world_end_child(world, registration.init);
	assert_int_equal(poll(&poll_fd, 1, 5000), 1);
	close(poll_fd.fd);
	registry_forget(world->registry, container);
}

static void saying_it_again_changes_the_options(void **state)
{
	struct world *world = *state;
	struct registration registration = { .id = "e" };
	g_autoptr(Container) first = NULL;
	g_autoptr(Container) second = NULL;
	int pidfd;

	world_cgroup(world, "/box/e", "");
	registration.init = world_child(world, "/box/e", 40);
	first = world_register(world, "e", registration.init, NULL);
	registration.options = (struct container_options){ .cpu_count = VIEW_CPU_SHARES, .renumber_cpus = true };
	second = registry_register(world->registry, &registration, &pidfd, NULL);
	close(pidfd);
	assert_ptr_equal(first, second);
	assert_int_equal(container_options(first).cpu_count, VIEW_CPU_SHARES);
	assert_true(container_options(first).renumber_cpus);
	registry_forget(world->registry, first);
	world_end_child(world, registration.init);
}

static void an_id_is_taken_over_from_the_dead(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) old = NULL;
	g_autoptr(Container) new = NULL;
	g_autoptr(Container) found = NULL;
	pid_t first, second;

	world_cgroup(world, "/box/f1", "");
	world_cgroup(world, "/box/f2", "");
	first = world_child(world, "/box/f1", 40);
	second = world_child(world, "/box/f2", 50);
	old = world_register(world, "f", first, NULL);
	assert_refused(world, "f", second, EEXIST, "which is running");
	/* another process with the same pid */
	world_process(world, &(struct world_process){ .pid = first, .cgroup = "/other", .start_s = 45 });
	new = world_register(world, "f", second, NULL);
	assert_non_null(new);
	assert_true(container_slot(new) > container_slot(old));
	registry_forget(world->registry, old); /* late: it is not this one */
	found = registry_by_id(world->registry, "f");
	assert_ptr_equal(found, new);
	world_assert_holder(world, "/box/f1", NULL);
	world_assert_holder(world, "/box/f2", new);
	registry_forget(world->registry, new);
	world_end_child(world, first);
	world_end_child(world, second);
}

static void zombies_own_no_id(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) old = NULL;
	g_autoptr(Container) new = NULL;
	pid_t first, second;

	world_cgroup(world, "/box/g", "");
	first = world_child(world, "/box/g", 40);
	second = world_child(world, "/box/g", 50);
	old = world_register(world, "g", first, NULL);
	world_process(world, &(struct world_process){ .pid = first, .cgroup = "/box/g", .start_s = 40, .state = 'Z' });
	new = world_register(world, "g", second, NULL);
	assert_non_null(new);
	assert_ptr_not_equal(old, new);
	registry_forget(world->registry, new);
	world_end_child(world, first);
	world_end_child(world, second);
}

static void found_by_cgroup(void **state)
{
	struct world *world = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Container) first = NULL;
	g_autoptr(Container) again = NULL;
	g_autoptr(Container) root = NULL;
	g_autoptr(Container) empty = NULL;

	world_cgroup(world, "/own", "60\n61\n62\n");
	world_process(world, &(struct world_process){ .pid = 60, .start_s = 30 });
	world_process(world, &(struct world_process){ .pid = 61, .start_s = 20 });
	world_process(world, &(struct world_process){ .pid = 62, .start_s = 25 });
	first = of_cgroup(world, "/own", 0, NULL);
	again = of_cgroup(world, "/own", 62, NULL);
	assert_non_null(first);
	assert_ptr_equal(first, again);
	assert_null(container_id(first));
	assert_int_equal(container_start_us(first), 20000000); /* the oldest */
	root = of_cgroup(world, "/", 0, NULL);
	assert_int_equal(container_start_us(root), 0);
	world_cgroup(world, "/empty", "");
	empty = of_cgroup(world, "/empty", 0, NULL);
	assert_int_equal(container_start_us(empty), WORLD_NOW_US);
	assert_null(of_cgroup(world, "/never", 0, &error));
	assert_true(g_error_matches(error, CG_ERROR, ESRCH));
}

static void init_tells_the_start(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) container = NULL;

	world_cgroup(world, "/withinit", "60\n63\n");
	world_process(world, &(struct world_process){ .pid = 60, .start_s = 30 });
	world_process(world, &(struct world_process){ .pid = 63, .start_s = 35 });
	container = of_cgroup(world, "/withinit", 63, NULL);
	assert_int_equal(container_start_us(container), 35000000);
	assert_int_equal(container_init(container), 63);
}

static void a_new_cgroup_of_the_same_name_is_another(void **state)
{
	struct world *world = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Container) old = NULL;
	g_autoptr(Container) new = NULL;
	g_autoptr(CgGroup) group = NULL;

	world_cgroup(world, "/again", "");
	old = of_cgroup(world, "/again", 0, NULL);
	group = container_group(old, NULL);
	assert_non_null(group);
	world_remove_cgroup(world, "/again");
	assert_null(container_group(old, &error));
	assert_true(g_error_matches(error, CG_ERROR, ESRCH));
	assert_null(of_cgroup(world, "/again", 0, NULL));
	world_cgroup(world, "/again", "");
	new = of_cgroup(world, "/again", 0, NULL);
	assert_non_null(new);
	assert_true(container_slot(new) > container_slot(old));
	assert_null(container_group(old, NULL)); /* for ever */
	assert_null(registry_by_slot(world->registry, container_slot(old)));
}

/* A registered container whose cgroup is gone stays until it is forgotten, but is in nobody's way. */
static void a_registered_one_whose_cgroup_is_gone(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) old = NULL;
	g_autoptr(Container) new = NULL;
	g_autoptr(Container) found = NULL;
	pid_t init;

	world_cgroup(world, "/gone", "");
	init = world_child(world, "/gone", 40);
	old = world_register(world, "gone", init, NULL);
	world_remove_cgroup(world, "/gone");
	assert_null(container_group(old, NULL));
	world_cgroup(world, "/gone", "");
	new = of_cgroup(world, "/gone", 0, NULL);
	assert_non_null(new);
	assert_ptr_not_equal(new, old);
	registry_tidy(world->registry);
	found = registry_by_id(world->registry, "gone");
	assert_ptr_equal(found, old);
	registry_forget(world->registry, old);
	world_end_child(world, init);
}

static void tidying_drops_what_is_gone(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) gone = NULL;
	g_autoptr(Container) there = NULL;
	g_autoptr(Container) found = NULL;

	world_cgroup(world, "/tidy1", "");
	world_cgroup(world, "/tidy2", "");
	gone = of_cgroup(world, "/tidy1", 0, NULL);
	there = of_cgroup(world, "/tidy2", 0, NULL);
	world_remove_cgroup(world, "/tidy1");
	registry_tidy(world->registry);
	assert_null(registry_by_slot(world->registry, container_slot(gone)));
	found = registry_by_slot(world->registry, container_slot(there));
	assert_ptr_equal(found, there);
}

/* What was shown before the hook spoke goes on: no counter starts again. */
static void registering_keeps_the_history(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) container = NULL;
	g_autoptr(Container) same = NULL;
	g_autoptr(Container) successor = NULL;
	pid_t init;

	world_cgroup(world, "/attach", "");
	init = world_child(world, "/attach", 40);
	before = of_cgroup(world, "/attach", init, NULL);
	container = world_register(world, "attach", init, NULL);
	assert_ptr_not_equal(before, container);
	assert_ptr_equal(container_history(before), container_history(container));
	assert_null(registry_by_slot(world->registry, container_slot(before)));
	successor = registry_successor(world->registry, container_slot(before));
	assert_ptr_equal(successor, container);
	same = of_cgroup(world, "/attach", 0, NULL);
	assert_ptr_equal(same, container);
	registry_forget(world->registry, container);
	assert_null(registry_successor(world->registry, container_slot(before)));
	world_end_child(world, init);
}

/* Times since one moment beside an uptime since another would be nonsense. */
static void but_not_one_that_began_at_another_moment(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) before = NULL;
	g_autoptr(Container) container = NULL;
	pid_t init;

	world_cgroup(world, "/other", "");
	before = of_cgroup(world, "/other", 0, NULL);
	init = world_child(world, "/other", 40);
	container = world_register(world, "other", init, NULL);
	assert_int_not_equal(container_start_us(before), container_start_us(container));
	assert_ptr_not_equal(container_history(before), container_history(container));
	registry_forget(world->registry, container);
	world_end_child(world, init);
}

static void slots_of_the_registered_end(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) found = NULL;
	g_autoptr(Container) last = NULL;
	g_autoptr(Container) again = NULL;
	g_autoptr(Container) other = NULL;
	g_autoptr(Container) still = NULL;
	pid_t init;

	world_cgroup(world, "/end", "");
	world_cgroup(world, "/end2", "");
	init = world_child(world, "/end", 40);
	found = of_cgroup(world, "/end", 0, NULL);
	assert_true(container_slot(found) > CONTAINER_MAX_SLOT);
	registry_set_last(world->registry, CONTAINER_MAX_SLOT - 1);
	last = world_register(world, "last", init, NULL);
	assert_int_equal(container_slot(last), CONTAINER_MAX_SLOT);
	assert_refused(world, "more", init, ENOSPC, "used up");
	again = world_register(world, "last", init, NULL); /* takes no new one */
	assert_ptr_equal(again, last);
	world_assert_holder(world, "/end", last);
	other = of_cgroup(world, "/end2", 0, NULL);
	assert_int_equal(container_slot(other), container_slot(found) + 1);
	world_process(world, &(struct world_process){ .pid = init, .cgroup = "/end2", .start_s = 40 });
	assert_refused(world, "more", init, ENOSPC, "used up");
	still = of_cgroup(world, "/end2", 0, NULL);
	assert_ptr_equal(still, other);
	registry_forget(world->registry, last);
	world_end_child(world, init);
}

/* The numbers of the others begin anew, but none is another's. */
static void numbers_of_the_others_go_round(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) first = NULL;
	g_autoptr(Container) last = NULL;
	g_autoptr(Container) anew = NULL;

	world_cgroup(world, "/a", "");
	world_cgroup(world, "/b", "");
	world_cgroup(world, "/c", "");
	first = of_cgroup(world, "/a", 0, NULL);
	assert_int_equal(container_slot(first), CONTAINER_MAX_SLOT + 1);
	registry_set_last(world->registry, CONTAINER_MAX_NUMBER - 1);
	last = of_cgroup(world, "/b", 0, NULL);
	assert_int_equal(container_slot(last), CONTAINER_MAX_NUMBER);
	anew = of_cgroup(world, "/c", 0, NULL);
	assert_int_equal(container_slot(anew), CONTAINER_MAX_SLOT + 2);
}

/* Open files of this cgroup, removed or not. (The directory itself stays open as long as the group is an object.) */
static unsigned kept_of(const struct world *world, const char *cgroup)
{
	g_autofree char *part = g_strconcat("/cgroup", cgroup, "/", NULL);
	g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
	const char *name;
	unsigned n = 0;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_strconcat("/proc/self/fd/", name, NULL);
		g_autofree char *target = g_file_read_link(path, NULL);

		n += target && g_str_has_prefix(target, world->dir) && strstr(target, part);
	}
	return n;
}

static void read_it(const struct world *world, const char *cgroup, Container *container)
{
	g_autofree char *current = g_strconcat("cgroup", cgroup, "/pids.current", NULL);
	g_autofree char *max = g_strconcat("cgroup", cgroup, "/pids.max", NULL);
	g_autoptr(CgGroup) group = container_group(container, NULL);
	g_autoptr(GError) error = NULL;
	struct cg_pids pids;

	scratch_write(world->dir, current, "1\n");
	scratch_write(world->dir, max, "max\n");
	assert_non_null(group);
	if (!cg_group_pids(group, &pids, &error))
		fail_msg("%s", error->message);
	assert_true(kept_of(world, cgroup) > 0);
}

/* An open file holds the container, but what is forgotten holds no descriptors: nobody would trim it. */
static void the_forgotten_keep_nothing(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) gone = NULL;
	g_autoptr(Container) retired = NULL;
	g_autoptr(Container) found = NULL;
	g_autoptr(Container) registered = NULL;
	pid_t init;

	world_cgroup(world, "/gone1", "");
	world_cgroup(world, "/gone2", "");
	world_cgroup(world, "/found", "");
	gone = of_cgroup(world, "/gone1", 0, NULL);
	retired = of_cgroup(world, "/gone2", 0, NULL);
	found = of_cgroup(world, "/found", 0, NULL);
	read_it(world, "/gone1", gone);
	read_it(world, "/gone2", retired);
	read_it(world, "/found", found);

	world_remove_cgroup(world, "/gone2");
	assert_null(of_cgroup(world, "/gone2", 0, NULL));
	assert_int_equal(kept_of(world, "/gone2"), 0);
	world_remove_cgroup(world, "/gone1");
	registry_tidy(world->registry);
	assert_int_equal(kept_of(world, "/gone1"), 0);

	init = world_child(world, "/found", 40);
	registered = world_register(world, "found", init, NULL);
	assert_int_equal(kept_of(world, "/found"), 0); /* whose place is taken */
	read_it(world, "/found", registered);
	registry_forget(world->registry, registered);
	assert_int_equal(kept_of(world, "/found"), 0);
	world_end_child(world, init);
}

/* A client that goes on reading what is gone does not keep it open. */
static void reading_what_is_gone_keeps_nothing(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) container = NULL;
	pid_t init;

	world_cgroup(world, "/read", "");
	init = world_child(world, "/read", 40);
	container = world_register(world, "read", init, NULL);
	read_it(world, "/read", container);
	registry_tidy(world->registry);
	assert_true(kept_of(world, "/read") > 0);
	world_remove_cgroup(world, "/read");
	assert_null(container_group(container, NULL));
	registry_tidy(world->registry);
	assert_int_equal(kept_of(world, "/read"), 0);
	registry_forget(world->registry, container);
	world_end_child(world, init);
}

static void lists(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) a = NULL;
	g_autoptr(Container) b = NULL;
	g_autoptr(Container) own = NULL;
	g_autoptr(GPtrArray) list = NULL;
	g_autoptr(GPtrArray) sampled = NULL;
	g_autoptr(GPtrArray) more = NULL;
	pid_t init;

	world_cgroup(world, "/list", "");
	world_cgroup(world, "/list2", "");
	init = world_child(world, "/list", 40);
	a = world_register(world, "a", init, NULL);
	b = world_register(world, "b", init, NULL);
	own = of_cgroup(world, "/list2", 0, NULL);
	list = registry_list(world->registry);
	assert_int_equal(list->len, 2);
	assert_ptr_equal(list->pdata[0], a);
	assert_ptr_equal(list->pdata[1], b);
	sampled = registry_sampled(world->registry);
	assert_int_equal(sampled->len, 2);
	container_load(own);
	more = registry_sampled(world->registry);
	assert_int_equal(more->len, 3);
	assert_ptr_equal(more->pdata[2], own);
	registry_forget(world->registry, a);
	registry_forget(world->registry, b);
	world_end_child(world, init);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registers_and_forgets, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(refuses_with_a_sentence, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(an_ended_process_is_refused, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_pidfd_tells_the_end, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(saying_it_again_changes_the_options, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(an_id_is_taken_over_from_the_dead, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(zombies_own_no_id, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(found_by_cgroup, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(init_tells_the_start, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_new_cgroup_of_the_same_name_is_another, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_registered_one_whose_cgroup_is_gone, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(tidying_drops_what_is_gone, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(registering_keeps_the_history, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(but_not_one_that_began_at_another_moment, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(slots_of_the_registered_end, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(numbers_of_the_others_go_round, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_forgotten_keep_nothing, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(reading_what_is_gone_keeps_nothing, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(lists, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
