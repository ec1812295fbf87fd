/* SPDX-License-Identifier: Apache-2.0
 *
 * Which files are taken for a state, and which are refused.
 */
#include "cgroup/error.h"
#include "fs/store/layout.h"
#include "tests/fs/harness.h"
#include "tests/fs/undumped.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Opened and closed again. */
static void assert_accepted(int fd)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Store) store = store_open(fd, &error);

	assert_null(error);
	assert_non_null(store);
}

static void assert_refused(int fd, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Store) store = store_open(fd, &error);

	assert_null(store);
	assert_true(g_error_matches(error, CG_ERROR, EINVAL));
	assert_has(error->message, why);
}

static int plain_file(size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_return_code(ftruncate(fd, (off_t)size), errno);
	return fd;
}

static void write_at(int fd, off_t offset, const void *bytes, size_t n)
{
	assert_int_equal(pwrite(fd, bytes, n, offset), n);
}

static void made_for_good(void **state)
{
	int fd = store_make();

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, (off_t)STORE_SIZE * 2), -1);
	assert_accepted(fd);
	close(fd);
}

/* It would be gigabytes, and the next worker waits for the end of the dump. */
static void is_not_dumped(void **state)
{
	int fd = store_make();
	Store *store = store_open(fd, NULL);

	assert_non_null(store);
	assert_true(memfds_are_undumped());
	store_close(store);
	close(fd);
}

static void empty_is_made_ready(void **state)
{
	int fd = plain_file(STORE_SIZE);

	assert_accepted(fd);
	assert_accepted(fd);
	close(fd);
}

static void too_small(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, STORE_SIZE - 1 };

	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
		int fd = plain_file(sizes[i]);

		assert_refused(fd, "bytes instead of");
		close(fd);
	}
}

static void no_file(void **state)
{
	int ends[2];

	assert_return_code(pipe(ends), errno);
	assert_refused(ends[0], "bytes instead of");
	close(ends[0]);
	close(ends[1]);
}

static void foreign(void **state)
{
	int fd = plain_file(STORE_SIZE);

	write_at(fd, 0, "something else", 14);
	assert_refused(fd, "not one of procvirt's");
	close(fd);
}

/* Records, but no header: that is not an empty file. */
static void without_header(void **state)
{
	int fd = plain_file(STORE_SIZE);

	write_at(fd, LAYOUT_TABLE + 1, "\1", 1);
	assert_refused(fd, "not one of procvirt's");
	close(fd);
}

static void other_version(void **state)
{
	uint32_t version = LAYOUT_VERSION + 1;
	int fd = store_make();

	write_at(fd, offsetof(struct layout_header, version), &version, sizeof(version));
	assert_refused(fd, "of version 2");
	assert_int_equal(store_format(fd), 0);
	assert_accepted(fd);
	close(fd);
}

static void each_torn_byte(void **state)
{
	for (size_t at = offsetof(struct layout_header, pad); at < sizeof(struct layout_header); at++) {
		int fd = store_make();
		unsigned char byte;

		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		byte ^= 1;
		write_at(fd, (off_t)at, &byte, 1);
		assert_refused(fd, "torn");
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_not_dumped),
		cmocka_unit_test(made_for_good),
		cmocka_unit_test(empty_is_made_ready),
		cmocka_unit_test(too_small),
		cmocka_unit_test(no_file),
		cmocka_unit_test(foreign),
		cmocka_unit_test(without_header),
		cmocka_unit_test(other_version),
		cmocka_unit_test(each_torn_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
