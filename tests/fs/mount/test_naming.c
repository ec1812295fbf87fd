/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/naming.h"

#include "fs/container/id.h"
#include "tests/fs/harness.h"

#define HEX "f0e1d2c3b4a5f0e1d2c3b4a5f0e1d2c3b4a5f0e1d2c3b4a5f0e1d2c3b4a5f0e1"

static void names(void **state)
{
	static const struct {
		const char *cgroup, *name;
	} cases[] = {
		{ "0::/machine.slice/libpod-" HEX ".scope\n", HEX },
		{ "0::/machine.slice/libpod-" HEX ".scope/container\n", HEX },
		{ "0::/machine.slice/libpod-" HEX ".scope/container/init.scope\n", HEX },
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX ".scope\n", HEX },
		{ "0::/system.slice/docker-" HEX ".scope\n", HEX },
		{ "0::/docker/" HEX "\n", HEX },
		{ "0::/kubepods.slice/kubepods-pod1.slice/crio-" HEX ".scope\n", HEX },
		{ "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" HEX ".scope\n", HEX },
		{ "0::/kubepods/burstable/pod1/" HEX "\n", HEX },
		{ "0::/lxc.payload.web1/init.scope\n", "web1" },
		{ "0::/machine.slice/machine-deb\\x2d12.scope/payload\n", "deb-12" },
		{ "0::/machine.slice/systemd-nspawn@web.service/payload\n", "web" },
		{ "12:memory:/runc/c1\n11:cpu,cpuacct:/runc/c1\n1:name=systemd:/runc/c1\n0::/\n", "c1" },
		{ "12:memory:/a\n0::/b\n", "b" },
		{ "0::/libpod-.scope\n", "libpod-.scope" },
		{ "0::/../other\n", "other" },
		{ "0::/a/..\n", "container" },
		{ "0::/a/one two\xff\x1b[2J\n", "one_two___2J" },
		{ "0::/a:b\n", "a_b" },
		{ "0::/x\\x2f\\x00y\n", "x_" },
		{ "0::/x\\xg0\n", "x_xg0" },
		{ "0::/\n", "container" },
		{ "0::/init.scope\n", "container" },
		{ "", "container" },
		{ "nonsense", "container" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = naming_from_cgroup(cases[i].cgroup);

		assert_string_equal(name, cases[i].name);
	}
}

static void shortens(void **state)
{
	g_autofree char *component = g_strnfill(255, 'x');
	g_autofree char *cgroup = g_strconcat("0::/", component, "\n", NULL);
	g_autofree char *name = naming_from_cgroup(cgroup);
	g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *again = NULL;
	uid_t owner;

	assert_true(container_id_parse(name, &owner));
	g_hash_table_add(taken, name);
	again = naming_unique(name, taken, G_MAXINT);
	assert_true(container_id_parse(again, &owner) && strcmp(name, again) != 0);
}

static void makes_unique(void **state)
{
	g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *first = naming_unique("web", taken, 7), *second = NULL;

	assert_string_equal(first, "web");
	g_hash_table_add(taken, first);
	second = naming_unique("web", taken, 7);
	assert_string_equal(second, "web-7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(shortens),
		cmocka_unit_test(makes_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
