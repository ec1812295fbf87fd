/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/enlist.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A daemon that performs the request, and is killed before it answers so many times. */
struct dying {
	int listening;
	unsigned deaths;
};

static gpointer know_nothing(gpointer data)
{
	static const char answer[] = "{\"ok\":false,\"error\":\"no container is registered as it\",\"errno\":2}";
	const struct dying *dying = data;
	char buffer[4096];

	for (unsigned i = 0; i <= dying->deaths; i++) {
		int fd = accept(dying->listening, NULL, NULL);

		recv(fd, buffer, sizeof(buffer), 0);
		if (i == dying->deaths)
			send(fd, answer, strlen(answer), MSG_NOSIGNAL);
		close(fd);
	}
	return NULL;
}

static bool forget(unsigned deaths, GError **error)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "s", NULL);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct dying dying = { socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), deaths };
	GThread *thread;
	bool done;

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	assert_int_equal(bind(dying.listening, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(dying.listening, 4), 0);
	thread = g_thread_new("daemon", know_nothing, &dying);
	done = enlist_forget(path, "c1", error);
	g_thread_join(thread);
	close(dying.listening);
	scratch_free(dir);
	return done;
}

static void forgetting_what_is_not_there(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_false(forget(0, &error));
	assert_int_equal(error->code, ENOENT);
}

static void forgetting_twice_is_forgetting(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_true(forget(1, &error));
	g_assert_no_error(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgetting_what_is_not_there),
		cmocka_unit_test(forgetting_twice_is_forgetting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
