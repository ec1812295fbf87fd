# SPDX-License-Identifier: Apache-2.0
"""Containers that write to their cgroup tree, for tests that import these fixtures."""

import pytest

from attacks import forget_all
from daemon import shared
from processes import Processes

MIB = 1 << 20
USER, OTHER_USER = 12345, 12346
LIMIT = {1: "memory.limit_in_bytes", 2: "memory.max"}


def text(path):
    with open(path) as file:
        return file.read()


@pytest.fixture(scope="module")
def writing_daemon(scratch, probe):
    yield from shared(Processes(probe), scratch, "--cgroup-writes")


@pytest.fixture
def writing(writing_daemon):
    """A daemon that lets containers write, and knows none before and after."""
    yield writing_daemon
    writing_daemon.check()
    forget_all(writing_daemon)


class Box:
    """A registered container with an agent in it, in init.scope, and a cgroup "in" of its own. `top`: its tree; `host`: the same."""

    def __init__(self, daemon, group, processes, name="box", wrap=()):
        version = group().tree.version("memory")
        self.cgroup = group(name, memory=64 * MIB)
        self.inner = group(name + "/in", memory=32 * MIB)
        self.init = group(name + "/init.scope")
        self.agent = processes.agent(self.init, wrap)
        self.pinned = daemon.register(name, self.agent.pid) + "/sys/fs/cgroup"
        below = "/memory" if version == 1 else ""
        self.pinned += below
        self.top = f"{daemon.mount}/sys/fs/cgroup{below}"
        self.host = self.cgroup.dir("memory")
        self.limit = LIMIT[version]
        self.threads = {1: "tasks", 2: "cgroup.threads"}[version]

    def write(self, path, what, agent=None, top=None):
        """By the agent; open(2), write(2), close(2)."""
        return (agent or self.agent)(f"write({(top or self.top) + '/' + path!r}, {what!r})")


@pytest.fixture
def box(writing, group, processes):
    return Box(writing, group, processes)


def refused(code, function, *args, **more):
    codes = code if isinstance(code, tuple) else (code,)
    with pytest.raises(OSError) as error:
        function(*args, **more)
    assert error.value.errno in codes, error.value
