/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/shown.h"
#include "tests/cgroup/tree.h"

#define SYSFS  "20 1 0:21 / /r/sys ro - sysfs sysfs ro\n"
#define TMPFS  "30 20 0:40 / /r/sys/fs/cgroup ro - tmpfs tmpfs rw\n"
#define MEMORY "31 30 0:33 "
#define CPU    "32 30 0:28 "

#define V2(root, options) SYSFS "30 20 0:26 " root " /r/sys/fs/cgroup " options " - cgroup2 cgroup2 rw,nsdelegate\n"
#define ON_MEMORY(root, options) \
	MEMORY root " /r/sys/fs/cgroup/memory " options ",nosuid shared:3 - cgroup cgroup rw,memory\n"
#define ON_CPU(root, options) CPU root " /r/sys/fs/cgroup/cpu,cpuacct " options " - cgroup cgroup rw,cpu,cpuacct\n"

#define BOX_V2 "0::/machine/box\n"
#define BOX_V1 "9:name=systemd:/box\n4:memory:/box\n2:cpuacct,cpu:/box\n5:misc:/\n0::/\n"

struct example {
	const char *mountinfo, *cgroup;
	enum cg_shown shown;
	bool own_namespace, read_only;
};

static void look(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct cg_shown_place place = { .mountinfo = examples[i].mountinfo,
						      .file = "mountinfo",
						      .mount = 30,
						      .cgroup = examples[i].cgroup,
						      .own_namespace = examples[i].own_namespace,
						      .read_only = examples[i].read_only };
		g_autoptr(GError) error = NULL;
		enum cg_shown shown;

		if (!cg_shown_look(&place, &shown, &error))
			fail_msg("example %zu: %s", i, error->message);
		if (shown != examples[i].shown)
			fail_msg("example %zu: %d, not %d", i, shown, examples[i].shown);
	}
}

#define LOOK(examples) look(examples, G_N_ELEMENTS(examples))

static void test_v2(void **state)
{
	static const struct example examples[] = {
		{ V2("/", "ro"), BOX_V2, .shown = CG_SHOWN_OTHERS },
		{ V2("/machine", "ro"), BOX_V2, .shown = CG_SHOWN_OTHERS },
		{ V2("/machine/box2", "ro"), BOX_V2, .shown = CG_SHOWN_OTHERS },
		{ V2("/machine/box", "ro"), BOX_V2, .shown = CG_SHOWN_OWN },
		{ V2("/machine/box", "rw"), BOX_V2, .shown = CG_SHOWN_OWN },
		{ V2("/machine/box/in", "ro"), BOX_V2, .shown = CG_SHOWN_OWN },
		{ V2("/", "rw"), BOX_V2, .shown = CG_SHOWN_MANAGED },
		{ V2("/", "rw"), BOX_V2, .shown = CG_SHOWN_OTHERS, .read_only = true },
		{ V2("/machine/box", "ro"), "0::/machine/box/init.scope\n", .shown = CG_SHOWN_OWN },
		{ V2("/init.scope", "ro"), "0::/init.scope\n", .shown = CG_SHOWN_OWN },
		{ V2("/", "ro"), "0::/init.scope\n", .shown = CG_SHOWN_OTHERS },
		{ SYSFS, BOX_V2, .shown = CG_SHOWN_NONE },
		{ "", BOX_V2, .shown = CG_SHOWN_NONE },
	};

	LOOK(examples);
}

/* Its init has moved away from where its namespace began; but nobody's namespace begins at ours. */
static void test_moved(void **state)
{
	static const char init[] = "0::/machine/box/init\n";
	static const struct example examples[] = {
		{ V2("/machine/box", "ro"), init, .shown = CG_SHOWN_OWN, .own_namespace = true },
		{ V2("/machine/box", "ro"), init, .shown = CG_SHOWN_OTHERS },
		{ V2("/", "ro"), init, .shown = CG_SHOWN_OTHERS, .own_namespace = true },
		{ V2("/other", "ro"), init, .shown = CG_SHOWN_OTHERS, .own_namespace = true },
	};

	LOOK(examples);
}

/* Read in a cgroup namespace: what is outside begins with "/..". */
static void test_from_within_a_namespace(void **state)
{
	static const struct example examples[] = {
		{ V2("/", "ro"), "0::/\n", .shown = CG_SHOWN_OWN },
		{ V2("/..", "ro"), "0::/..\n", .shown = CG_SHOWN_OWN },
		{ V2("/", "ro"), "0::/..\n", .shown = CG_SHOWN_OWN },
		{ V2("/../box", "ro"), "0::/../box\n", .shown = CG_SHOWN_OWN },
		{ V2("/..", "ro"), "0::/../box\n", .shown = CG_SHOWN_OTHERS },
		{ V2("/../..", "ro"), "0::/../box/in\n", .shown = CG_SHOWN_OTHERS, .own_namespace = true },
		{ V2("/..", "ro"), "0::/box\n", .shown = CG_SHOWN_OTHERS },
	};

	LOOK(examples);
}

static void test_v1(void **state)
{
	static const struct example examples[] = {
		{ SYSFS TMPFS ON_MEMORY("/box", "ro") ON_CPU("/box", "ro"), BOX_V1, .shown = CG_SHOWN_OWN },
		{ SYSFS TMPFS ON_MEMORY("/box", "ro") ON_CPU("/", "ro"), BOX_V1, .shown = CG_SHOWN_OTHERS },
		{ SYSFS TMPFS ON_MEMORY("/", "ro") ON_CPU("/", "rw"), BOX_V1, .shown = CG_SHOWN_MANAGED },
		{ SYSFS TMPFS ON_MEMORY("/", "rw") ON_CPU("/", "ro"), BOX_V1, .shown = CG_SHOWN_MANAGED },
		{ SYSFS TMPFS ON_MEMORY("/box", "rw") ON_CPU("/", "ro"), BOX_V1, .shown = CG_SHOWN_OTHERS },
		/* The tmpfs is what will be read-only, not what is below it. */
		{ SYSFS TMPFS ON_MEMORY("/", "rw"), BOX_V1, .shown = CG_SHOWN_MANAGED, .read_only = true },
		{ SYSFS TMPFS, BOX_V1, .shown = CG_SHOWN_NONE },
		/* The container has no cgroup of its own there. */
		{ SYSFS TMPFS "33 30 0:50 / /r/sys/fs/cgroup/misc ro - cgroup cgroup rw,misc\n", BOX_V1,
		  .shown = CG_SHOWN_OWN },
		{ SYSFS TMPFS "33 30 0:51 / /r/sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw\n", BOX_V1,
		  .shown = CG_SHOWN_OWN },
		{ SYSFS TMPFS "33 30 0:52 / /r/sys/fs/cgroup/s ro - cgroup cgroup rw,xattr,name=systemd\n", BOX_V1,
		  .shown = CG_SHOWN_OTHERS },
		{ SYSFS TMPFS "33 30 0:53 / /r/sys/fs/cgroup/x ro - cgroup cgroup rw,rdma\n", BOX_V1,
		  .shown = CG_SHOWN_OWN },
	};

	LOOK(examples);
}

static void test_what_is_not_seen(void **state)
{
	static const struct example examples[] = {
		/* elsewhere */
		{ SYSFS TMPFS "33 20 0:26 / /r/sys/fs/other ro - cgroup2 cgroup2 rw\n", BOX_V2,
		  .shown = CG_SHOWN_NONE },
		{ SYSFS "30 20 0:9 / /r/sys/fs/cgroup ro - bpf bpf rw\n"
			"31 30 0:26 / /r/sys/fs/cgroup/x ro - cgroup2 c rw\n",
		  BOX_V2, .shown = CG_SHOWN_NONE },
		/* beneath another mount, or within one that is */
		{ SYSFS TMPFS ON_MEMORY("/", "ro") "34 31 0:33 /box /r/sys/fs/cgroup/memory ro - cgroup c rw,memory\n",
		  BOX_V1, .shown = CG_SHOWN_OWN },
		{ SYSFS TMPFS "40 30 0:60 / /r/sys/fs/cgroup/a ro - tmpfs t rw\n"
			      "41 40 0:33 / /r/sys/fs/cgroup/a/memory ro - cgroup c rw,memory\n",
		  BOX_V1, .shown = CG_SHOWN_OTHERS },
		{ SYSFS TMPFS "40 30 0:60 / /r/sys/fs/cgroup/a ro - tmpfs t rw\n"
			      "41 40 0:33 / /r/sys/fs/cgroup/a/memory ro - cgroup c rw,memory\n"
			      "42 40 0:61 / /r/sys/fs/cgroup/a ro - tmpfs t rw\n",
		  BOX_V1, .shown = CG_SHOWN_NONE },
		/* mounts that are each other's parents: no kernel has them */
		{ "30 31 0:1 / /a ro - tmpfs t rw\n31 30 0:33 / /b ro - cgroup c rw,memory\n"
		  "50 51 0:33 / /c ro - cgroup c rw,memory\n51 50 0:33 / /d ro - cgroup c rw,memory\n"
		  "52 52 0:33 / /e ro - cgroup c rw,memory\n",
		  BOX_V1, .shown = CG_SHOWN_OTHERS },
	};

	LOOK(examples);
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "30\n", "x 20 0:26 / /c ro - cgroup2 c rw\n",
					   "30 x 0:26 / /c ro - cgroup2 c rw\n" };

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		const struct cg_shown_place place = {
			.mountinfo = bad[i], .file = "mountinfo", .mount = 30, .cgroup = BOX_V2
		};
		g_autoptr(GError) error = NULL;
		enum cg_shown shown;

		assert_false(cg_shown_look(&place, &shown, &error));
		assert_int_equal(error->code, EINVAL);
		assert_non_null(strstr(error->message, "mountinfo"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_from_within_a_namespace),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_what_is_not_seen),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
