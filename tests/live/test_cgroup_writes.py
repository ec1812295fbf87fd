# SPDX-License-Identifier: Apache-2.0
"""--cgroup-writes: what a container may change in its own cgroup tree, and all that it may not."""
import errno
import os
import stat
import threading

import pytest

from attacks import served
from processes import until

MIB = 1 << 20
USER, OTHER_USER = 12345, 12346
LIMIT = {1: "memory.limit_in_bytes", 2: "memory.max"}


def text(path):
    with open(path) as file:
        return file.read()


@pytest.fixture
def writing(make_daemon):
    """A daemon that lets containers write."""
    return make_daemon("--cgroup-writes").start()


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


# ---- what can be done ----

def test_a_limit_within(box):
    before = text(f"{box.host}/{box.limit}")
    box.write(f"in/{box.limit}", str(16 * MIB))
    assert text(f"{box.host}/in/{box.limit}") == f"{16 * MIB}\n"
    assert box.agent(f"text('{box.top}/in/{box.limit}')") == f"{16 * MIB}\n", "the next read shows it"
    box.write(f"in/{box.limit}", str(24 * MIB), top=box.pinned)
    assert text(f"{box.host}/in/{box.limit}") == f"{24 * MIB}\n", "by the tree that is laid, too"
    assert text(f"{box.host}/{box.limit}") == before


def test_the_shells_way(box, processes):
    """It opens with O_TRUNC, and with O_APPEND for >>."""
    for sign, size in ((">", 20 * MIB), (">>", 12 * MIB)):
        processes.output("sh", "-c", f"echo {size} {sign} {box.top}/in/{box.limit}", cgroup=box.init)
        assert text(f"{box.host}/in/{box.limit}") == f"{size}\n"


def test_an_open_file_reads_what_was_written(box):
    path = f"{box.top}/in/{box.limit}"
    fd = box.agent(f"os.open('{path}', os.O_RDWR)")
    box.agent(f"os.write({fd}, b'{18 * MIB}')")
    assert box.agent(f"whole({fd})") == f"{18 * MIB}\n"
    box.agent(f"os.pwrite({fd}, b'{17 * MIB}', 5)")
    assert box.agent(f"whole({fd})") == f"{17 * MIB}\n"


def test_cgroups_are_made_and_removed(box):
    box.agent(f"os.mkdir('{box.top}/new')")
    assert os.path.isdir(f"{box.host}/new")
    box.agent(f"os.mkdir('{box.top}/new/deep', 0o700)")
    assert stat.S_IMODE(os.stat(f"{box.host}/new/deep").st_mode) == 0o700
    box.write(f"new/deep/{box.limit}", str(8 * MIB))
    assert text(f"{box.host}/new/deep/{box.limit}") == f"{8 * MIB}\n"
    refused(errno.EEXIST, box.agent, f"os.mkdir('{box.top}/new')")
    refused(errno.EEXIST, box.agent, f"os.mkdir('{box.top}/{box.limit}')")
    refused((errno.EBUSY, errno.ENOTEMPTY), box.agent, f"os.rmdir('{box.top}/new')")
    box.agent(f"os.rmdir('{box.top}/new/deep')")
    box.agent(f"os.rmdir('{box.top}/new')")
    assert not os.path.exists(f"{box.host}/new")
    refused(errno.ENOENT, box.agent, f"os.rmdir('{box.top}/new')")
