/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/saved.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "tests/fs/harness.h"

#include <errno.h>

static bool read_record(GVariant *record, struct saved_container *ret_saved, GError **error)
{
	g_autofree void *bytes = g_malloc(g_variant_get_size(record));

	g_variant_store(record, bytes);
	return saved_container_read(bytes, g_variant_get_size(record), ret_saved, error);
}

/* A record in GVariant's text form. */
static GVariant *record_of(const char *text)
{
	g_autoptr(GError) error = NULL;
	GVariant *record = g_variant_parse(G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

	assert_null(error);
	return record;
}

static void assert_refused(const char *text, const char *why)
{
	g_autoptr(GVariant) record = record_of(text);
	g_autoptr(GError) error = NULL;
	struct saved_container saved;

	assert_false(read_record(record, &saved, &error));
	assert_true(g_error_matches(error, CG_ERROR, EINVAL));
	assert_has(error->message, why);
}

static void there_and_back(void **state)
{
	struct saved_container before = {
		.id = (char *)(uintptr_t) "1000:web",
		.generation = 0xfffffff0,
		.history = UINT64_C(1) << 40,
		.sampled = true,
		.init = 4711,
		.init_start_us = 99,
		.start_us = 98,
		.own_pids = true,
		.has_boot_offset = true,
		.boot_offset_us = -5,
		.options = { .cpu_count = VIEW_CPU_CPUSET, .renumber_cpus = true, .cgroup_shape = VIEW_SHAPE_V1 },
	};
	cg_cleanup(saved_container_clear) struct saved_container after = { 0 };
	g_autoptr(GVariant) record = NULL;

	before.paths.of[CG_CPU] = (char *)(uintptr_t) "/a";
	before.paths.of[CG_MEMORY] = (char *)(uintptr_t) "/b\xff"; /* a name need not be UTF-8 */
	before.paths.of[CG_PIDS] = (char *)(uintptr_t) "/b\xff";
	before.paths.of[CG_CORE] = (char *)(uintptr_t) "/";
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		before.identity.inode[c] = before.paths.of[c] ? UINT64_MAX - (unsigned)c : 0;
	record = saved_container_write(&before);
	assert_true(g_variant_is_normal_form(record));
	assert_true(read_record(record, &after, NULL));
	assert_string_equal(after.id, before.id);
	assert_int_equal(after.generation, before.generation);
	assert_int_equal(after.history, before.history);
	assert_int_equal(after.sampled, true);
	assert_int_equal(after.init, 4711);
	assert_int_equal(after.init_start_us, 99);
	assert_int_equal(after.start_us, 98);
	assert_true(after.own_pids && after.has_boot_offset);
	assert_int_equal(after.boot_offset_us, -5);
	assert_int_equal(after.options.cpu_count, VIEW_CPU_CPUSET);
	assert_true(after.options.renumber_cpus);
	assert_int_equal(after.options.cgroup_shape, VIEW_SHAPE_V1);
	assert_true(cg_paths_equal(&after.paths, &before.paths));
	assert_memory_equal(&after.identity, &before.identity, sizeof(after.identity));
}

#define LEAST "{'generation': <uint32 1>, 'cgroups': <[('cpu', uint64 5, b'/a')]>"

/* Of a version before this one, which knew less, or after it, which knows more. */
static void other_versions(void **state)
{
	g_autoptr(GVariant) older = record_of(LEAST "}");
	g_autoptr(GVariant) newer = record_of("{'generation': <uint32 1>, 'colour': <'red'>, 'cpu-count': <'guess'>, "
					      "'cgroups': <[('new', uint64 4, b'/n'), ('cpu', uint64 5, b'')]>}");
	cg_cleanup(saved_container_clear) struct saved_container saved = { 0 };
	cg_cleanup(saved_container_clear) struct saved_container other = { 0 };

	assert_true(read_record(older, &saved, NULL));
	assert_null(saved.id);
	assert_int_equal(saved.init, 0);
	assert_int_equal(saved.options.cpu_count, VIEW_CPU_QUOTA);
	assert_string_equal(saved.paths.of[CG_CPU], "/a");
	assert_true(read_record(newer, &other, NULL));
	assert_string_equal(other.paths.of[CG_CPU], "/n");
	assert_int_equal(other.identity.inode[CG_CPU], 5);
}

static void malformed(void **state)
{
	struct saved_container saved;
	g_autoptr(GError) error = NULL;

	assert_refused("@a{sv} {}", "no \"cgroups\"");
	assert_refused("{'generation': <uint32 1>}", "no \"cgroups\"");
	assert_refused("{'cgroups': <[('cpu', uint64 5, b'/a')]>}", "no \"generation\"");
	assert_refused(LEAST ", 'init': <'x'>}", "\"init\" is of type s");
	assert_refused(LEAST ", 'cpu-count': <3>}", "\"cpu-count\" is of type i");
	assert_refused(LEAST ", 'init': <-1>}", "a process or a moment");
	assert_refused(LEAST ", 'start-us': <uint64 0xffffffffffffffff>}", "a process or a moment");
	assert_refused(LEAST ", 'id': <'a b'>}", "its id is none");
	assert_refused("{'generation': <uint32 1>, 'cgroups': <[('cpu', uint64 5, b'')]>}", "the path of cpu is none");
	assert_refused("{'generation': <uint32 1>, 'cgroups': <[('cpu', uint64 5, b'a')]>}", "the path of cpu is none");
	assert_refused("{'generation': <uint32 1>, 'cgroups': <[('cpu', uint64 5, b'/a'), ('cpu', 6, b'/a')]>}",
		       "cpu is there twice");
	assert_refused("{'generation': <uint32 1>, 'cgroups': <'/'>}", "\"cgroups\" is of type s");
	assert_false(saved_container_read("", 100000, &saved, &error));
	assert_has(error->message, "too long");
}

static void numbers(void **state)
{
	struct saved_numbers before = { CONTAINER_MAX_SLOT, CONTAINER_MAX_NUMBER, 9, true };
	struct saved_numbers after = { 0 };
	g_autoptr(GVariant) record = saved_numbers_write(&before);
	g_autoptr(GVariant) beyond = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(saved_numbers_read(g_variant_get_data(record), g_variant_get_size(record), &after, NULL));
	assert_int_equal(after.last_slot, before.last_slot);
	assert_int_equal(after.last_unregistered, before.last_unregistered);
	assert_int_equal(after.generation, 9);
	assert_true(after.rebuilt);
	before.last_slot++;
	beyond = saved_numbers_write(&before);
	assert_false(saved_numbers_read(g_variant_get_data(beyond), g_variant_get_size(beyond), &after, &error));
	assert_has(error->message, "beyond the last");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(malformed),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
