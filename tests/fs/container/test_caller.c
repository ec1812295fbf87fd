/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/caller.h"

#include "cgroup/error.h"
#include "fs/container/container_private.h"
#include "fs/container/pid_namespace.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OTHER_NS 4026532999

/* Step and memory path that a caller gets. */
static void assert_found(const struct world *world, pid_t tid, enum caller_step step, const char *path)
{
	g_autoptr(GError) error = NULL;
	enum caller_step found = 0;
	g_autoptr(Container) container = caller_container(world->registry, tid, false, &found, &error);

	if (!container)
		fail_msg("%d: %s", tid, error->message);
	assert_string_equal(container_paths(container)->of[CG_MEMORY], path);
	assert_int_equal(found, step);
}

static void assert_fails(const struct world *world, pid_t tid, bool unknown_host, int code)
{
	g_autoptr(GError) error = NULL;
	enum caller_step step = CALLER_OWN;

	assert_null(caller_container(world->registry, tid, unknown_host, &step, &error));
	if (!g_error_matches(error, CG_ERROR, code))
		fail_msg("%d: %s (%d)", tid, error->message, error->code);
	assert_int_equal(step, CALLER_OWN);
}

/* It is not there: the host's figures, where those are allowed. */
static void assert_not_found(const struct world *world, pid_t tid)
{
	enum caller_step step = 0;
	g_autoptr(Container) host = caller_container(world->registry, tid, true, &step, NULL);

	assert_non_null(host);
	assert_int_equal(step, CALLER_UNKNOWN);
	assert_string_equal(container_paths(host)->of[CG_MEMORY], "/");
	assert_fails(world, tid, false, ESRCH);
}

/* Something is wrong: that is said, and never answered with the host's figures. */
static void assert_error(const struct world *world, pid_t tid, int code)
{
	assert_fails(world, tid, false, code);
	assert_fails(world, tid, true, code);
}

static void assert_init(const struct world *world, pid_t tid, pid_t init, uint64_t start_s)
{
	g_autoptr(Container) container = caller_container(world->registry, tid, false, NULL, NULL);

	assert_non_null(container);
	assert_int_equal(container_init(container), init);
	assert_int_equal(container_start_us(container), start_s * G_USEC_PER_SEC);
}

static void its_own_cgroup(void **state)
{
	struct world *world = *state;

	world_cgroup(world, "/x", "");
	world_process(world, &(struct world_process){ .pid = 100, .cgroup = "/x" });
	world_process(world, &(struct world_process){ .pid = 101, .cgroup = "/" });
	assert_found(world, 100, CALLER_OWN, "/x");
	assert_found(world, 101, CALLER_OWN, "/");
	/* moved: seen at the next open */
	world_cgroup(world, "/y/z", "");
	world_process(world, &(struct world_process){ .pid = 100, .cgroup = "/y/z" });
	assert_found(world, 100, CALLER_OWN, "/y/z");
}

/* systemd in a container, and the caller deeper within; the container has no pid namespace of its own. */
static void the_root_of_its_cgroup_mount(void **state)
{
	struct world *world = *state;
	struct world_process caller = {
		.pid = 110,
		.cgroup = "/pods/p/c/init.scope",
		.mnt = OTHER_NS,
		.mountinfo = "30 20 0:27 /pods/p/c /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
	};

	world_cgroup(world, "/pods/p/c/init.scope", "");
	world_process(world, &caller);
	assert_found(world, 110, CALLER_NAMESPACE, "/pods/p/c");
	/* a root that does not hold the caller says nothing */
	caller.mountinfo = "30 20 0:27 /pods/p/d /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
	world_process(world, &caller);
	assert_found(world, 110, CALLER_OWN, "/pods/p/c/init.scope");
	/* nor does the host's own mount */
	caller.mountinfo = "30 20 0:27 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
	world_process(world, &caller);
	assert_found(world, 110, CALLER_OWN, "/pods/p/c/init.scope");
	/* in the daemon's mount namespace the mounts are the host's: not even read */
	caller.mountinfo = "30 20 0:27 /pods/p/c /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
	caller.mnt = 0;
	world_process(world, &caller);
	assert_found(world, 110, CALLER_OWN, "/pods/p/c/init.scope");
	/* what cannot be understood is no answer */
	caller.mountinfo = "30 20 0:27\n";
	caller.mnt = OTHER_NS;
	world_process(world, &caller);
	assert_error(world, 110, EINVAL);
}

/* Any user can mount thousands of file systems; the line that the cut goes through is no malformed one. */
static void only_the_first_mounts_are_read(void **state)
{
	static const char mount[] = "30 20 0:27 /c /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
	struct world *world = *state;
	struct world_process caller = { .pid = 115, .cgroup = "/c/in", .mnt = OTHER_NS };
	g_autoptr(GString) others = g_string_new(NULL);
	g_autofree char *first = NULL, *last = NULL;

	while (others->len < 65536)
		g_string_append(others, "31 30 0:28 / /mnt/stacked rw - tmpfs none rw\n");
	first = g_strconcat(mount, others->str, "malformed, but nobody gets there\n", NULL);
	last = g_strconcat(others->str, mount, NULL);
	world_cgroup(world, "/c/in", "");
	caller.mountinfo = first;
	world_process(world, &caller);
	assert_found(world, 115, CALLER_NAMESPACE, "/c");
	caller.mountinfo = last;
	world_process(world, &caller);
	assert_found(world, 115, CALLER_OWN, "/c/in");
}

/* The directory stayed, and another container was started in it. */
static void a_restarted_container_is_a_new_one(void **state)
{
	struct world *world = *state;
	struct world_process init = {
		.pid = 200, .cgroup = "/kept", .start_s = 20, .nspid = "200\t1", .pidns = OTHER_NS
	};
	g_autoptr(Container) before = NULL, after = NULL;

	world_cgroup(world, "/kept", "200\n");
	world_process(world, &init);
	before = caller_container(world->registry, 200, false, NULL, NULL);
	assert_init(world, 200, 200, 20);
	world_remove_process(world, 200);
	world_cgroup(world, "/kept", "201\n");
	init = (struct world_process){
		.pid = 201, .cgroup = "/kept", .start_s = 50, .nspid = "201\t1", .pidns = OTHER_NS + 1
	};
	world_process(world, &init);
	assert_init(world, 201, 201, 50);
	after = caller_container(world->registry, 201, false, NULL, NULL);
	assert_ptr_not_equal(before, after);
	/* the same number again */
	init.start_s = 60;
	world_process(world, &init);
	assert_init(world, 201, 201, 60);
	/* ended, and only its parent has not seen it yet */
	init.state = 'Z';
	world_process(world, &init);
	world_process(world, &(struct world_process){ .pid = 202, .cgroup = "/kept", .start_s = 70 });
	world_cgroup(world, "/kept", "202\n");
	assert_init(world, 202, 0, 70);
}

static void a_container_comes_after_a_process(void **state)
{
	struct world *world = *state;

	world_cgroup(world, "/early", "210\n");
	world_process(world, &(struct world_process){ .pid = 210, .cgroup = "/early", .start_s = 10 });
	assert_init(world, 210, 0, 10);
	world_cgroup(world, "/early", "210\n211\n");
	world_process(world,
		      &(struct world_process){
			      .pid = 211, .cgroup = "/early", .start_s = 30, .nspid = "211\t1", .pidns = OTHER_NS });
	assert_init(world, 211, 211, 30);
	assert_init(world, 210, 211, 30);
	/* a second init beside it changes nothing while the first lives */
	world_process(
		world,
		&(struct world_process){
			.pid = 212, .cgroup = "/early", .start_s = 40, .nspid = "212\t1", .pidns = OTHER_NS + 1 });
	world_cgroup(world, "/early", "210\n211\n212\n");
	assert_init(world, 212, 211, 30);
	world_remove_process(world, 211);
	assert_init(world, 212, 212, 40);
}

/* The machine does not become younger by a namespace in its root cgroup. */
static void the_root_has_no_init(void **state)
{
	struct world *world = *state;

	world_cgroup(world, "/", "220\n");
	world_process(world, &(struct world_process){
				     .pid = 220, .cgroup = "/", .start_s = 30, .nspid = "220\t1", .pidns = OTHER_NS });
	assert_init(world, 220, 0, 0);
}

/* The caller was moved into a nested cgroup; init is found in an ancestor of it. */
static void the_init_of_its_pid_namespace(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) container = NULL;

	world_cgroup(world, "/docker/c1/init.scope", "120\n122\n");
	world_cgroup(world, "/docker/c1/nested/deep", "121\n");
	world_process(world, &(struct world_process){ .pid = 120,
						      .cgroup = "/docker/c1/init.scope",
						      .start_s = 33,
						      .nspid = "120\t1",
						      .pidns = OTHER_NS });
	world_process(world,
		      &(struct world_process){
			      .pid = 121, .cgroup = "/docker/c1/nested/deep", .nspid = "121\t5", .pidns = OTHER_NS });
	assert_found(world, 121, CALLER_INIT, "/docker/c1");
	container = caller_container(world->registry, 121, false, NULL, NULL);
	assert_int_equal(container_init(container), 120);
	assert_int_equal(container_start_us(container), 33000000);
}

static void another_init_is_not_taken(void **state)
{
	struct world *world = *state;

	/* 130 is an init, but of another namespace; 131's own one is nowhere */
	world_cgroup(world, "/two", "130\n131\n");
	world_process(world,
		      &(struct world_process){ .pid = 130, .cgroup = "/two", .nspid = "130\t1", .pidns = OTHER_NS });
	world_process(world, &(struct world_process){
				     .pid = 131, .cgroup = "/two", .nspid = "131\t5", .pidns = OTHER_NS + 1 });
	assert_found(world, 131, CALLER_OWN, "/two");
}

/* Found by the mount's root, started with its init, which the caller's pid namespace tells. */
static void init_goes_with_the_namespace_root(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) container = NULL;

	world_cgroup(world, "/lxc/c", "140\n141\n");
	world_process(world,
		      &(struct world_process){
			      .pid = 140, .cgroup = "/lxc/c", .start_s = 44, .nspid = "140\t1", .pidns = OTHER_NS });
	world_process(world, &(struct world_process){
				     .pid = 141,
				     .cgroup = "/lxc/c",
				     .nspid = "141\t5",
				     .pidns = OTHER_NS,
				     .mnt = OTHER_NS,
				     .mountinfo = "30 20 0:27 /lxc/c /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			     });
	assert_found(world, 141, CALLER_NAMESPACE, "/lxc/c");
	container = caller_container(world->registry, 141, false, NULL, NULL);
	assert_int_equal(container_init(container), 140);
}

static void a_registered_boundary_comes_first(void **state)
{
	struct world *world = *state;
	g_autoptr(Container) container = NULL;
	pid_t init;

	world_cgroup(world, "/reg/inner", "");
	init = world_child(world, "/reg", 20);
	container = world_register(world, "reg", init, NULL);
	world_process(world, &(struct world_process){
				     .pid = 150,
				     .cgroup = "/reg/inner",
				     .mnt = OTHER_NS,
				     .mountinfo = "30 20 0:27 /reg/inner /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			     });
	assert_found(world, 150, CALLER_REGISTERED, "/reg");
	registry_forget(world->registry, container);
	assert_found(world, 150, CALLER_NAMESPACE, "/reg/inner");
	world_end_child(world, init);
}

static void who_cannot_be_found(void **state)
{
	struct world *world = *state;

	assert_not_found(world, 0);
	assert_not_found(world, -5);
	assert_not_found(world, 160);
	world_process(world, &(struct world_process){ .pid = 160, .cgroup = "/../elsewhere" });
	assert_error(world, 160, EINVAL);
	world_process(world, &(struct world_process){ .pid = 160, .cgroup = "/was (deleted)" });
	assert_not_found(world, 160);
	world_process(world, &(struct world_process){ .pid = 160, .cgroup = "/not/there" });
	assert_not_found(world, 160);
}

/* No fault of the caller's: it is not taken for one that has ended. */
static void out_of_descriptors(void **state)
{
	struct world *world = *state;
	struct rlimit all, none;

	world_cgroup(world, "/x", "");
	world_process(world, &(struct world_process){ .pid = 165, .cgroup = "/x" });
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = all.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_error(world, 165, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	assert_found(world, 165, CALLER_OWN, "/x");
}

/* It ended between two looks. */
static void namespaces_that_cannot_be_read(void **state)
{
	struct world *world = *state;
	g_autofree char *ns = g_strconcat(world->dir, "/proc/170/ns/pid", NULL);

	world_cgroup(world, "/x", "");
	world_process(world, &(struct world_process){ .pid = 170, .cgroup = "/x" });
	assert_found(world, 170, CALLER_OWN, "/x");
	assert_int_equal(unlink(ns), 0);
	assert_not_found(world, 170);
}

static void unknown_callers_may_see_the_host(void **state)
{
	struct world *world = *state;
	enum caller_step step = 0;
	g_autoptr(Container) container = caller_container(world->registry, 0, true, &step, NULL);

	assert_non_null(container);
	assert_string_equal(container_paths(container)->of[CG_MEMORY], "/");
	assert_null(container_paths(container)->of[CG_HUGETLB]); /* not mounted here */
	assert_int_equal(step, CALLER_UNKNOWN);
}

static void who_is_on_the_host(void **state)
{
	struct world *world = *state;

	world_process(world, &(struct world_process){ .pid = 180 });
	assert_true(caller_is_host(world->host, 180));
	world_process(world, &(struct world_process){ .pid = 180, .mnt = OTHER_NS });
	assert_true(caller_is_host(world->host, 180));
	world_process(world, &(struct world_process){ .pid = 180, .pidns = OTHER_NS });
	assert_false(caller_is_host(world->host, 180));
	world_process(world, &(struct world_process){ .pid = 180, .user = OTHER_NS });
	assert_false(caller_is_host(world->host, 180));
	assert_false(caller_is_host(world->host, 181));
	assert_false(caller_is_host(world->host, 0));
}

static gpointer ask_as_thread(gpointer data)
{
	return caller_container(data, (pid_t)syscall(SYS_gettid), false, NULL, NULL);
}

/* The machine that the test runs on: this process and a thread of it are in one container. */
static void on_the_running_host(void **state)
{
	static const struct container_options defaults = { 0 };
	g_autoptr(Host) host = host_open(NULL);
	g_autoptr(CgHierarchies) hierarchies = cg_hierarchies_open_host(NULL);
	g_autoptr(Registry) registry = NULL;
	g_autoptr(Container) own = NULL;
	g_autoptr(Container) by_thread = NULL;
	enum caller_step step;

	if (!host || !hierarchies)
		skip();
	registry = registry_new(host, hierarchies, &defaults);
	own = caller_container(registry, getpid(), false, &step, NULL);
	assert_non_null(own);
	assert_int_equal(step, CALLER_OWN);
	assert_true(caller_is_host(host, getpid()));
	by_thread = g_thread_join(g_thread_new("asks", ask_as_thread, registry));
	assert_ptr_equal(own, by_thread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(its_own_cgroup, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_root_of_its_cgroup_mount, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(only_the_first_mounts_are_read, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_restarted_container_is_a_new_one, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_container_comes_after_a_process, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_root_has_no_init, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(out_of_descriptors, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_init_of_its_pid_namespace, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(another_init_is_not_taken, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(init_goes_with_the_namespace_root, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_registered_boundary_comes_first, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(who_cannot_be_found, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(namespaces_that_cannot_be_read, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(unknown_callers_may_see_the_host, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(who_is_on_the_host, world_setup, world_teardown),
		cmocka_unit_test(on_the_running_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
