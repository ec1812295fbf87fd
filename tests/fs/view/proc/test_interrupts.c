/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

static struct view with_cpus(const char *list, bool renumber, const char *host)
{
	return (struct view){ .cpus = sample_cpus(list, 8, renumber), .host = host };
}

#define X86                                                                         \
	"           CPU0       CPU1       CPU2       \n"                            \
	"  0:        237          0          1   IO-APIC   2-edge      timer\n"     \
	" 24:          0         17          0   PCI-MSI 81920-edge      nvme2q0\n" \
	"NMI:         11         12         13   Non-maskable interrupts\n"         \
	"LOC:      16242      17632      16836   Local timer interrupts\n"          \
	"ERR:          4\n"                                                         \
	"MIS:          5\n"                                                         \
	"PIW:          7          0          0   Posted-interrupt wakeup event\n"

static void only_the_architectures_lines_stay(void **state)
{
	struct view view = with_cpus("0,2", false, X86);

	assert_renders(interrupts_render, &view,
		       "           CPU0       CPU2       \n"
		       "NMI:          0          0   Non-maskable interrupts\n"
		       "LOC:          0          0   Local timer interrupts\n"
		       "ERR:          0\n"
		       "MIS:          0\n"
		       "PIW:          0          0   Posted-interrupt wakeup event\n");
	view.cpus = sample_cpus("1,2", 8, true);
	assert_renders(interrupts_render, &view,
		       "           CPU0       CPU1       \n"
		       "NMI:          0          0   Non-maskable interrupts\n"
		       "LOC:          0          0   Local timer interrupts\n"
		       "ERR:          0\n"
		       "MIS:          0\n"
		       "PIW:          0          0   Posted-interrupt wakeup event\n");
}

/* The indent grows with the number of interrupts; long CPU numbers take the room of the blanks after them. */
static void the_hosts_layout_is_kept(void **state)
{
	struct view view = with_cpus("255", false,
				     "             CPU0       CPU255     \n"
				     "  IPI0:         1          2       Rescheduling interrupts\n"
				     "   Err:         3\n");

	assert_renders(interrupts_render, &view,
		       "             CPU255     \n"
		       "  IPI0:          0       Rescheduling interrupts\n"
		       "   Err:          0\n");
}

static void softirqs_have_no_descriptions(void **state)
{
	struct view view = with_cpus("1", false,
				     "                    CPU0       CPU1       CPU2       \n"
				     "          HI:          3          0          1\n"
				     "      NET_TX:        158        154         12\n");

	assert_renders(interrupts_render, &view,
		       "                    CPU1       \n"
		       "          HI:          0\n"
		       "      NET_TX:          0\n");
}

static void what_is_not_understood_is_left_out(void **state)
{
	struct view view = with_cpus("0", false,
				     "           CPU0       \n"
				     "no colon 12\n"
				     ":         12\n"
				     "a b:      12\n"
				     "NMI:  none\n"
				     "TAB:      12   a\tb\n"
				     "LOC:      12   Local timer interrupts");

	assert_renders(interrupts_render, &view,
		       "           CPU0       \n"
		       "LOC:          0   Local timer interrupts\n");
	view.host = NULL;
	assert_renders(interrupts_render, &view, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_architectures_lines_stay),
		cmocka_unit_test(the_hosts_layout_is_kept),
		cmocka_unit_test(softirqs_have_no_descriptions),
		cmocka_unit_test(what_is_not_understood_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
