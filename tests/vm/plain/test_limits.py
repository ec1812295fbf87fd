# SPDX-License-Identifier: Apache-2.0
"""Limits over three levels of pure version 2: the smallest wins, and a change of any is seen by the next read."""
import os

import pytest

from figures import Stat, cpulist, meminfo
from processes import read_line

MIB = 1 << 20


@pytest.fixture
def levels(group):
    """A cgroup, its child, its grandchild."""
    return [group("a"), group("a/b"), group("a/b/c")]


def limit(levels, name, values):
    for cgroup, value in zip(levels, values):
        cgroup.limit(**{name: value})


@pytest.fixture
def reader(levels, mount, processes):
    return lambda agent=processes.agent(levels[2]): meminfo(agent.read(mount + "/proc/meminfo"))


def host():
    with open("/proc/meminfo") as file:
        return meminfo(file.read())


SIZES = [((300, 200, 250), 200), ((150, 200, 250), 150), ((300, 200, 120), 120),
         (("max", 200, "max"), 200), (("max", "max", 90), 90), ((90, "max", "max"), 90)]


@pytest.mark.parametrize("sizes, smallest", SIZES)
def test_memory(levels, reader, sizes, smallest):
    limit(levels, "memory", [size if size == "max" else size * MIB for size in sizes])
    assert reader()["MemTotal"] == smallest * 1024


def test_memory_limits_that_change(levels, reader):
    limit(levels, "memory", [300 * MIB, 200 * MIB, 250 * MIB])
    assert reader()["MemTotal"] == 200 * 1024
    changes = [(1, 280, 250), (0, 100, 100), (2, 80, 80), (0, 400, 80), (2, 300, 280), (1, 500, 300)]
    for level, size, smallest in changes:
        levels[level].limit(memory=size * MIB)
        assert reader()["MemTotal"] == smallest * 1024
    limit(levels, "memory", ["max"] * 3)
    assert reader()["MemTotal"] == host()["MemTotal"]


def test_what_a_cousin_takes_is_gone(levels, reader, group, processes):
    """The container's own limit leaves more than its grandparent has."""
    limit(levels, "memory", [128 * MIB, 256 * MIB, 256 * MIB])
    hand = processes.hand("touch", 48, cgroup=group("a/cousin"))
    before = reader()
    os.write(hand.stdin.fileno(), b"\n")
    assert read_line(hand) == "touched\n"
    after = reader()
    assert before["MemTotal"] == after["MemTotal"] == 128 * 1024
    assert before["MemFree"] - after["MemFree"] == pytest.approx(48 * 1024, rel=0.05)
    assert after["AnonPages"] == pytest.approx(before["AnonPages"], abs=4096), "it is not the container's"


def test_high_is_no_limit(levels, reader):
    with open(levels[2].dir("memory") + "/memory.high", "w") as file:
        file.write(str(100 * MIB))
    levels[0].limit(memory=200 * MIB)
    assert reader()["MemTotal"] == 200 * 1024


def test_swap(swap, levels, reader):
    for sizes, smallest in SIZES:
        limit(levels, "swap", [size if size == "max" else size * MIB for size in sizes])
        assert (reader()["SwapTotal"], reader()["SwapFree"]) == (smallest * 1024, smallest * 1024)
    for level, size, smallest in [(1, 0, 0), (1, 40, 40), (0, 10, 10), (0, 4096, 40)]:
        levels[level].limit(swap=size * MIB)
        assert reader()["SwapTotal"] == smallest * 1024
    limit(levels, "swap", ["max"] * 3)
    assert reader()["SwapTotal"] == host()["SwapTotal"], "never more than the host has"


QUOTAS = [((150000, 350000, -1), 2), ((-1, 350000, 100000), 1), ((-1, 250000, 350000), 3)]


@pytest.mark.parametrize("quotas, count", QUOTAS)
def test_cpus_by_quota(levels, mount, processes, quotas, count):
    limit(levels, "quota", quotas)
    agent = processes.agent(levels[2])
    assert Stat(agent.read(mount + "/proc/stat")).numbers() == set(range(count))


def test_cpus_by_cpuset(levels, mount, processes):
    agent = processes.agent(levels[2])

    def online():
        return cpulist(agent.read(mount + "/sys/devices/system/cpu/online"))

    assert online() == {0, 1, 2, 3}
    levels[0].limit(cpus="1-3")
    assert online() == {1, 2, 3}
    levels[2].limit(cpus="0-2")
    assert online() == {1, 2}, "the effective set"
    levels[1].limit(cpus="2-3")
    assert online() == {2}
    levels[1].limit(quota=50000)
    assert online() == {2}
    levels[1].limit(quota=-1, cpus="0")
    affinity = set(agent("sorted(os.sched_getaffinity(0))"))
    assert online() == affinity, "where nothing is left the kernel takes the parent's"
