/* SPDX-License-Identifier: Apache-2.0
 *
 * A worker is killed with SIGKILL at random moments, hundreds of times; each time the next one takes over what it had shown: the same
 * containers under the same numbers, and no counter lower than one that somebody had seen.
 */
#include "cgroup/path.h"
#include "fs/container/registry_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUPS 12
#define KILLS   300
#define MOST_US (3 * G_USEC_PER_SEC)
#define TICK_US 10000

/* What somebody has seen of a cgroup's container. `number` is 0 while it may be forgotten. */
struct seen {
	volatile uint64_t number, generation, now_us, total, highest;
};

struct test {
	struct world *world;
	int fd;
	struct seen *seen; /* in memory of both */
	unsigned turns;
};

static struct view_ticks total_at(Container *container, uint64_t now_us, uint64_t user_us)
{
	struct view_cpus cpus = { .n = 2, .host_ids = 4, .visible.word[0] = 3 };
	struct cg_cputime used = { .user_us = user_us };
	struct view_ticks total, each[2];

	container_cpu_times(container, &cpus, &used, 0, CG_LEVEL_NONE, now_us, &total, each);
	return total;
}

static Container *container_of(const struct test *test, Registry *registry, unsigned i)
{
	g_autofree char *path = g_strdup_printf("/g%u", i);
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(test->world, path);

	return registry_of_cgroup(registry, &paths, 0, NULL);
}

static void look(const struct test *test, Registry *registry, unsigned i, uint64_t now_us)
{
	g_autoptr(Container) container = container_of(test, registry, i);
	struct view_ticks ticks = total_at(container, now_us, now_us / 3);
	struct seen *seen = &test->seen[i];

	seen->generation = container_generation(container);
	seen->now_us = now_us;
	seen->total = ticks.user;
	seen->highest = container_slot(container);
	seen->number = seen->highest;
}

static void forget(const struct test *test, Registry *registry, unsigned i)
{
	g_autoptr(Container) container = container_of(test, registry, i);

	test->seen[i].highest = MAX(test->seen[i].highest, container_slot(container));
	test->seen[i].number = 0;
	registry_forget(registry, container);
}

static Registry *take_over(const struct test *test, Store **ret_store)
{
	static const struct container_options defaults = { 0 };
	Registry *registry = registry_new(test->world->host, test->world->hierarchies, &defaults);

	*ret_store = store_open(test->fd, NULL);
	assert_non_null(*ret_store);
	registry_keep_in(registry, *ret_store);
	store_claim(*ret_store);
	registry_take_over(registry, test->turns == 0);
	assert_false(registry_is_rebuilt(registry));
	return registry;
}

static G_GNUC_NORETURN void serve_for_ever(const struct test *test)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(test->turns);
	uint64_t now_us = WORLD_NOW_US;
	Store *store;
	Registry *registry;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
	registry = take_over(test, &store);
	for (unsigned i = 0; i < CGROUPS; i++)
		now_us = MAX(now_us, test->seen[i].now_us);
	for (;;) {
		unsigned i = (unsigned)g_rand_int_range(rand, 0, CGROUPS);

		now_us += 7 * TICK_US;
		if (g_rand_int_range(rand, 0, 50) == 0)
			forget(test, registry, i);
		else
			look(test, registry, i, now_us);
	}
}

/* With nothing used since: what is shown at that moment is what was remembered. */
static void check(const struct test *test, Registry *registry, unsigned i)
{
	const struct seen *seen = &test->seen[i];
	g_autoptr(Container) container = container_of(test, registry, i);

	if (seen->number == 0) {
		assert_true(container_slot(container) >= seen->highest);
		return;
	}
	assert_int_equal(container_slot(container), seen->number);
	assert_int_equal(container_generation(container), seen->generation);
	assert_true(total_at(container, seen->now_us, 0).user >= seen->total);
}

static uint64_t looked(const struct test *test)
{
	uint64_t us = 0;

	for (unsigned i = 0; i < CGROUPS; i++)
		us = MAX(us, test->seen[i].now_us);
	return us;
}

/* The first one is let live until it has shown something, however loaded the machine is. */
static void let_live(const struct test *test, GRand *rand)
{
	for (unsigned i = 0; test->turns == 0 && looked(test) == 0 && i < 60000; i++)
		g_usleep(1000);
	g_usleep((gulong)g_rand_int_range(rand, 500, 6000));
}

static void kill_once(struct test *test, GRand *rand)
{
	pid_t pid = fork();
	Registry *registry;
	Store *store;
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		serve_for_ever(test);
	let_live(test, rand);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	registry = take_over(test, &store);
	for (unsigned i = 0; i < CGROUPS; i++)
		check(test, registry, i);
	registry_free(registry);
	store_close(store);
	test->turns++;
}

static void hundreds_of_times(void **state)
{
	struct test test = { .world = *state, .fd = store_make() };
	gint64 end = g_get_monotonic_time() + MOST_US;
	GRand *rand = g_rand_new();

	test.seen = mmap(NULL, CGROUPS * sizeof(*test.seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(test.seen, MAP_FAILED);
	for (unsigned i = 0; i < CGROUPS; i++) {
		g_autofree char *path = g_strdup_printf("/g%u", i);

		world_cgroup(test.world, path, "");
	}
	while (test.turns < 20 || (test.turns < KILLS && g_get_monotonic_time() < end))
		kill_once(&test, rand);
	assert_true(looked(&test) > 0);
	print_message("%u kills, %" G_GUINT64_FORMAT " looks\n", test.turns,
		      (looked(&test) - WORLD_NOW_US) / (7 * TICK_US));
	munmap(test.seen, CGROUPS * sizeof(*test.seen));
	close(test.fd);
	g_rand_free(rand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hundreds_of_times, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
