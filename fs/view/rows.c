/* SPDX-License-Identifier: Apache-2.0
 *
 * The table. Which files are here, and are not, follows what lscpu, hwloc,
 * glibc, the JVM, psutil, htop, sysstat and node_exporter read. Left out of
 * cpuN on purpose: topology/ppin (a serial number), crash_notes (kernel
 * addresses). The kernel's own list is in Documentation/ABI/stable/sysfs-devices-system-cpu and
 * Documentation/ABI/testing/sysfs-devices-system-cpu.
 *
 * Of a disk there is what lsblk, iostat and node_exporter read of Documentation/ABI/stable/sysfs-block. Left out on purpose:
 * device, serial, wwid, uevent and diskseq, which tell whose it is.
 */
#include "fs/view/rows.h"

#include "fs/view/render.h"
#include "fs/view/render_cgroup.h"

#include <pthread.h>
#include <string.h>

#define DIRECTORY(mode_, about_) .kind = ROW_DIRECTORY, .mode = mode_, .about = about_
#define FILE_(render_, needs_, about_) \
	.kind = ROW_FILE, .mode = 0444, .render = render_, .needs = needs_, .about = about_

/* What the hardware and the kernel are, for everyone the same. */
#define NUMBER(about_) FILE_(constant_number_render, VIEW_HOST, about_)
#define WORD(about_)   FILE_(constant_word_render, VIEW_HOST, about_)
#define LINE(about_)   FILE_(constant_line_render, VIEW_HOST, about_)

/* Sets of CPUs. */
#define VISIBLE(about_)    FILE_(cpu_visible_render, VIEW_CPUS, about_)
#define AMONG(about_)      FILE_(cpu_among_render, VIEW_CPUS | VIEW_HOST, about_)
#define SIBLINGS(about_)   FILE_(cpu_siblings_list_render, VIEW_CPUS | VIEW_HOST, about_ ", a list")
#define SIBLINGMAP(about_) FILE_(cpu_siblings_map_render, VIEW_CPUS | VIEW_HOST, about_ ", a map")

/* The kernel's can be written to; triggers are not served, and so neither is writing. */
#define PRESSURE(about_) FILE_(pressure_render, VIEW_PRESSURE | VIEW_HOST, "time lost by waiting " about_)

#define LINK(kind_, about_)                                                                      \
	.kind = kind_, .mode = 0777, .link = true, .needs = VIEW_IO, .render = disk_link_render, \
	.about = "a link " about_

/* What the host's administrator can set, and a container cannot. */
#define SETTING(render_, about_) .kind = ROW_FILE, .mode = 0644, .needs = VIEW_HOST, .render = render_, .about = about_

/*
 * The cgroup tree: a file that is the kernel's own and no other; one that the other version has too, under another name; one
 * that is made where the version is the other one; and one that is a limit.
 */
#define OF_TREE(shape_, controller_, mode_, about_) \
	.kind = ROW_FILE, .shape = shape_, .controller = controller_, .mode = mode_, .about = about_
#define OWN(shape_, controller_, mode_, about_) \
	OF_TREE(shape_, controller_, mode_, about_), .needs = VIEW_TREE, .render = cgroup_kernels_render
#define SAME(shape_, controller_, mode_, other_, about_) OWN(shape_, controller_, mode_, about_), .other = other_
#define MADE(shape_, controller_, mode_, other_, needs_, render_, about_) \
	OF_TREE(shape_, controller_, mode_, about_), .other = other_, .needs = VIEW_TREE | (needs_), .render = render_
#define LIMIT(shape_, controller_, mode_, other_, needs_, render_, about_) \
	MADE(shape_, controller_, mode_, other_, needs_, render_, about_), .limit = true

#define TREE     "/sys/fs/cgroup"
#define CPUS     "/sys/devices/system/cpu"
#define CPU      CPUS "/cpu%"
#define TOPOLOGY CPU "/topology"
#define CACHE    CPU "/cache"
#define INDEX    CACHE "/index%"
#define CPUFREQ  CPU "/cpufreq"
#define SMT      CPUS "/smt"
#define MEMORY   "/sys/devices/system/memory"
#define BLOCK    MEMORY "/memory%"
#define FLAWS    CPUS "/vulnerabilities"
#define DISK     "/sys/block/%"
#define QUEUE    DISK "/queue"

/* Memory nodes and huge pages. */
#define NODEFILE(render_, needs_, about_) FILE_(render_, (needs_) | VIEW_EXISTS, about_)
#define NODETEXT(render_, needs_, about_) FILE_(render_, (needs_) | VIEW_HOST, about_)
#define HUGEFILE(mode_, render_, needs_, about_) \
	.kind = ROW_FILE, .mode = mode_, .render = render_, .needs = (needs_) | VIEW_EXISTS, .about = about_

/* Documentation/ABI/testing/sysfs-kernel-mm-ksm: no cgroup counts what is merged. */
#define KSMCOUNT(about_) HUGEFILE(0444, constant_zero_render, 0, about_), .zeroed = "all"

#define NODES     "/sys/devices/system/node"
#define NODE      NODES "/node%"
#define HUGE      "/sys/kernel/mm/hugepages"
#define KSM       "/sys/kernel/mm/ksm"
#define PAGES     HUGE "/hugepages-%kB"
#define NODEPAGES NODE "/hugepages/hugepages-%kB"

static const struct row rows[] = {
	{ 1, .path = "/", DIRECTORY(0555, "everything that is served") },
	{ 2, .path = "/proc", DIRECTORY(0555, "files of the caller's /proc") },
	{ 3, .path = "/sys", DIRECTORY(0555, "files of the caller's /sys") },
	{ 4, .path = "/sys/devices", DIRECTORY(0755, "devices") },
	{ 5, .path = "/sys/devices/system", DIRECTORY(0755, "system devices") },
	{ 6, .path = CPUS, DIRECTORY(0755, "the CPUs that the container sees"), .lay = true },
	/* A user may go through to what it registered; who may see what is decided at each look-up: fs/serve/ops.c. */
	{ 7, .path = "/containers", .kind = ROW_CONTAINERS, .mode = 0511,
	  .about = "each registered container's files" },

	{ 8, .path = "/proc/meminfo", .lay = true,
	  .zeroed = "Buffers, Mlocked, Bounce, NFS_Unstable, WritebackTmp, VmallocUsed, HardwareCorrupted, Cma*, "
		    "Balloon, "
		    "Unaccepted, DirectMap*",
	  FILE_(meminfo_render, VIEW_MEMORY | VIEW_HOST, "memory within the container's limit") },
	{ 9, .path = "/proc/swaps", .lay = true,
	  FILE_(swaps_render, VIEW_MEMORY, "swap within the container's limit") },
	{ 10, .path = "/proc/cpuinfo", .lay = true,
	  FILE_(cpuinfo_render, VIEW_CPUS | VIEW_HOST, "the CPUs that the container sees") },
	{ 11, .path = "/proc/stat", .lay = true,
	  .zeroed = "nice, iowait, irq, softirq, guest, guest_nice; intr, ctxt and softirq, which have no more than "
		    "the total",
	  FILE_(stat_render, VIEW_CPUS | VIEW_TIMES | VIEW_TASKS | VIEW_CLOCK, "the container's CPU times") },
	{ 12, .path = "/proc/uptime", .lay = true,
	  FILE_(uptime_render, VIEW_CLOCK, "time since the container started") },
	{ 13, .path = "/proc/loadavg", .lay = true,
	  FILE_(loadavg_render, VIEW_LOAD | VIEW_TASKS, "the container's load averages") },
	{ 100, .path = "/proc/interrupts", .lay = true, .zeroed = "every count; lines of devices are left out",
	  FILE_(interrupts_render, VIEW_CPUS | VIEW_HOST, "kinds of interrupts, by visible CPU") },
	{ 101, .path = "/proc/softirqs", .lay = true, .zeroed = "every count",
	  FILE_(interrupts_render, VIEW_CPUS | VIEW_HOST, "kinds of deferred interrupt work, by visible CPU") },
	{ 102, .path = "/proc/schedstat", .lay = true,
	  .zeroed = "all but the times of running and waiting; lines of domains are left out",
	  FILE_(schedstat_render, VIEW_CPUS | VIEW_TIMES | VIEW_HOST,
		"how long the container ran and waited, by visible CPU") },
	{ 103, .path = "/proc/cgroups", .lay = true,
	  .zeroed = "num_cgroups of v1's devices, freezer, net_cls, net_prio, perf_event, rdma, misc, which is 1",
	  FILE_(cgroups_render, VIEW_CGROUPS | VIEW_HOST, "the kernel's cgroup controllers") },
	{ 104, .path = "/proc/slabinfo", .kind = ROW_FILE, .mode = 0400, .lay = true, .needs = VIEW_EXISTS,
	  .render = slabinfo_render, .about = "the heading alone: the kernel's caches are no container's",
	  .zeroed = "every cache, which is left out" },
	{ 105, .path = "/proc/buddyinfo", .lay = true, .zeroed = "all but the last zone of a node",
	  FILE_(buddyinfo_render, VIEW_NUMA | VIEW_HOST, "free blocks of memory, by visible node") },
	{ 106, .path = "/proc/pagetypeinfo", .kind = ROW_FILE, .mode = 0400, .layout = true, .lay = true,
	  .needs = VIEW_NUMA | VIEW_HOST, .render = pagetypeinfo_render,
	  .about = "free blocks of memory by type, by visible node",
	  .zeroed = "all but what is movable in the last zone of a node" },
	{ 107, .path = "/proc/zoneinfo", .lay = true,
	  .zeroed = "watermarks, protection, events, sets of pages, start_pfn; all but the last zone of a node",
	  FILE_(zoneinfo_render, VIEW_NUMA | VIEW_HOST, "zones of memory, by visible node") },

	{ 530, .path = "/proc/sys", DIRECTORY(0555, "the kernel's settings") },
	{ 531, .path = "/proc/sys/fs", DIRECTORY(0555, "those of file systems") },
	{ 532, .path = "/proc/sys/fs/file-nr", .lay = true, .zeroed = "all but the limit",
	  FILE_(sysctl_counts_but_third_render, VIEW_HOST, "open files of the machine, and their limit") },
	{ 533, .path = "/proc/sys/fs/inode-nr", .lay = true, .zeroed = "all",
	  FILE_(sysctl_counts_render, VIEW_HOST, "inodes in memory") },
	{ 534, .path = "/proc/sys/fs/inode-state", .lay = true, .zeroed = "all",
	  FILE_(sysctl_counts_render, VIEW_HOST, "inodes in memory") },
	{ 535, .path = "/proc/sys/fs/dentry-state", .lay = true, .zeroed = "all but age_limit",
	  FILE_(sysctl_counts_but_third_render, VIEW_HOST, "names of files in memory") },
	{ 536, .path = "/proc/sys/fs/aio-nr", .lay = true, .zeroed = "all",
	  FILE_(constant_zero_render, VIEW_EXISTS, "requests of asynchronous I/O that may be under way") },
	{ 537, .path = "/proc/sys/kernel", DIRECTORY(0555, "the kernel's own") },
	{ 538, .path = "/proc/sys/kernel/pty", DIRECTORY(0555, "those of pseudo terminals"), .needs = VIEW_EXISTS },
	{ 539, .path = "/proc/sys/kernel/pty/nr", .lay = true, .zeroed = "all",
	  FILE_(constant_zero_render, VIEW_EXISTS, "pseudo terminals in use") },

	{ 14, .path = CPUS "/online", VISIBLE("CPUs in use") },
	{ 15, .path = CPUS "/possible", VISIBLE("CPUs that can ever be there") },
	{ 16, .path = CPUS "/present", VISIBLE("CPUs that are plugged in") },
	{ 17, .path = CPUS "/offline", FILE_(cpu_offline_render, 0, "CPUs that are not in use: none") },
	{ 18, .path = CPUS "/kernel_max", NUMBER("the highest CPU number of this kernel build") },
	{ 19, .path = CPUS "/isolated", AMONG("CPUs that are kept from the scheduler's balancing") },
	{ 20, .path = CPUS "/nohz_full", AMONG("CPUs without a periodic tick") },
	{ 21, .path = CPUS "/enabled",
	  FILE_(cpu_visible_render, VIEW_CPUS | VIEW_HOST, "CPUs that firmware lets be used") },
	{ 22, .path = CPUS "/modalias", LINE("the CPUs' model and features, for module loading") },

	{ 23, .path = CPU, .kind = ROW_EACH_CPU, .mode = 0755, .needs = VIEW_CPUS, .about = "one CPU" },
	{ 24, .path = CPU "/online", .kind = ROW_FILE, .mode = 0644, .needs = VIEW_HOST, .render = cpu_is_online_render,
	  .about = "the CPU is in use" },
	{ 25, .path = CPU "/cpu_capacity", NUMBER("the CPU's speed relative to the fastest, which has 1024") },

	{ 26, .path = TOPOLOGY, DIRECTORY(0755, "the CPU's place in the machine"), .needs = VIEW_HOST },
	{ 27, .path = TOPOLOGY "/physical_package_id", NUMBER("id of its package") },
	{ 28, .path = TOPOLOGY "/die_id", NUMBER("id of its die") },
	{ 29, .path = TOPOLOGY "/cluster_id", NUMBER("id of its cluster") },
	{ 30, .path = TOPOLOGY "/core_id", NUMBER("id of its core") },
	{ 31, .path = TOPOLOGY "/book_id", NUMBER("id of its book") },
	{ 32, .path = TOPOLOGY "/drawer_id", NUMBER("id of its drawer") },
	{ 33, .path = TOPOLOGY "/core_cpus", SIBLINGMAP("CPUs of its core") },
	{ 34, .path = TOPOLOGY "/core_cpus_list", SIBLINGS("CPUs of its core") },
	{ 35, .path = TOPOLOGY "/thread_siblings", SIBLINGMAP("CPUs of its core, by the old name") },
	{ 36, .path = TOPOLOGY "/thread_siblings_list", SIBLINGS("CPUs of its core, by the old name") },
	{ 37, .path = TOPOLOGY "/core_siblings", SIBLINGMAP("CPUs of its package, by the old name") },
	{ 38, .path = TOPOLOGY "/core_siblings_list", SIBLINGS("CPUs of its package, by the old name") },
	{ 39, .path = TOPOLOGY "/package_cpus", SIBLINGMAP("CPUs of its package") },
	{ 40, .path = TOPOLOGY "/package_cpus_list", SIBLINGS("CPUs of its package") },
	{ 41, .path = TOPOLOGY "/die_cpus", SIBLINGMAP("CPUs of its die") },
	{ 42, .path = TOPOLOGY "/die_cpus_list", SIBLINGS("CPUs of its die") },
	{ 43, .path = TOPOLOGY "/cluster_cpus", SIBLINGMAP("CPUs of its cluster") },
	{ 44, .path = TOPOLOGY "/cluster_cpus_list", SIBLINGS("CPUs of its cluster") },
	{ 45, .path = TOPOLOGY "/book_siblings", SIBLINGMAP("CPUs of its book") },
	{ 46, .path = TOPOLOGY "/book_siblings_list", SIBLINGS("CPUs of its book") },
	{ 47, .path = TOPOLOGY "/drawer_siblings", SIBLINGMAP("CPUs of its drawer") },
	{ 48, .path = TOPOLOGY "/drawer_siblings_list", SIBLINGS("CPUs of its drawer") },

	{ 1001, .path = CPU "/node%", .kind = ROW_EACH_HOME, .mode = 0777, .link = true, .needs = VIEW_NODES,
	  .render = cpu_node_link_render, .about = "a link to the memory node that it belongs to" },
	{ 49, .path = CACHE, DIRECTORY(0755, "the CPU's caches"), .needs = VIEW_HOST },
	{ 50, .path = INDEX, .kind = ROW_EACH_CACHE, .mode = 0755, .needs = VIEW_HOST, .about = "one cache" },
	{ 51, .path = INDEX "/type", WORD("Data, Instruction or Unified") },
	{ 52, .path = INDEX "/level", NUMBER("its distance from the CPU") },
	{ 53, .path = INDEX "/size", WORD("its size, as 48K") },
	{ 54, .path = INDEX "/id", NUMBER("its number among those of its level") },
	{ 55, .path = INDEX "/coherency_line_size", NUMBER("bytes of a line") },
	{ 56, .path = INDEX "/number_of_sets", NUMBER("sets") },
	{ 57, .path = INDEX "/physical_line_partition", NUMBER("lines of one tag") },
	{ 58, .path = INDEX "/ways_of_associativity", NUMBER("ways of a set") },
	{ 59, .path = INDEX "/shared_cpu_list", SIBLINGS("CPUs that share it") },
	{ 60, .path = INDEX "/shared_cpu_map", SIBLINGMAP("CPUs that share it") },
	{ 61, .path = INDEX "/allocation_policy", WORD("when a line is allocated") },
	{ 62, .path = INDEX "/write_policy", WORD("WriteThrough or WriteBack") },

	{ 63, .path = FLAWS, DIRECTORY(0755, "what the CPUs are vulnerable to, and how that is mitigated"),
	  .needs = VIEW_HOST },
	{ 64, .path = FLAWS "/gather_data_sampling", LINE("gather data sampling") },
	{ 65, .path = FLAWS "/ghostwrite", LINE("GhostWrite") },
	{ 66, .path = FLAWS "/indirect_target_selection", LINE("indirect target selection") },
	{ 67, .path = FLAWS "/itlb_multihit", LINE("iTLB multihit") },
	{ 68, .path = FLAWS "/l1tf", LINE("L1 terminal fault") },
	{ 69, .path = FLAWS "/mds", LINE("microarchitectural data sampling") },
	{ 70, .path = FLAWS "/meltdown", LINE("Meltdown") },
	{ 71, .path = FLAWS "/mmio_stale_data", LINE("MMIO stale data") },
	{ 72, .path = FLAWS "/old_microcode", LINE("microcode older than it should be") },
	{ 73, .path = FLAWS "/reg_file_data_sampling", LINE("register file data sampling") },
	{ 74, .path = FLAWS "/retbleed", LINE("Retbleed") },
	{ 75, .path = FLAWS "/spec_rstack_overflow", LINE("speculative return stack overflow") },
	{ 76, .path = FLAWS "/spec_store_bypass", LINE("speculative store bypass") },
	{ 77, .path = FLAWS "/spectre_v1", LINE("Spectre variant 1") },
	{ 78, .path = FLAWS "/spectre_v2", LINE("Spectre variant 2") },
	{ 79, .path = FLAWS "/srbds", LINE("special register buffer data sampling") },
	{ 80, .path = FLAWS "/tsa", LINE("transient scheduler attacks") },
	{ 81, .path = FLAWS "/tsx_async_abort", LINE("TSX asynchronous abort") },
	{ 82, .path = FLAWS "/vmscape", LINE("VMScape") },

	{ 240, .path = "/proc/diskstats", .lay = true,
	  .zeroed = "all but requests and sectors read, written and discarded",
	  FILE_(diskstats_render, VIEW_IO | VIEW_HOST, "what the container did on each disk that it used") },
	{ 241, .path = "/proc/partitions", .lay = true,
	  FILE_(partitions_render, VIEW_IO | VIEW_HOST, "the disks that the container used, and their sizes") },
	{ 242, .path = "/proc/pressure", .kind = ROW_DIRECTORY, .mode = 0555, .needs = VIEW_HOST,
	  .about = "how long the container's threads waited (PSI)" },
	{ 243, .path = "/proc/pressure/cpu", .lay = true, PRESSURE("for a CPU") },
	{ 244, .path = "/proc/pressure/io", .lay = true, PRESSURE("for disks") },
	{ 245, .path = "/proc/pressure/memory", .lay = true, PRESSURE("for memory") },
	{ 246, .path = "/proc/pressure/irq", .lay = true, PRESSURE("for interrupts to be served") },

	{ 247, .path = "/sys/block", DIRECTORY(0755, "the disks that the container used"), .lay = true },
	{ 248, .path = DISK, .kind = ROW_EACH_DISK, .mode = 0755, .needs = VIEW_IO, .about = "one disk" },
	{ 249, .path = "/sys/class", DIRECTORY(0755, "devices by what they are") },
	{ 250, .path = "/sys/class/block", DIRECTORY(0755, "the same disks"), .lay = true },
	{ 251, .path = "/sys/class/block/%", LINK(ROW_EACH_DISK, "to one disk") },
	{ 252, .path = "/sys/dev", DIRECTORY(0755, "devices by number") },
	{ 253, .path = "/sys/dev/block", DIRECTORY(0755, "the same disks by number"), .lay = true },
	{ 254, .path = "/sys/dev/block/%", LINK(ROW_EACH_DISK_NUMBER, "to one disk") },

	{ 255, .path = DISK "/stat", .zeroed = "all but requests and sectors read, written and discarded",
	  FILE_(disk_stat_render, VIEW_IO | VIEW_HOST, "what the container did on it") },
	{ 256, .path = DISK "/size", NUMBER("the disk's size in sectors of 512 bytes") },
	{ 257, .path = DISK "/dev", FILE_(disk_dev_render, VIEW_HOST, "its device number") },
	{ 258, .path = DISK "/ro", NUMBER("it cannot be written to") },
	{ 259, .path = DISK "/removable", NUMBER("its medium can be taken out") },
	{ 260, .path = DISK "/hidden", NUMBER("it is a part of another one") },
	{ 261, .path = DISK "/alignment_offset", NUMBER("how far its sectors are from the underlying ones") },
	{ 262, .path = DISK "/discard_alignment", NUMBER("how far discarded ranges are from the underlying ones") },
	{ 263, .path = QUEUE, DIRECTORY(0755, "how it is asked"), .needs = VIEW_HOST },
	{ 264, .path = QUEUE "/add_random", NUMBER("its requests feed the random number generator") },
	{ 265, .path = QUEUE "/chunk_sectors", NUMBER("sectors of a stripe or a zone") },
	{ 266, .path = QUEUE "/dax", NUMBER("it can be mapped directly") },
	{ 267, .path = QUEUE "/discard_granularity", NUMBER("bytes of what it discards at once") },
	{ 268, .path = QUEUE "/discard_max_bytes", NUMBER("the most bytes of a discard request") },
	{ 269, .path = QUEUE "/discard_max_hw_bytes", NUMBER("the most bytes of a discard that the hardware takes") },
	{ 270, .path = QUEUE "/discard_zeroes_data", NUMBER("what was discarded reads as zero") },
	{ 271, .path = QUEUE "/hw_sector_size", NUMBER("bytes of its sectors, by the old name") },
	{ 272, .path = QUEUE "/iostats", NUMBER("the host counts its requests") },
	{ 273, .path = QUEUE "/logical_block_size", NUMBER("bytes of its sectors") },
	{ 274, .path = QUEUE "/max_hw_sectors_kb", NUMBER("the most that the hardware takes in a request") },
	{ 275, .path = QUEUE "/max_sectors_kb", NUMBER("the most of a request") },
	{ 276, .path = QUEUE "/max_segment_size", NUMBER("the most bytes of a segment") },
	{ 277, .path = QUEUE "/max_segments", NUMBER("the most segments of a request") },
	{ 278, .path = QUEUE "/minimum_io_size", NUMBER("bytes of the least good request") },
	{ 279, .path = QUEUE "/nomerges", NUMBER("requests are not merged") },
	{ 280, .path = QUEUE "/nr_requests", NUMBER("how many requests wait at most") },
	{ 281, .path = QUEUE "/nr_zones", NUMBER("its zones") },
	{ 282, .path = QUEUE "/optimal_io_size", NUMBER("bytes of a good request") },
	{ 283, .path = QUEUE "/physical_block_size", NUMBER("bytes that it writes at once") },
	{ 284, .path = QUEUE "/read_ahead_kb", NUMBER("how much is read ahead") },
	{ 285, .path = QUEUE "/rotational", NUMBER("it turns") },
	{ 286, .path = QUEUE "/scheduler", LINE("how its requests are ordered") },
	{ 287, .path = QUEUE "/write_cache", LINE("it has a cache for what is written") },
	{ 288, .path = QUEUE "/write_same_max_bytes", NUMBER("the most bytes of a write of the same") },
	{ 289, .path = QUEUE "/zoned", LINE("whether it has zones, and of what kind") },

	{ 108, .path = CPUFREQ, .linked = true, .needs = VIEW_HOST,
	  DIRECTORY(0755, "the frequencies that the CPU can have: constants") },
	{ 109, .path = CPUFREQ "/affected_cpus",
	  FILE_(cpu_frequency_cpus_render, VIEW_CPUS | VIEW_HOST, "CPUs in use that share its frequency") },
	{ 110, .path = CPUFREQ "/related_cpus",
	  FILE_(cpu_frequency_cpus_render, VIEW_CPUS | VIEW_HOST, "CPUs that share its frequency") },
	{ 111, .path = CPUFREQ "/base_frequency", NUMBER("the frequency that it can keep, in kHz") },
	{ 112, .path = CPUFREQ "/bios_limit", NUMBER("the highest frequency that firmware allows, in kHz") },
	{ 113, .path = CPUFREQ "/cpuinfo_max_freq", NUMBER("the highest frequency, in kHz") },
	{ 114, .path = CPUFREQ "/cpuinfo_min_freq", NUMBER("the lowest frequency, in kHz") },
	{ 115, .path = CPUFREQ "/cpuinfo_transition_latency", NUMBER("how long a change takes, in nanoseconds") },
	{ 116, .path = CPUFREQ "/energy_performance_available_preferences", LINE("what can be preferred") },
	{ 117, .path = CPUFREQ "/energy_performance_preference",
	  SETTING(constant_line_render, "what the hardware is told to prefer") },
	{ 118, .path = CPUFREQ "/scaling_available_frequencies", LINE("frequencies that can be chosen, in kHz") },
	{ 119, .path = CPUFREQ "/scaling_available_governors", LINE("governors that can be chosen") },
	{ 120, .path = CPUFREQ "/scaling_cur_freq", .host = "cpuinfo_max_freq",
	  NUMBER("the highest frequency: the one of now is the host's load") },
	{ 121, .path = CPUFREQ "/scaling_driver", LINE("what sets the frequency") },
	{ 122, .path = CPUFREQ "/scaling_governor", SETTING(constant_line_render, "what chooses the frequency") },
	{ 123, .path = CPUFREQ "/scaling_max_freq",
	  SETTING(constant_number_render, "the highest frequency that may be chosen, in kHz") },
	{ 124, .path = CPUFREQ "/scaling_min_freq",
	  SETTING(constant_number_render, "the lowest frequency that may be chosen, in kHz") },
	{ 125, .path = CPUFREQ "/scaling_setspeed", .kind = ROW_FILE, .mode = 0644, .needs = VIEW_EXISTS,
	  .render = cpu_frequency_setspeed_render, .about = "none can be set" },

	{ 126, .path = SMT, .needs = VIEW_HOST, DIRECTORY(0755, "hardware threads") },
	{ 127, .path = SMT "/active", NUMBER("whether any core of the host runs more than one") },
	{ 128, .path = SMT "/control",
	  SETTING(constant_line_render, "whether the host's cores may run more than one") },

	{ 520, .path = MEMORY, DIRECTORY(0755, "the container's memory in blocks"), .needs = VIEW_EXISTS, .lay = true },
	{ 521, .path = MEMORY "/block_size_bytes",
	  FILE_(memory_block_size_render, VIEW_MEMORY, "bytes of a block, in hexadecimal") },
	{ 522, .path = BLOCK, .kind = ROW_EACH_BLOCK, .mode = 0755, .needs = VIEW_MEMORY, .about = "one block" },
	{ 523, .path = BLOCK "/phys_index", FILE_(memory_block_index_render, 0, "its number, in hexadecimal") },
	{ 524, .path = BLOCK "/state", .kind = ROW_FILE, .mode = 0644, .render = memory_block_state_render,
	  .about = "whether it is in use: online" },
	{ 525, .path = BLOCK "/online", .kind = ROW_FILE, .mode = 0644, .render = memory_block_online_render,
	  .about = "whether it is in use: 1" },
	{ 526, .path = BLOCK "/removable", FILE_(memory_block_removable_render, 0, "whether it can be taken away: 0") },
	{ 527, .path = BLOCK "/valid_zones",
	  FILE_(memory_block_zones_render, 0, "which zones it may be of: none said") },
	{ 528, .path = BLOCK "/phys_device",
	  FILE_(memory_block_removable_render, 0, "what it is plugged into: 0, as on every machine now") },
	{ 150, .path = NODES, DIRECTORY(0755, "the memory nodes that the container sees"), .needs = VIEW_EXISTS,
	  .lay = true },
	{ 151, .path = NODES "/online", NODEFILE(node_visible_render, VIEW_NODES, "nodes in use") },
	{ 152, .path = NODES "/possible", NODEFILE(node_visible_render, VIEW_NODES, "nodes that can ever be there") },
	{ 153, .path = NODES "/has_cpu", NODEFILE(node_has_cpu_render, VIEW_NUMA, "nodes with visible CPUs") },
	{ 154, .path = NODES "/has_memory", NODETEXT(node_among_render, VIEW_NODES, "nodes with memory") },
	{ 155, .path = NODES "/has_normal_memory",
	  NODETEXT(node_among_render, VIEW_NODES, "nodes with regular memory") },
	{ 156, .path = NODES "/has_high_memory",
	  NODETEXT(node_among_render, VIEW_NODES, "nodes with memory that is not mapped for good") },
	{ 157, .path = NODES "/has_generic_initiator",
	  NODETEXT(node_among_render, VIEW_NODES, "nodes with devices that use memory") },

	{ 158, .path = NODE, .kind = ROW_EACH_NODE, .mode = 0755, .needs = VIEW_NODES, .about = "one memory node" },
	{ 159, .path = NODE "/cpulist", NODEFILE(node_cpulist_render, VIEW_NUMA, "visible CPUs of the node, a list") },
	{ 160, .path = NODE "/cpumap", NODEFILE(node_cpumap_render, VIEW_NUMA, "visible CPUs of the node, a map") },
	{ 161, .path = NODE "/distance", NODETEXT(node_distance_render, VIEW_NODES, "how far each visible node is") },
	{ 162, .path = NODE "/meminfo",
	  NODETEXT(node_meminfo_render, VIEW_NUMA | VIEW_HUGE, "the node's part of the container's memory"),
	  .zeroed = "what memory.stat does not count" },
	{ 163, .path = NODE "/numastat", NODETEXT(node_vmstat_render, VIEW_NUMA, "allocations by node"),
	  .zeroed = "all" },
	{ 164, .path = NODE "/vmstat",
	  NODETEXT(node_vmstat_render, VIEW_NUMA | VIEW_HUGE, "the node's part of the container's pages"),
	  .zeroed = "counters, and what memory.stat does not count" },
	{ 165, .path = NODE "/hugepages", DIRECTORY(0755, "the node's preallocated huge pages"), .needs = VIEW_EXISTS },
	{ 166, .path = NODEPAGES, .kind = ROW_EACH_HUGE, .mode = 0755, .needs = VIEW_EXISTS,
	  .about = "one size of them" },
	{ 167, .path = NODEPAGES "/nr_hugepages",
	  HUGEFILE(0644, hugepages_node_total_render, VIEW_NUMA | VIEW_HUGE,
		   "the node's part of the container's huge pages") },
	{ 168, .path = NODEPAGES "/free_hugepages",
	  HUGEFILE(0444, hugepages_node_free_render, VIEW_NUMA | VIEW_HUGE, "those that are not in use") },
	{ 169, .path = NODEPAGES "/surplus_hugepages", HUGEFILE(0444, constant_zero_render, 0, "pages above the pool"),
	  .zeroed = "all" },

	{ 180, .path = "/sys/kernel", DIRECTORY(0755, "the kernel") },
	{ 181, .path = "/sys/kernel/mm", DIRECTORY(0755, "its memory management") },
	{ 182, .path = HUGE, DIRECTORY(0755, "preallocated huge pages"), .needs = VIEW_EXISTS, .lay = true },
	{ 183, .path = PAGES, .kind = ROW_EACH_HUGE, .mode = 0755, .needs = VIEW_EXISTS, .about = "one size of them" },
	{ 184, .path = PAGES "/nr_hugepages",
	  HUGEFILE(0644, hugepages_total_render, VIEW_HUGE, "the container's huge pages, within its limit") },
	{ 185, .path = PAGES "/nr_hugepages_mempolicy",
	  HUGEFILE(0644, hugepages_total_render, VIEW_HUGE, "the container's huge pages, by another name") },
	{ 186, .path = PAGES "/nr_overcommit_hugepages",
	  HUGEFILE(0644, constant_zero_render, 0, "how many there may be above the pool"), .zeroed = "all" },
	{ 187, .path = PAGES "/free_hugepages",
	  HUGEFILE(0444, hugepages_free_render, VIEW_HUGE, "those that are not in use") },
	{ 188, .path = PAGES "/resv_hugepages", HUGEFILE(0444, constant_zero_render, 0, "pages that are promised"),
	  .zeroed = "all" },
	{ 189, .path = PAGES "/surplus_hugepages", HUGEFILE(0444, constant_zero_render, 0, "pages above the pool"),
	  .zeroed = "all" },

	{ 540, .path = KSM, DIRECTORY(0755, "merging of equal pages (KSM)"), .needs = VIEW_EXISTS, .lay = true },
	{ 541, .path = KSM "/full_scans", KSMCOUNT("how often all memory was looked through") },
	{ 542, .path = KSM "/general_profit", KSMCOUNT("bytes that merging saves") },
	{ 543, .path = KSM "/ksm_zero_pages", KSMCOUNT("merged pages of zeros") },
	{ 544, .path = KSM "/pages_scanned", KSMCOUNT("pages that were looked at") },
	{ 545, .path = KSM "/pages_shared", KSMCOUNT("merged pages") },
	{ 546, .path = KSM "/pages_sharing", KSMCOUNT("places that share them") },
	{ 547, .path = KSM "/pages_skipped", KSMCOUNT("pages that were not looked at") },
	{ 548, .path = KSM "/pages_unshared", KSMCOUNT("pages that nothing equals") },
	{ 549, .path = KSM "/pages_volatile", KSMCOUNT("pages that change too fast") },
	{ 550, .path = KSM "/stable_node_chains", KSMCOUNT("chains of merged pages") },
	{ 551, .path = KSM "/stable_node_dups", KSMCOUNT("merged pages in chains") },
	{ 552, .path = KSM "/max_page_sharing", SETTING(constant_number_render, "how many places may share a page") },
	{ 553, .path = KSM "/merge_across_nodes",
	  SETTING(constant_number_render, "pages of different nodes are merged") },
	{ 554, .path = KSM "/pages_to_scan", SETTING(constant_number_render, "pages to look at before sleeping") },
	{ 555, .path = KSM "/run", SETTING(constant_number_render, "merging runs") },
	{ 556, .path = KSM "/sleep_millisecs", SETTING(constant_number_render, "how long to sleep") },
	{ 557, .path = KSM "/smart_scan",
	  SETTING(constant_number_render, "pages that nothing equals are looked at less often") },
	{ 558, .path = KSM "/stable_node_chains_prune_millisecs",
	  SETTING(constant_number_render, "how often chains are looked through") },
	{ 559, .path = KSM "/use_zero_pages", SETTING(constant_number_render, "pages of zeros are the kernel's own") },

	{ 200, .path = "/proc/vmstat", .lay = true,
	  FILE_(vmstat_render, VIEW_MEMORY | VIEW_EVENTS | VIEW_HOST,
		"the container's pages, and what happened to them"),
	  .zeroed = "what memory.stat does not count" },

#include "fs/view/rows_cgroup.inc"
};

const struct row *rows_all(unsigned *ret_n)
{
	*ret_n = G_N_ELEMENTS(rows);
	return rows;
}

static const struct row *by_id[ROW_IDS]; /* filled once */

static void index_ids(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		by_id[rows[i].id] = &rows[i];
}

const struct row *rows_by_id(unsigned id)
{
	static pthread_once_t indexed = PTHREAD_ONCE_INIT;

	pthread_once(&indexed, index_ids);
	return id < ROW_IDS ? by_id[id] : NULL;
}

const struct row *rows_by_path(const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (!strcmp(rows[i].path, path))
			return &rows[i];
	}
	return NULL;
}

/* Backwards: a parent comes before its children, mostly just before. */
const struct row *rows_parent(const struct row *row)
{
	const struct row *parent = row;

	while (parent > rows && !rows_is_child(row, parent))
		parent--;
	return parent;
}

bool rows_is_child(const struct row *row, const struct row *parent)
{
	size_t length = row->id == ROW_ROOT ? 0 : strlen(parent->path);
	const char *rest = row->path + length;

	if (length == 0 || strncmp(row->path, parent->path, length) != 0)
		return false;
	if (parent->id != ROW_ROOT && *rest++ != '/')
		return false;
	return !strchr(rest, '/');
}

bool rows_is_directory(const struct row *row)
{
	return row->kind != ROW_FILE && !row->link;
}

const char *rows_name(const struct row *row)
{
	return strrchr(row->path, '/') + 1;
}
