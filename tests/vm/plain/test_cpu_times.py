# SPDX-License-Identifier: Apache-2.0
"""/proc/stat of a container under full load, held against what cpu.stat has counted meanwhile: within five percent.

An emulated machine gives a container what it can, so nothing here expects a share of a CPU: what was used and what was
throttled is the kernel's to tell, and the rest of the time is idle.
"""
import pytest

from figures import busy
from windows import Reader, Window, clock, counted

PERIOD = 100000


@pytest.fixture
def read(daemon, group, processes):
    return Reader(daemon, group("container"), processes)


def full_load(read, threads, meanwhile=lambda: None):
    """Three seconds of it; `meanwhile` is called after the first."""
    start, called = clock(), []

    def passed(_):
        if clock() - start > 1 and not called:
            called.append(meanwhile())
        return clock() - start > 3

    window = Window(read, lambda: counted(read.group), passed, "three seconds")
    check(window)
    return window


def check(window):
    """Steal is what was throttled as far as there is room beside what was used; that is told up to a period late."""
    change = window.change()
    passed = sum(change.values())
    (used_least, throttled_least), (used_most, throttled_most) = window.least, window.most
    slack = 0.05 * passed
    late = slack + 10 * len(window.after.numbers())
    assert used_least - slack <= busy(change) <= used_most + slack
    assert min(throttled_least, passed - used_most) - late <= change["steal"] <= throttled_most + late
    least_idle = passed - used_most - throttled_most
    most_idle = passed - used_least - min(throttled_least, passed - used_least)
    assert least_idle - late <= change["idle"] <= most_idle + late
    assert change["iowait"] == change["irq"] == change["softirq"] == 0


def visible(window):
    return sorted(window.after.numbers())


def test_half_a_cpu(read):
    read.group.limit(quota=PERIOD // 2)
    read.busy(2)
    window = full_load(read, 2)
    assert visible(window) == [0]
    change = window.change()
    assert change["steal"] > 0 and busy(change) < 0.6 * sum(change.values()), "the quota held it"


def test_one_cpu_of_the_set(read):
    read.group.limit(cpus=2)
    read.busy(2)
    window = full_load(read, 2)
    assert visible(window) == [2]
    assert window.change()["steal"] == 0, "two threads share one CPU, and nobody throttles them"


def test_a_quota_within_a_cpuset(read):
    """One and a half of the two CPUs of the other node."""
    read.group.limit(cpus="2-3", quota=PERIOD * 3 // 2)
    read.busy(3)
    window = full_load(read, 3)
    assert visible(window) == [2, 3]


def test_a_quota_wider_than_the_cpuset(read):
    read.group.limit(cpus="1", quota=PERIOD * 3)
    read.busy(2)
    window = full_load(read, 2)
    assert visible(window) == [1]
    assert window.change()["steal"] == 0


@pytest.mark.parametrize("before, after", [(50000, 20000), (20000, 80000), (50000, -1), (-1, 50000)])
def test_a_quota_that_changes_meanwhile(read, before, after):
    read.group.limit(quota=before, cpus=0)
    read.busy(1)
    full_load(read, 1, lambda: read.group.limit(quota=after))


def test_throttled_by_an_ancestor(daemon, group, processes):
    """The quota is two levels up, where the container's own cpu.stat counts nothing of it."""
    parent = group("parent", quota=PERIOD // 2)
    read = Reader(daemon, group("parent/between/container"), processes)
    read.busy(2)
    start = clock()

    def counts():
        return [counted(read.group)[0], counted(parent)[1]]

    window = Window(read, counts, lambda _: clock() - start > 3, "three seconds")
    check(window)
    assert window.change()["steal"] > 0


def test_idle_under_a_quota(read):
    read.group.limit(quota=PERIOD // 2)
    change = full_load(read, 0).change()
    assert change["idle"] > 0.9 * sum(change.values())
