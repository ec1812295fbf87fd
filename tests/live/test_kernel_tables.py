# SPDX-License-Identifier: Apache-2.0
"""What the kernel lists of itself: zones of memory, caches, interrupts, times of the scheduler."""
import errno
import os
import re

from figures import Stat, busy, cpulist, meminfo
from processes import until
from windows import Reader

MIB = 1 << 20
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
TICK_NS = 10_000_000
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def blocks(text, before):
    """Pages in the blocks that each line lists after what `before` matches."""
    pages = 0
    for line in text.splitlines():
        if match := re.match(before, line):
            pages += sum(int(count) << order for order, count in enumerate(line[match.end():].split()))
    return pages


def figures(zoneinfo, label):
    return sum(map(int, re.findall(rf"^ +{label} +(\d+)$", zoneinfo, re.M)))


def test_zones_are_the_containers_memory(daemon, group, processes):
    """Read from outside: who reads inside is charged for it, and then the next file has less."""
    read = Reader(daemon, group("container", memory=100 * MIB, quota=50000), processes)

    def agree():
        zones, types = read("/proc/zoneinfo"), read("/proc/pagetypeinfo")
        free = [meminfo(read("/proc/meminfo"))["MemFree"] // PAGE_KB, figures(zones, "nr_free_pages"),
                figures(zones, "pages free"), blocks(read("/proc/buddyinfo"), r"Node +\d+, zone +\w+ "),
                blocks(types, r"Node +\d+, zone +\w+, type +\w+ ")]
        return len(set(free)) == 1 and free[0] > 0

    until(agree, "what is free agrees")
    zones = read("/proc/zoneinfo")
    assert figures(zones, "managed") * PAGE_KB == 100 * 1024
    cpus = cpulist(read("/sys/devices/system/cpu/online"))
    assert set(map(int, re.findall(r"^ +cpu: (\d+)$", zones, re.M))) == cpus
    nodes = set(map(int, re.findall(r"^Node (\d+), zone", zones, re.M)))
    assert nodes == cpulist(read("/sys/devices/system/node/online"))


def test_what_root_alone_may_read(mount, group, processes):
    """As the kernel's own."""
    cgroup = group()
    for name in ("slabinfo", "pagetypeinfo"):
        path = f"{mount}/proc/{name}"
        assert os.stat(path).st_mode & 0o777 == 0o400
        result = processes.run(*NOBODY, "cat", path, cgroup=cgroup)
        assert result.returncode != 0 and os.strerror(errno.EACCES) in result.stderr and result.stdout == ""
    for name in ("interrupts", "softirqs", "cgroups", "buddyinfo", "zoneinfo"):
        assert processes.output(*NOBODY, "cat", f"{mount}/proc/{name}", cgroup=cgroup)


def test_schedstat_is_the_time_of_stat(mount, group, processes):
    if not os.path.exists("/proc/schedstat"):
        assert not os.path.exists(mount + "/proc/schedstat"), "what the kernel does not have no container has"
        return
    cgroup = group(quota=50000)
    agent = processes.agent(cgroup)

    def times():
        lines = [line.split() for line in agent.read(mount + "/proc/schedstat").splitlines()]
        assert [line[0] for line in lines[:2]] == ["version", "timestamp"]
        return {int(line[0][3:]): tuple(map(int, line[7:9])) for line in lines[2:]}

    before, stat = times(), Stat(agent.read(mount + "/proc/stat"))
    assert set(before) == stat.numbers()
    hog = processes.start("sh", "-c", "while :; do :; done", cgroup=cgroup)
    until(lambda: all(times()[cpu][0] > before[cpu][0] + 10 * TICK_NS for cpu in before), "the container's time passes")
    processes.end(hog)
    after, stat = times(), Stat(agent.read(mount + "/proc/stat"))
    for cpu, (running, waiting) in after.items():
        ticks = stat.cpu[f"cpu{cpu}"]
        assert before[cpu][0] < running <= busy(ticks) * TICK_NS and running % TICK_NS == 0
        assert before[cpu][1] <= waiting <= ticks["steal"] * TICK_NS


def test_frequencies_are_constants(mount, group, processes):
    top = "/sys/devices/system/cpu"
    cpu = min(os.sched_getaffinity(0))
    if not os.path.exists(f"{top}/cpu{cpu}/cpufreq/cpuinfo_max_freq"):
        assert not os.path.exists(f"{mount}{top}/cpu{cpu}/cpufreq"), "what the machine does not have no container has"
        return
    agent = processes.agent(group(cpus=cpu))
    ours = f"{mount}{top}/cpu{cpu}/cpufreq"
    assert agent.read(ours + "/scaling_cur_freq") == agent.read(ours + "/cpuinfo_max_freq")
    assert agent.read(ours + "/related_cpus") == f"{cpu}\n"
    for name in ("cpuinfo_max_freq", "cpuinfo_min_freq", "scaling_driver"):
        with open(f"{top}/cpu{cpu}/cpufreq/{name}") as file:
            assert agent.read(f"{ours}/{name}") == file.read()


def test_cgroups_within_are_counted(daemon, group, processes):
    agent = processes.agent(group("box/init.scope"))
    group("box/in")
    daemon.register("box", agent.pid)

    def count(controller):
        with open(f"{daemon.mount}/containers/box/proc/cgroups") as file:
            return next(int(line.split()[2]) for line in file if line.split()[0] == controller)

    assert (count("memory"), count("pids")) == (3, 3)
    deep = group("box/in/deep")
    assert (count("memory"), count("pids")) == (4, 4)
    deep.remove()
    assert (count("memory"), count("pids")) == (3, 3)
