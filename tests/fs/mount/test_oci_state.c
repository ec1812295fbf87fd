/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_state.h"

#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void parse(const char *text, struct oci_container *ret_container)
{
	g_autoptr(GError) error = NULL;

	assert_true(oci_state_parse(text, strlen(text), ret_container, &error));
	g_assert_no_error(error);
}

/* As runc 1.1 writes it. */
static void parses_runc(void **state)
{
	struct oci_container container;

	parse("{\"ociVersion\":\"1.0.2-dev\",\"id\":\"c1\",\"status\":\"creating\",\"pid\":4711,\"bundle\":\"/b\","
	      "\"annotations\":{\"k\":\"v\"}}",
	      &container);
	assert_string_equal(container.id, "c1");
	assert_string_equal(container.status, "creating");
	assert_string_equal(container.bundle, "/b");
	assert_int_equal(container.pid, 4711);
	assert_null(container.rootfs);
	assert_string_equal(g_hash_table_lookup(container.annotations, "k"), "v");
	oci_container_clear(&container);
	assert_null(container.id);
}

/* crun 1.8 adds where the rootfs is, as config.json says it: relative to the bundle, too. */
static void parses_crun(void **state)
{
	struct oci_container container;

	parse("{\"ociVersion\":\"1.0\",\"id\":\"c1\",\"pid\":4711,\"root\":\"/b/rootfs\",\"bundle\":\"/"
	      "b\",\"status\":\"created\"}",
	      &container);
	assert_string_equal(container.rootfs, "/b/rootfs");
	assert_null(container.annotations);
	oci_container_clear(&container);
	parse("{\"id\":\"c1\",\"root\":\"rootfs\",\"bundle\":\"/b\",\"status\":\"created\"}", &container);
	assert_string_equal(container.rootfs, "/b/rootfs");
	oci_container_clear(&container);
}

#define GOOD "\"id\":\"c\",\"status\":\"s\",\"bundle\":\"/b\""

static void refuses_states(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "x", "the state is not JSON" },
		{ "[]", "the state is not a JSON object" },
		{ "{}", "the state has no member \"id\"" },
		{ "{\"id\":1}", "the state: member \"id\" is not a string" },
		{ "{\"id\":\"\",\"status\":\"s\",\"bundle\":\"/b\"}", "the state: member \"id\" is empty" },
		{ "{\"id\":\"c\"}", "the state has no member \"status\"" },
		{ "{\"id\":\"c\",\"status\":1}", "the state: member \"status\" is not a string" },
		{ "{\"id\":\"c\",\"status\":\"s\"}", "the state has no member \"bundle\"" },
		{ "{\"id\":\"c\",\"status\":\"s\",\"bundle\":[]}", "the state: member \"bundle\" is not a string" },
		{ "{\"id\":\"c\",\"status\":\"s\",\"bundle\":\"b\"}",
		  "the state: member \"bundle\" is no absolute path" },
		{ "{" GOOD ",\"root\":1}", "the state: member \"root\" is not a string" },
		{ "{" GOOD ",\"root\":\"\"}", "the state: member \"root\" is empty" },
		{ "{" GOOD ",\"pid\":\"1\"}", "the state: member \"pid\" is not an integer" },
		{ "{" GOOD ",\"pid\":1.5}", "the state: member \"pid\" is not an integer" },
		{ "{" GOOD ",\"pid\":-7}", "the state: member \"pid\" is -7, no process id" },
		{ "{" GOOD ",\"pid\":4294967298}", "the state: member \"pid\" is 4294967298, no process id" },
		{ "{" GOOD ",\"annotations\":[]}", "the state: member \"annotations\" is not an object" },
		{ "{" GOOD ",\"annotations\":{\"a\":true}}", "the state: annotation \"a\" is not a string" },
		{ "{" GOOD ",\"annotations\":{\"a\":null}}", "the state: annotation \"a\" is not a string" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct oci_container container = { .pid = 99 };
		g_autoptr(GError) error = NULL;

		assert_false(oci_state_parse(cases[i].text, strlen(cases[i].text), &container, &error));
		assert_has(error->message, cases[i].error);
		assert_int_equal(container.pid, 99);
	}
}

static bool complete(struct oci_container *container, const char *text, GError **error)
{
	return oci_config_parse(text, strlen(text), container, error);
}

static void completes_from_config(void **state)
{
	static const struct {
		const char *path, *rootfs;
	} cases[] = {
		{ "rootfs", "/b/rootfs" },
		{ "./a/../r", "/b/r" },
		{ "/abs", "/abs" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf(
			"{\"root\":{\"path\":\"%s\",\"readonly\":true},\"annotations\":{\"k\":\"v\"}}", cases[i].path);
		struct oci_container container;

		parse("{" GOOD "}", &container);
		assert_true(complete(&container, text, NULL));
		assert_string_equal(container.rootfs, cases[i].rootfs);
		assert_string_equal(g_hash_table_lookup(container.annotations, "k"), "v");
		oci_container_clear(&container);
	}
}

/* What the state says counts. */
static void state_comes_first(void **state)
{
	struct oci_container container;

	parse("{" GOOD ",\"root\":\"/s\",\"annotations\":{}}", &container);
	assert_true(complete(&container, "{\"root\":{\"path\":\"/c\"},\"annotations\":{\"k\":\"v\"}}", NULL));
	assert_string_equal(container.rootfs, "/s");
	assert_int_equal(g_hash_table_size(container.annotations), 0);
	oci_container_clear(&container);
}

static void refuses_configs(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "x", "config.json is not JSON" },
		{ "{}", "config.json has no member \"root\"" },
		{ "{\"root\":\"/r\"}", "config.json: member \"root\" is not an object" },
		{ "{\"root\":{}}", "config.json's root has no member \"path\"" },
		{ "{\"root\":{\"path\":1}}", "config.json's root: member \"path\" is not a string" },
		{ "{\"root\":{\"path\":\"\"}}", "config.json's root: member \"path\" is empty" },
		{ "{\"root\":{\"path\":\"r\"},\"annotations\":1}",
		  "config.json: member \"annotations\" is not an object" },
		{ "{\"root\":{\"path\":\"r\"},\"annotations\":{\"a\":1}}",
		  "config.json: annotation \"a\" is not a string" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct oci_container container;
		g_autoptr(GError) error = NULL;

		parse("{" GOOD "}", &container);
		assert_false(complete(&container, cases[i].text, &error));
		assert_has(error->message, cases[i].error);
		oci_container_clear(&container);
	}
}

static void loads_bundle(void **state)
{
	char *dir = scratch_new();
	g_autofree char *text = g_strdup_printf("{\"id\":\"c\",\"status\":\"s\",\"bundle\":\"%s\"}", dir);
	g_autofree char *rootfs = g_build_filename(dir, "r", NULL);
	struct oci_container container = { .pid = 99 };
	g_autoptr(GError) missing = NULL;

	assert_false(oci_container_load(text, strlen(text), &container, &missing));
	assert_int_equal(missing->code, ENOENT);
	assert_has(missing->message, "/config.json: No such file or directory");
	assert_int_equal(container.pid, 99);
	scratch_write(dir, "config.json", "{\"root\":{\"path\":\"r\"}}");
	assert_true(oci_container_load(text, strlen(text), &container, NULL));
	assert_string_equal(container.rootfs, rootfs);
	assert_int_equal(g_hash_table_size(container.annotations), 0);
	oci_container_clear(&container);
	scratch_free(dir);
}

/* A bundle is not looked at when the state says all. */
static void needs_no_bundle(void **state)
{
	static const char text[] =
		"{\"id\":\"c\",\"status\":\"s\",\"bundle\":\"/nowhere\",\"root\":\"/r\",\"annotations\":{}}";
	struct oci_container container;

	assert_true(oci_container_load(text, strlen(text), &container, NULL));
	oci_container_clear(&container);
}

static void checks_stage(void **state)
{
	static const struct {
		const char *status;
		pid_t pid;
		const char *error; /* NULL: good */
	} cases[] = {
		{ "creating", 2, NULL },
		{ "created", 4711, NULL },
		{ "creating", 0, "the state has pid 0: this stage runs inside the container's namespaces" },
		{ "creating", 1, "the state has pid 1: this stage runs inside the container's namespaces" },
		{ "running", 2, "the container's status is \"running\"" },
		{ "stopped", 2, "the container's status is \"stopped\"" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *status = g_strdup(cases[i].status);
		const struct oci_container container = { .status = status, .pid = cases[i].pid };
		g_autoptr(GError) error = NULL;

		assert_int_equal(oci_container_check_stage(&container, &error), !cases[i].error);
		if (cases[i].error)
			assert_has(error->message, cases[i].error);
	}
}

/* Name and value, or no such annotation. The value outlives the table: options borrow it. */
static bool take(char *name, char *value, struct oci_options *ret_options, GError **error)
{
	g_autoptr(GHashTable) table = g_hash_table_new(g_str_hash, g_str_equal);
	char other[] = "io.kubernetes.procvirt.dev/enable";

	g_hash_table_insert(table, other, other);
	if (name)
		g_hash_table_insert(table, name, value);
	return oci_options_parse(table, ret_options, error);
}

static void has_defaults(void **state)
{
	struct oci_options options = { 0 };

	assert_true(take(NULL, NULL, &options, NULL));
	assert_true(options.enable);
	assert_null(options.cpu_count);
	assert_false(options.has_renumber_cpus);
}

static void takes_options(void **state)
{
	struct oci_options options = { 0 };
	char enable[] = "procvirt.dev/enable", count[] = "procvirt.dev/cpu-count",
	     renumber[] = "procvirt.dev/renumber-cpus", nesting[] = "procvirt.dev/nesting",
	     shape[] = "procvirt.dev/cgroup-shape";
	char yes[] = "true", no[] = "false", shares[] = "shares", v1[] = "v1";

	assert_true(take(enable, no, &options, NULL));
	assert_false(options.enable);
	assert_true(take(enable, yes, &options, NULL));
	assert_true(options.enable);
	assert_true(take(count, shares, &options, NULL));
	assert_string_equal(options.cpu_count, "shares");
	assert_true(take(renumber, no, &options, NULL));
	assert_true(options.has_renumber_cpus && !options.renumber_cpus);
	assert_true(take(renumber, yes, &options, NULL));
	assert_true(options.has_renumber_cpus && options.renumber_cpus);
	assert_false(options.nesting);
	assert_true(take(nesting, yes, &options, NULL));
	assert_true(options.nesting);
	assert_null(options.cgroup_shape);
	assert_true(take(shape, v1, &options, NULL));
	assert_string_equal(options.cgroup_shape, "v1");
}

static void refuses_options(void **state)
{
	static const struct {
		const char *name, *value, *error;
	} cases[] = {
		{ "procvirt.dev/enable", "yes", "annotation procvirt.dev/enable is \"yes\", not true or false" },
		{ "procvirt.dev/enable", "", "annotation procvirt.dev/enable is \"\", not true or false" },
		{ "procvirt.dev/cpu-count", "2\n",
		  "annotation procvirt.dev/cpu-count is \"2\\n\", not quota, cpuset or shares" },
		{ "procvirt.dev/renumber-cpus", "1",
		  "annotation procvirt.dev/renumber-cpus is \"1\", not true or false" },
		{ "procvirt.dev/nesting", "", "annotation procvirt.dev/nesting is \"\", not true or false" },
		{ "procvirt.dev/cgroup-shape", "1",
		  "annotation procvirt.dev/cgroup-shape is \"1\", not host, v1, v2 or kernel" },
		{ "procvirt.dev/enabled", "true", "unknown annotation \"procvirt.dev/enabled\"" },
		{ "procvirt.dev/", "true", "unknown annotation \"procvirt.dev/\"" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = g_strdup(cases[i].name), *value = g_strdup(cases[i].value);
		struct oci_options options = { .cpu_count = "untouched" };
		g_autoptr(GError) error = NULL;

		assert_false(take(name, value, &options, &error));
		assert_string_equal(error->message, cases[i].error);
		assert_string_equal(options.cpu_count, "untouched");
	}
}

/* The state says so itself: there need be no bundle. */
static void leaves_alone_without_bundle(void **state)
{
	static const char format[] = "{\"id\":\"c\",\"status\":\"creating\",\"bundle\":\"/no/such/bundle\","
				     "\"annotations\":{\"procvirt.dev/enable\":\"%s\"}}";
	g_autofree char *off = g_strdup_printf(format, "false"), *on = g_strdup_printf(format, "true");
	struct oci_container container;
	g_autoptr(GError) error = NULL;

	assert_true(oci_container_load(off, strlen(off), &container, NULL));
	assert_null(container.rootfs);
	oci_container_clear(&container);
	assert_false(oci_container_load(on, strlen(on), &container, &error));
	assert_has(error->message, "container c: opening /no/such/bundle/config.json: ");
}

static void bounds_reading(void **state)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	g_autoptr(GError) endless = NULL, closed = NULL;
	gsize length;

	assert_null(oci_read(fd, "it", &length, &endless));
	assert_int_equal(endless->code, EFBIG);
	assert_string_equal(endless->message, "it is longer than 16 MiB");
	close(fd);
	assert_null(oci_read(fd, "it", &length, &closed));
	assert_int_equal(closed->code, EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_runc),       cmocka_unit_test(parses_crun),
		cmocka_unit_test(refuses_states),    cmocka_unit_test(completes_from_config),
		cmocka_unit_test(state_comes_first), cmocka_unit_test(refuses_configs),
		cmocka_unit_test(loads_bundle),      cmocka_unit_test(needs_no_bundle),
		cmocka_unit_test(checks_stage),      cmocka_unit_test(has_defaults),
		cmocka_unit_test(takes_options),     cmocka_unit_test(refuses_options),
		cmocka_unit_test(bounds_reading),    cmocka_unit_test(leaves_alone_without_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
