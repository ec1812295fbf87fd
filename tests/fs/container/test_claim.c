/* SPDX-License-Identifier: Apache-2.0
 *
 * What a user may claim; and the look at real user namespaces, which takes a kernel that lets us make them.
 */
#include "fs/container/claim.h"

#include "cgroup/error.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_decides(const struct claim *claim, bool may)
{
	g_autoptr(GError) error = NULL;

	assert_int_equal(claim_allows(claim, &error), may);
	if (!may)
		assert_true(g_error_matches(error, CG_ERROR, EPERM));
}

static void decides(void **state)
{
	static const struct {
		uid_t uid, nobody;
		unsigned n;
		uid_t owner[2];
		bool may;
	} cases[] = {
		{ 1000, 65534, 1, { 1000 }, true },
		{ 1001, 65534, 1, { 1000 }, false },
		{ 1000, 65534, 0, { 1000 }, false }, /* the daemon's own user namespace */
		{ 1000, 65534, 2, { 100005, 1000 }, true },
		{ 100005, 65534, 2, { 100005, 1000 }, true },
		{ 100006, 65534, 2, { 100005, 1000 }, false },
		{ 1000, 65534, 1, { 0 }, false },
		{ 65534, 65534, 1, { 65534 }, false }, /* whoever that is */
		{ 1000, 1000, 1, { 1000 }, false },
		{ (uid_t)-1, 65534, 1, { (uid_t)-1 }, false },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct claim claim = { .uid = cases[i].uid, .nobody = cases[i].nobody, .n_owners = cases[i].n };

		memcpy(claim.owner, cases[i].owner, sizeof(cases[i].owner));
		assert_decides(&claim, cases[i].may);
	}
}

static void covers_what_is_mapped(void **state)
{
	struct claim claim = { .uid = 1000, .nobody = 65534 };

	assert_true(claim_covers(&claim, 1000));
	assert_false(claim_covers(&claim, 0));
	assert_false(claim_covers(&claim, 100000));
	assert_true(claim_parse_map("         0     100000      65536\n     65536       2000          1\n", &claim));
	assert_true(claim_covers(&claim, 100000) && claim_covers(&claim, 165535) && claim_covers(&claim, 2000));
	assert_true(claim_covers(&claim, 1000));
	assert_false(claim_covers(&claim, 99999) || claim_covers(&claim, 165536));
	assert_false(claim_covers(&claim, 1999) || claim_covers(&claim, 2001));
}

/* A namespace may map all there is; root's cgroups are root's, and nobody's anybody's. */
static void never_covers_root(void **state)
{
	struct claim claim = { .uid = 1000, .nobody = 65534 };

	assert_true(claim_parse_map("0 0 4294967295\n", &claim));
	assert_false(claim_covers(&claim, 0));
	assert_false(claim_covers(&claim, 65534));
	assert_false(claim_covers(&claim, (uid_t)-1));
	assert_true(claim_covers(&claim, 4294967294));
}

static void refuses_what_is_no_map(void **state)
{
	static const char *const texts[] = {
		"x\n", "0 1\n", "0 1 2 3\n", "0 1 2x\n", "0 4294967296 1\n", "0 1 4294967296\n", "0 -1 1\n"
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct claim claim = { 0 };

		assert_false(claim_parse_map(texts[i], &claim));
	}
}

#define USER 4711

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

/* Into a user namespace in which we are all there is, user and group 1: mapping a 0 takes more (user_namespaces(7)). */
static bool leave(unsigned id)
{
	g_autofree char *map = g_strdup_printf("1 %u 1", id);

	return unshare(CLONE_NEWUSER) == 0 && put("/proc/self/uid_map", map) && put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/gid_map", map);
}

static bool nest(unsigned levels)
{
	if (levels == 0)
		return true;
	if (setresgid(USER, USER, USER) < 0 || setresuid(USER, USER, USER) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
		return false;
	for (unsigned i = 0; i < levels; i++) {
		if (!leave(i == 0 ? USER : 1))
			return false;
	}
	return true;
}

/* A process that a user put into so many user namespaces, one in the other; -1: that is not permitted here. */
static pid_t start_nested(unsigned levels)
{
	int ready[2];
	char byte = '-';
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	/* Not fork(3): ThreadSanitizer would give the child a thread, and unshare(2) makes no user namespace for two. */
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		bool good = nest(levels);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(ready[1], good ? "+" : "-", 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	if (byte == '+')
		return pid;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

static void assert_seen(unsigned levels)
{
	g_autoptr(Host) host = host_open(NULL);
	struct claim claim = { 0 };
	pid_t pid = geteuid() == 0 && host ? start_nested(levels) : -1;

	if (pid < 0)
		skip();
	assert_int_equal(claim_look(host, pid, USER, &claim), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(claim.n_owners, levels);
	for (unsigned i = 0; i < levels; i++)
		assert_int_equal(claim.owner[i], USER);
	assert_int_equal(claim.nobody, 65534);
	assert_int_equal(claim_covers(&claim, USER), 1);
	assert_int_equal(claim.n_ranges > 0, 1);
}

static void looks_at_the_own_namespace(void **state)
{
	assert_seen(0);
}

static void looks_at_a_users_namespace(void **state)
{
	assert_seen(1);
}

static void looks_at_namespaces_in_it(void **state)
{
	assert_seen(3);
}

static void who_has_ended_has_no_namespace(void **state)
{
	g_autoptr(Host) host = host_open(NULL);
	struct claim claim;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	if (!host)
		skip();
	assert_true(claim_look(host, pid, USER, &claim) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(covers_what_is_mapped),
		cmocka_unit_test(never_covers_root),
		cmocka_unit_test(refuses_what_is_no_map),
		cmocka_unit_test(looks_at_the_own_namespace),
		cmocka_unit_test(looks_at_a_users_namespace),
		cmocka_unit_test(looks_at_namespaces_in_it),
		cmocka_unit_test(who_has_ended_has_no_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
