/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/listen.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int setup(void **state)
{
	*state = scratch_new();
	return 0;
}

static int teardown(void **state)
{
	scratch_free(*state);
	return 0;
}

static void expect_refusal(const char *path, int code, const char *sentence)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Listener) listener = listener_open(path, &error);

	assert_null(listener);
	assert_int_equal(error->code, code);
	assert_has(error->message, sentence);
}

static void expect_success(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Listener) listener = listener_open(path, &error);

	g_assert_no_error(error);
	assert_true(listener_fd(listener) >= 0);
}

static void makes_socket(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a", "control", NULL), *dir = g_path_get_dirname(path);
	mode_t mask = umask(0077);
	g_autoptr(Listener) listener = listener_open(path, NULL);
	struct stat st;

	umask(mask);
	assert_non_null(listener);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0666);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & ~0055u, S_IFDIR | 0700);
}

static void removes_socket(void **state)
{
	g_autofree char *path = g_build_filename(*state, "control", NULL);

	expect_success(path);
	assert_int_equal(access(path, F_OK), -1);
	expect_success(path);
}

static void refuses_second(void **state)
{
	g_autofree char *path = g_build_filename(*state, "control", NULL);
	g_autoptr(Listener) first = listener_open(path, NULL);

	assert_non_null(first);
	expect_refusal(path, EADDRINUSE, "another procvirtd has the control socket");
	assert_int_equal(access(path, F_OK), 0);
}

/* The next process has both descriptors; as long as one has the lock nobody else gets the socket. */
static void is_handed_on(void **state)
{
	g_autofree char *path = g_build_filename(*state, "control", NULL);
	Listener *first = listener_open(path, NULL), *second;
	int fd = dup(listener_fd(first)), lock = dup(listener_lock_fd(first));
	g_autoptr(GError) error = NULL;

	second = listener_adopt(path, fd, lock, &error);
	g_assert_no_error(error);
	assert_int_equal(listener_fd(second), fd);
	assert_int_equal(listener_lock_fd(second), lock);
	listener_leave(first);
	expect_refusal(path, EADDRINUSE, "another procvirtd has the control socket");
	assert_int_equal(access(path, F_OK), 0);
	listener_close(second);
	assert_int_equal(access(path, F_OK), -1);
	expect_success(path);
}

static void expect_no_adoption(const char *path, int fd, int lock, const char *sentence)
{
	g_autoptr(GError) error = NULL;

	assert_null(listener_adopt(path, fd, lock, &error));
	assert_int_equal(error->code, EINVAL);
	assert_has(error->message, sentence);
}

static int bind_at(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void replaces_stale(void **state)
{
	g_autofree char *path = g_build_filename(*state, "control", NULL);

	close(bind_at(path, SOCK_SEQPACKET));
	assert_int_equal(access(path, F_OK), 0);
	expect_success(path);
}

static void spares_foreign(void **state)
{
	g_autofree char *path = g_build_filename(*state, "control", NULL);
	int fd = bind_at(path, SOCK_STREAM);

	assert_int_equal(listen(fd, 1), 0);
	expect_refusal(path, EADDRINUSE, "something else listens at");
	close(fd);
}

static void spares_file(void **state)
{
	g_autofree char *path = g_build_filename(*state, "control", NULL);

	scratch_write(*state, "control", "precious");
	expect_refusal(path, EEXIST, "is in the way of the control socket and is no socket");
	assert_int_equal(access(path, F_OK), 0);
}

static void adopts_no_others(void **state)
{
	g_autofree char *path = g_build_filename(*state, "control", NULL), *other = g_build_filename(*state, "x", NULL);
	g_autoptr(Listener) listener = listener_open(path, NULL);
	int deaf = bind_at(other, SOCK_SEQPACKET), ends[2];
	g_autofree char *lock_path = g_strconcat(path, ".lock", NULL);
	int foreign = open(lock_path, O_RDWR | O_CLOEXEC);

	assert_int_equal(pipe(ends), 0);
	expect_no_adoption(path, -1, listener_lock_fd(listener), "descriptor -1 is no control socket that listens");
	expect_no_adoption(path, ends[0], listener_lock_fd(listener), "is no control socket that listens");
	expect_no_adoption(path, deaf, listener_lock_fd(listener), "is no control socket that listens");
	expect_no_adoption(path, listener_fd(listener), -1, "descriptor -1 is not the control socket's lock");
	expect_no_adoption(path, listener_fd(listener), foreign, "is not the control socket's lock");
	close(foreign);
	close(deaf);
	close(ends[0]);
	close(ends[1]);
}

static void names_troubles(void **state)
{
	g_autofree char *name = g_strnfill(120, 'x');
	g_autofree char *long_path = g_build_filename(*state, name, NULL);
	g_autofree char *below_file = g_build_filename(*state, "file", "control", NULL);

	scratch_write(*state, "file", "");
	expect_refusal(long_path, ENAMETOOLONG, "is longer than 107 bytes");
	expect_refusal(below_file, ENOTDIR, "making");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_socket),   TEST(removes_socket), TEST(refuses_second),
		TEST(replaces_stale), TEST(spares_foreign), TEST(spares_file),
		TEST(names_troubles), TEST(is_handed_on),   TEST(adopts_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
