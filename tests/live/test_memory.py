# SPDX-License-Identifier: Apache-2.0
"""Memory and swap: limits, use, and what changes while somebody reads."""
import os

import pytest

from figures import meminfo
from processes import read_line

MIB = 1 << 20


def used(cgroup):
    name = {1: "memory.usage_in_bytes", 2: "memory.current"}[cgroup.tree.version("memory")]
    with open(f"{cgroup.dir('memory')}/{name}") as file:
        return int(file.read())


def touch(process):
    """Lets one of probe's processes take its memory."""
    os.write(process.stdin.fileno(), b"\n")
    assert read_line(process) == "touched\n"


def test_two_containers_at_the_same_moment(mount, group, processes):
    small = processes.agent(group("small", memory=100 * MIB))
    large = processes.agent(group("large", memory=300 * MIB))
    for agent in (small, large):
        agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
    assert small("whole(fd)").splitlines()[0] == "MemTotal:         102400 kB"
    assert large("whole(fd)").splitlines()[0] == "MemTotal:         307200 kB"
    assert small("whole(fd)").splitlines()[0] == "MemTotal:         102400 kB"


def test_a_caller_that_is_moved_is_seen_at_its_next_open(mount, group, processes):
    first, second = group("first", memory=100 * MIB), group("second", memory=300 * MIB)
    agent = processes.agent(first)
    agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
    second.add(agent.pid)
    assert meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"] == 307200
    assert meminfo(agent("whole(fd)"))["MemTotal"] == 102400, "an open file keeps its container"


def test_a_changed_limit_is_seen_by_the_next_read(mount, group, processes):
    cgroup = group(memory=100 * MIB)
    agent = processes.agent(cgroup)
    agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
    for size in (200, 64, 300):
        cgroup.limit(memory=size * MIB)
        assert meminfo(agent("whole(fd)"))["MemTotal"] == size * 1024
        assert meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"] == size * 1024


def test_one_open_file_shows_one_moment_until_it_is_rewound(mount, group, processes):
    cgroup = group(memory=300 * MIB)
    agent, hand = processes.agent(cgroup), processes.hand("touch", 64, cgroup=cgroup)
    agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
    before = agent("whole(fd)")
    touch(hand)
    assert before[1:] == agent("os.pread(fd, 65536, 1).decode()"), "a later offset is of the same moment"
    assert meminfo(agent("whole(fd)"))["MemFree"] < meminfo(before)["MemFree"], "offset 0 takes a new one"


@pytest.mark.parametrize("size", [64, 128])
def test_an_allocation_is_seen_within_two_percent(mount, group, processes, size):
    cgroup = group(memory=300 * MIB)
    agent, hand = processes.agent(cgroup), processes.hand("touch", size, cgroup=cgroup)
    before = meminfo(agent.read(mount + "/proc/meminfo"))
    touch(hand)
    after = meminfo(agent.read(mount + "/proc/meminfo"))
    assert before["MemFree"] - after["MemFree"] == pytest.approx(size * 1024, rel=0.02)
    assert after["AnonPages"] - before["AnonPages"] == pytest.approx(size * 1024, rel=0.05)


def test_a_tighter_parent_is_the_limit(mount, group, processes):
    group("parent", memory=128 * MIB)
    agent = processes.agent(group("parent/child", memory=512 * MIB))
    sibling = processes.hand("touch", 32, cgroup=group("parent/sibling"))
    before = meminfo(agent.read(mount + "/proc/meminfo"))
    assert before["MemTotal"] == 131072
    touch(sibling)
    after = meminfo(agent.read(mount + "/proc/meminfo"))
    assert before["MemFree"] - after["MemFree"] == pytest.approx(32 * 1024, rel=0.05), "what the sibling took is gone"


def test_no_limit_is_the_host_without_its_load(mount, group, processes):
    cgroup = group()
    agent = processes.agent(cgroup)
    text = agent.read(mount + "/proc/meminfo")
    with open("/proc/meminfo") as file:
        host = meminfo(file.read())
    assert meminfo(text)["MemTotal"] == host["MemTotal"]
    free = host["MemTotal"] - used(cgroup) // 1024
    assert meminfo(text)["MemFree"] == pytest.approx(free, abs=4096)


def test_lines_and_order_are_the_kernels(mount, group, processes):
    text = processes.agent(group(memory=100 * MIB)).read(mount + "/proc/meminfo")
    with open("/proc/meminfo") as file:
        host = file.read()
    assert list(meminfo(text)) == list(meminfo(host))
    assert [len(line) for line in text.splitlines()] == [len(line) for line in host.splitlines()]


def test_figures_agree_with_each_other(mount, group, processes):
    cgroup = group(memory=100 * MIB)
    agent, hand = processes.agent(cgroup), processes.hand("touch", 32, cgroup=cgroup)
    touch(hand)
    m = meminfo(agent.read(mount + "/proc/meminfo"))
    assert m["MemFree"] <= m["MemAvailable"] <= m["MemTotal"]
    assert m["SwapFree"] <= m["SwapTotal"]
    assert m["Active"] == m["Active(anon)"] + m["Active(file)"]
    assert m["Inactive"] == m["Inactive(anon)"] + m["Inactive(file)"]
    assert m["Slab"] == m["SReclaimable"] + m["SUnreclaim"]
    assert max(m[name] for name in m if not name.startswith(("Vmalloc", "Commit"))) <= m["MemTotal"]


def swap_row(text):
    header, *rows = text.splitlines()
    assert header.split() == ["Filename", "Type", "Size", "Used", "Priority"]
    assert len(rows) <= 1
    return tuple(int(number) for number in rows[0].split()[2:4]) if rows else None


def test_without_swap_there_is_none(mount, group, processes):
    with open("/proc/swaps") as file:
        if len(file.readlines()) > 1:
            pytest.skip("this host has swap")
    agent = processes.agent(group(memory=100 * MIB))
    m = meminfo(agent.read(mount + "/proc/meminfo"))
    assert (m["SwapTotal"], m["SwapFree"]) == (0, 0)
    assert swap_row(agent.read(mount + "/proc/swaps")) is None


@pytest.fixture
def swap_accounted(tree):
    name = {1: "/memory.memsw.limit_in_bytes", 2: "/memory.swap.max"}[tree.version("memory")]
    top = tree.make()
    if not os.path.exists(top.dir("memory") + name):
        pytest.skip("this kernel accounts no swap")


def swap_figures(agent, mount):
    """(SwapTotal, SwapFree), the same in both files."""
    m = meminfo(agent.read(mount + "/proc/meminfo"))
    row = swap_row(agent.read(mount + "/proc/swaps"))
    assert row == ((m["SwapTotal"], m["SwapTotal"] - m["SwapFree"]) if m["SwapTotal"] else None)
    return m["SwapTotal"], m["SwapFree"]


def test_swap_limit(swap, swap_accounted, mount, group, processes):
    """A part of the host's, none, more than there is."""
    cgroup = group(memory=100 * MIB, swap=32 * MIB)
    agent = processes.agent(cgroup)
    assert meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"] == 102400
    assert swap_figures(agent, mount) == (32768, 32768)
    cgroup.limit(swap=0)
    assert swap_figures(agent, mount) == (0, 0)
    cgroup.limit(swap=1024 * MIB)
    with open("/proc/meminfo") as file:
        host = meminfo(file.read())["SwapTotal"]
    assert swap_figures(agent, mount) == (host, host), "never more than the host has"


def test_swap_in_use(swap, swap_accounted, mount, group, processes):
    # More than twice what has to go: pages that are on their way out count as memory and as swap.
    cgroup = group(memory=64 * MIB, swap=192 * MIB)
    agent, hand = processes.agent(cgroup), processes.hand("touch", 80, cgroup=cgroup)
    touch(hand)
    m = meminfo(agent.read(mount + "/proc/meminfo"))
    size, in_use = swap_row(agent.read(mount + "/proc/swaps"))
    assert m["SwapTotal"] == 192 * 1024
    assert m["SwapTotal"] - m["SwapFree"] > 8 * 1024, "16 MiB had to go somewhere"
    assert size == m["SwapTotal"] and in_use == pytest.approx(m["SwapTotal"] - m["SwapFree"], abs=2048)
