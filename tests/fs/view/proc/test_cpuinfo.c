/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

/* A block as x86 prints it, shortened; the apic id is another number than the CPU's. */
#define X86(cpu, physical, core, siblings, cores)    \
	"processor\t: " #cpu "\n"                    \
	"vendor_id\t: GenuineIntel\n"                \
	"cpu family\t: 6\n"                          \
	"model name\t: Intel(R) Xeon(R) Processor\n" \
	"cpu MHz\t\t: 2299.998\n"                    \
	"cache size\t: 266240 KB\n"                  \
	"physical id\t: " #physical "\n"             \
	"siblings\t: " #siblings "\n"                \
	"core id\t\t: " #core "\n"                   \
	"cpu cores\t: " #cores "\n"                  \
	"apicid\t\t: 5" #cpu "\n"                    \
	"flags\t\t: fpu vme processor siblings\n"    \
	"power management:\n"                        \
	"\n"

/* Two packages of two cores of two threads; the second threads come last, as the kernel numbers them. */
static const char x86[] = X86(0, 0, 0, 4, 2) X86(1, 0, 1, 4, 2) X86(2, 1, 0, 4, 2) X86(3, 1, 1, 4, 2) X86(4, 0, 0, 4, 2)
	X86(5, 0, 1, 4, 2) X86(6, 1, 0, 4, 2) X86(7, 1, 1, 4, 2);

static struct view with_cpus(const char *list, bool renumber, const char *host)
{
	return (struct view){ .cpus = sample_cpus(list, 8, renumber), .host = host };
}

/* What a quota of so much of a CPU leaves of the eight. */
static struct view with_quota(uint64_t quota_us)
{
	struct cg_cpumask online = sample_mask("0-7"), none = { 0 };
	struct cg_cpu cpu = { .quota = { .quota_us = quota_us, .period_us = 100000 } };
	struct view view = { .host = x86 };

	view_cpus_choose(&view.cpus, &online, 8, &none, &cpu, VIEW_CPU_QUOTA, false);
	return view;
}

static void all_cpus_are_the_hosts_text(void **state)
{
	struct view view = with_cpus("0-7", false, x86);

	assert_renders(cpuinfo_render, &view, x86);
	view.cpus.renumber = true;
	assert_renders(cpuinfo_render, &view, x86);
}

static void a_quota_cuts(void **state)
{
	struct view half = with_quota(50000), one = with_quota(100000), more = with_quota(150000);

	assert_renders(cpuinfo_render, &half, X86(0, 0, 0, 1, 1));
	assert_renders(cpuinfo_render, &one, X86(0, 0, 0, 1, 1));
	assert_renders(cpuinfo_render, &more, X86(0, 0, 0, 2, 2) X86(1, 0, 1, 2, 2));
}

static void siblings_and_cores_are_of_the_visible(void **state)
{
	/* One core with both threads and half of another in package 0, one thread in package 1. */
	struct view view = with_cpus("0-1,4,7", false, x86);

	assert_renders(cpuinfo_render, &view,
		       X86(0, 0, 0, 3, 2) X86(1, 0, 1, 3, 2) X86(4, 0, 0, 3, 2) X86(7, 1, 1, 1, 1));
}

static void renumbering_changes_the_cpu_numbers_only(void **state)
{
	struct view view = with_cpus("1,5,6", true, x86);
	g_autofree char *text = sample_render(cpuinfo_render, &view);
	g_autoptr(GString) expected = g_string_new(X86(1, 0, 1, 2, 1) X86(5, 0, 1, 2, 1) X86(6, 1, 0, 1, 1));

	g_string_replace(expected, "processor\t: 1\n", "processor\t: 0\n", 0);
	g_string_replace(expected, "processor\t: 5\n", "processor\t: 1\n", 0);
	g_string_replace(expected, "processor\t: 6\n", "processor\t: 2\n", 0);
	assert_string_equal(text, expected->str);
}

static void arm_keeps_its_trailer(void **state)
{
	struct view view = with_cpus("1", false,
				     "processor\t: 0\nBogoMIPS\t: 50.00\n\n"
				     "processor\t: 1\nBogoMIPS\t: 51.00\n\n"
				     "Hardware\t: BCM2711\nRevision\t: c03111\n");

	assert_renders(cpuinfo_render, &view,
		       "processor\t: 1\nBogoMIPS\t: 51.00\n\nHardware\t: BCM2711\nRevision\t: c03111\n");
	view.cpus = sample_cpus("0", 2, false);
	assert_renders(cpuinfo_render, &view,
		       "processor\t: 0\nBogoMIPS\t: 50.00\n\nHardware\t: BCM2711\nRevision\t: c03111\n");
}

static void powerpc_keeps_its_trailer(void **state)
{
	struct view view = with_cpus("8", true,
				     "processor\t: 0\ncpu\t\t: POWER9\n\nprocessor\t: 8\ncpu\t\t: POWER9\n\n"
				     "timebase\t: 512000000\nplatform\t: pSeries\n");

	assert_renders(cpuinfo_render, &view,
		       "processor\t: 0\ncpu\t\t: POWER9\n\ntimebase\t: 512000000\nplatform\t: pSeries\n");
}

static void s390_has_a_head(void **state)
{
	struct view view = with_cpus("1-2", true,
				     "vendor_id       : IBM/S390\n# processors    : 4\nmax thread id   : 0\n"
				     "processor 0: version = FF,  machine = 2964\n"
				     "processor 1: version = FF,  machine = 2964\n"
				     "processor 2: version = FF,  machine = 2964\n"
				     "processor 3: version = FF,  machine = 2964\n\n"
				     "cpu number      : 0\nphysical id     : 2\ncore id         : 0\n"
				     "siblings        : 8\ncpu cores       : 8\n\n"
				     "cpu number      : 2\nphysical id     : 2\ncore id         : 2\n"
				     "siblings        : 8\ncpu cores       : 8\n\n");

	assert_renders(cpuinfo_render, &view,
		       "vendor_id       : IBM/S390\n# processors    : 2\nmax thread id   : 0\n"
		       "processor 0: version = FF,  machine = 2964\n"
		       "processor 1: version = FF,  machine = 2964\n\n"
		       "cpu number      : 1\nphysical id     : 2\ncore id         : 2\n"
		       "siblings        : 1\ncpu cores       : 1\n\n");
}

static void mips_begins_with_the_machine(void **state)
{
	struct view view = with_cpus("0", false,
				     "system type\t\t: MT7621\nmachine\t\t\t: Router\nprocessor\t\t: 0\n"
				     "core\t\t\t: 0\n\nprocessor\t\t: 1\ncore\t\t\t: 0\n\n");

	assert_renders(cpuinfo_render, &view,
		       "system type\t\t: MT7621\nmachine\t\t\t: Router\nprocessor\t\t: 0\ncore\t\t\t: 0\n\n");
}

static void what_is_no_cpu_is_hidden(void **state)
{
	struct view view = with_cpus("0-3", false,
				     "processor\t: x\nflags\t: a\n\nprocessor\t:\nflags\t: b\n\n"
				     "processor\t: 1 2\nflags\t: c\n\nprocessor\t: 4294967296\nflags\t: d\n\n"
				     "processor\t: -1\nflags\t: e\n\nprocessor\t: 1\nflags\t: f");

	assert_renders(cpuinfo_render, &view, "processor\t: 1\nflags\t: f\n");
	view.host = NULL;
	assert_renders(cpuinfo_render, &view, "");
}

static void a_cpu_is_shown_once(void **state)
{
	struct view view = with_cpus("0-1", false,
				     "processor\t: 0\nsiblings\t: 9\n\nprocessor\t: 0\nsiblings\t: 8\n\n"
				     "processor\t: 1\nprocessor\t: 1\nsiblings\t: 7\n");

	assert_renders(cpuinfo_render, &view, "processor\t: 0\nsiblings\t: 2\n\nprocessor\t: 1\n");
}

static void counts_outside_blocks_are_of_the_visible(void **state)
{
	struct view view =
		with_cpus("0-1", false, "ncpus probed\t: 64\nncpus active\t: 64\nsiblings: 64\ncpu cores: 64\n");

	assert_renders(cpuinfo_render, &view, "ncpus probed\t: 2\nncpus active\t: 2\nsiblings: 2\ncpu cores: 2\n");
}

/* A text of n blocks, all in one package, two threads a core. */
static char *many(unsigned n)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(
			text, "processor\t: %u\nphysical id\t: 0\nsiblings\t: 1\ncore id\t: %u\ncpu cores\t: 1\n\n", i,
			i / 2);
	return g_string_free(text, FALSE);
}

static void as_many_as_there_can_be(void **state)
{
	g_autofree char *host = many(CG_MAX_CPUS), *text = NULL;
	struct view view = with_cpus("0-8191", true, host);

	text = sample_render(cpuinfo_render, &view);
	assert_true(g_str_has_prefix(
		text, "processor\t: 0\nphysical id\t: 0\nsiblings\t: 8192\ncore id\t: 0\ncpu cores\t: 4096\n"));
	assert_true(g_str_has_suffix(text, "siblings\t: 8192\ncore id\t: 4095\ncpu cores\t: 4096\n\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cpus_are_the_hosts_text),
		cmocka_unit_test(a_quota_cuts),
		cmocka_unit_test(siblings_and_cores_are_of_the_visible),
		cmocka_unit_test(renumbering_changes_the_cpu_numbers_only),
		cmocka_unit_test(arm_keeps_its_trailer),
		cmocka_unit_test(powerpc_keeps_its_trailer),
		cmocka_unit_test(s390_has_a_head),
		cmocka_unit_test(mips_begins_with_the_machine),
		cmocka_unit_test(what_is_no_cpu_is_hidden),
		cmocka_unit_test(a_cpu_is_shown_once),
		cmocka_unit_test(counts_outside_blocks_are_of_the_visible),
		cmocka_unit_test(as_many_as_there_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
