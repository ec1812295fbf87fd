/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/watches.h"

#include "tests/fs/control/fake_registry.h"
#include "tests/fs/harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static void end_sleeper(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Registered and not watched, as by a worker that has died. */
static void add_known(Registry *registry, const char *id, pid_t init)
{
	struct registration registration = { .id = id, .init = init };
	g_autoptr(GError) error = NULL;
	int pidfd;
	g_autoptr(Container) container = registry_register(registry, &registration, &pidfd, &error);

	g_assert_no_error(error);
	assert_non_null(container);
	close(pidfd);
}

static bool is_known(Registry *registry, const char *id)
{
	g_autoptr(Container) container = registry_by_id(registry, id);

	return container != NULL;
}

static void watches_the_known(void **state)
{
	g_autoptr(Registry) registry = fake_registry_new();
	pid_t early = start_sleeper(), late = start_sleeper();
	unsigned own, users;
	Watches *watches;

	add_known(registry, "mine", getpid());
	add_known(registry, "1000:early", early);
	add_known(registry, "1000:late", late);
	end_sleeper(early);
	watches = watches_new(registry);
	assert_int_equal(watches_count(watches), 2);
	assert_false(is_known(registry, "1000:early"));
	watches_count_users(watches, 1000, &own, &users);
	assert_int_equal(own, 1);
	assert_int_equal(users, 1);
	end_sleeper(late);
	while (is_known(registry, "1000:late"))
		g_main_context_iteration(NULL, TRUE);
	assert_int_equal(watches_count(watches), 1);
	assert_true(is_known(registry, "mine"));
	watches_free(watches);
	assert_true(is_known(registry, "mine"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(watches_the_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
