# SPDX-License-Identifier: Apache-2.0
"""/proc/pressure is the cgroup's own."""
import errno
import os
import re

import pytest

from processes import until

LINE = r"(some|full) avg10=\d+\.\d\d avg60=\d+\.\d\d avg300=\d+\.\d\d total=(\d+)"
RESOURCES = ("cpu", "io", "memory")


def totals(text):
    """{"some": microseconds, "full": …}"""
    lines = [re.fullmatch(LINE, line) for line in text.splitlines()]
    assert lines and all(lines), text
    return {match[1]: int(match[2]) for match in lines}


def host(resource):
    with open(f"/proc/pressure/{resource}") as file:
        return file.read()


@pytest.fixture
def own(tree):
    """own(cgroup, "cpu"): what the kernel says; v2's hierarchy has it, also where that has no controllers."""
    if not os.path.exists("/proc/pressure"):
        pytest.skip("this kernel has no pressure")
    unified = next((h for h in tree.hierarchies if h.version == 2), None)
    if not unified:
        pytest.skip("this host has no cgroup v2")

    def read(cgroup, resource):
        with open(f"{unified.path}{cgroup.name}/{resource}.pressure") as file:
            return totals(file.read())

    return read


def test_a_container_that_waits(mount, group, processes, own):
    """Two busy loops in a fifth of a CPU: between what its cgroup says before and after."""
    cgroup = group(quota=20000)
    reader = processes.agent(cgroup)
    processes.hand("busy", 2, cgroup=cgroup)
    until(lambda: own(cgroup, "cpu")["some"] > 0, "that the kernel counts")
    for resource in RESOURCES:
        before = own(cgroup, resource)
        shown = totals(reader.read(f"{mount}/proc/pressure/{resource}"))
        after = own(cgroup, resource)
        assert list(shown) == list(totals(host(resource))), "the lines that the host's file has"
        assert all(before[kind] <= shown[kind] <= after[kind] for kind in shown), (resource, before, shown, after)


def test_a_container_that_does_not(mount, group, processes, own):
    """Whatever its neighbours and the machine do."""
    cgroup = group()
    before = own(cgroup, "io")
    shown = totals(processes.output("cat", mount + "/proc/pressure/io", cgroup=cgroup))
    assert before["some"] <= shown["some"] <= own(cgroup, "io")["some"]
    assert shown["some"] < totals(host("io"))["some"]


def test_triggers_are_not_served(mount, group, processes, own):
    agent = processes.agent(group())
    path = mount + "/proc/pressure/cpu"
    for flags in ("os.O_RDWR | os.O_NONBLOCK", "os.O_WRONLY"):
        with pytest.raises(OSError) as refused:
            agent(f"os.open('{path}', {flags})")
        assert refused.value.errno in (errno.EACCES, errno.EROFS)
    agent(f"globals().update(select=__import__('select'), fd=open_file('{path}'), poll=__import__('select').poll())")
    agent.do("poll.register(fd, select.POLLPRI)")
    assert agent("poll.poll(0)") == []
