/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/serve/scene.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOW_FILE "/sys/devices/system/cpu/cpu%/cache/index%/size"

/* ---- the daemon's side ---- */

static void on_beat(void *data)
{
	atomic_fetch_add(&((struct scene *)data)->beats, 1);
}

static void on_hung(void *data)
{
	atomic_fetch_add(&((struct scene *)data)->hung, 1);
}

static void on_ended(void *data)
{
	atomic_fetch_add(&((struct scene *)data)->ended, 1);
}

void scene_begin(struct scene *scene, enum session_before before)
{
	struct session_watch watch = { on_beat, on_hung, on_ended, scene };
	g_autoptr(GError) error = NULL;

	scene->store = store_open(scene->store_fd, NULL);
	store_claim(scene->store);
	scene->serve = (struct serve){
		.registry = scene->fixture->registry,
		.texts = texts_new(scene->store, TEXTS_BUDGET, TEXTS_BUDGET_EACH),
		.report = report_new(),
		.cgroup_writes = scene->cgroup_writes,
	};
	texts_restore(scene->serve.texts);
	scene->session = session_new(&scene->serve, scene->kernel.device, scene->journal, &error);
	assert_null(error);
	assert_true(session_begin(scene->session, before, &watch, &error));
}

void scene_stop(struct scene *scene)
{
	g_clear_pointer(&scene->session, session_stop);
	texts_free(scene->serve.texts);
	report_free(scene->serve.report);
	store_close(scene->store);
}

/* A copy of the captured host in which the slow file is a FIFO: reading it waits for a writer. */
static void make_fixture(struct scene *scene)
{
	g_autofree char *copy = NULL;

	scene->directory = scratch_new();
	copy = g_strdup_printf("cp -r '%s/v2-256cpus' '%s/host'", FIXTURES, scene->directory);
	assert_int_equal(system(copy), 0);
	scene->fifo = g_build_filename(scene->directory, "host/sys/devices/system/cpu/cpu3/cache/index0/size", NULL);
	assert_int_equal(unlink(scene->fifo), 0);
	assert_int_equal(mkfifo(scene->fifo, 0600), 0);
	scene->fixture = fixture_open(scene->directory, "host");
	assert_null(scene->fixture->error);
}

int scene_set_up(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);

	*state = scene;
	signal(SIGPIPE, SIG_IGN);
	make_fixture(scene);
	fake_kernel_open(&scene->kernel);
	scene->journal = journal_make();
	scene->store_fd = store_make();
	return 0;
}

int scene_tear_down(void **state)
{
	struct scene *scene = *state;

	scene_end_slowness(scene);
	shutdown(scene->kernel.end, SHUT_RDWR); /* nobody waits for it */
	if (scene->session)
		scene_stop(scene);
	scene->stops_writing = true;
	g_thread_join(scene->writer);
	close(scene->journal);
	close(scene->store_fd);
	fake_kernel_close(&scene->kernel);
	fixture_free(scene->fixture);
	scratch_free(scene->directory);
	g_free(scene->fifo);
	g_free(scene);
	return 0;
}

/* ---- what is asked ---- */

static struct node meminfo(void)
{
	return (struct node){ .row = rows_by_path("/proc/meminfo") };
}

static struct node slow_file(void)
{
	return (struct node){ .row = rows_by_path(SLOW_FILE), .index = { .first = 3 } };
}

static uint64_t handle_of(struct scene *scene, uint32_t serial)
{
	return texts_handle(container_slot(scene->fixture->container), serial);
}

uint64_t scene_ask(struct scene *scene, uint32_t serial, uint64_t offset, uint32_t size)
{
	struct node node = meminfo();

	return fake_kernel_read(&scene->kernel, &node, handle_of(scene, serial), offset, size);
}

uint64_t scene_ask_slow(struct scene *scene, uint64_t container)
{
	struct node node = slow_file();

	return fake_kernel_read(&scene->kernel, &node, texts_handle(container, 0), 0, 100);
}

static void *write_fifo(void *data)
{
	struct scene *scene = data;

	while (!scene->stops_writing) {
		int fd = open(scene->fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0) {
			/* Whoever waited for it may be gone by now. */
			assert_true(write(fd, "32K\n", 4) == 4 || errno == EPIPE);
			close(fd);
		}
		g_usleep(1000);
	}
	return NULL;
}

void scene_end_slowness(struct scene *scene)
{
	if (!scene->writer)
		scene->writer = g_thread_new("writer", write_fifo, scene);
}

void scene_use_memory(struct scene *scene, unsigned gigabytes)
{
	const char *cgroup = container_cgroup(scene->fixture->container);
	g_autofree char *path = g_build_filename(scene->directory, "host/cgroup", cgroup, "memory.current", NULL);
	g_autofree char *text = g_strdup_printf("%2u000000000\n", gigabytes);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	close(fd);
}

const struct fake_answer *scene_answer_to(struct scene *scene, uint64_t unique)
{
	fake_kernel_answer_to(&scene->kernel, unique, &scene->answer);
	return &scene->answer;
}

void scene_begin_fresh(struct scene *scene)
{
	uint64_t unique = fake_kernel_init(&scene->kernel, 0);

	scene_use_memory(scene, 20);
	scene_begin(scene, SESSION_FRESH);
	assert_int_equal(scene_answer_to(scene, unique)->header.error, 0);
}

void scene_wait_until_served(struct scene *scene, uint64_t expected)
{
	for (unsigned i = 0; i < 6000 && session_served(scene->session) < expected; i++)
		g_usleep(10000);
	assert_int_equal(session_served(scene->session), expected);
}

/* GLib's own writer asks localtime(3), which is not for several threads at a time. */
static GLogWriterOutput write_nothing(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
	return G_LOG_WRITER_HANDLED;
}

void scene_log_nothing(void)
{
	g_log_set_writer_func(write_nothing, NULL, NULL);
}
