# SPDX-License-Identifier: Apache-2.0
"""Disks: what a container did there, which it sees, and that no figure goes back."""
import errno
import itertools
import os
import signal

import pytest

from attacks import served
from disks import Disk, diskstats, figures
from processes import until

MIB = 1 << 20
PAST_THE_CACHE = ("bs=64k", "count=32", "status=none")


@pytest.fixture
def disk(scratch):
    try:
        return Disk(scratch)
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture
def use(disk, scratch, processes, request):
    """use(cgroup): 2 MiB written and read there, past the page cache."""
    made = []

    def use(cgroup):
        made.append(f"{scratch}/disk-{len(made)}")
        processes.output("dd", "if=/dev/zero", "of=" + made[-1], "oflag=direct", *PAST_THE_CACHE, cgroup=cgroup)
        processes.output("dd", "if=" + made[-1], "of=/dev/null", "iflag=direct", *PAST_THE_CACHE, cgroup=cgroup)

    yield use
    for path in made:
        os.unlink(path)


@pytest.fixture
def box(group, disk):
    """box("name"): a cgroup whose use of the disk is counted."""
    def make(name="box"):
        cgroup = group(name)
        disk.count(cgroup)
        return cgroup

    return make


def seen(agent, mount):
    return diskstats(agent.read(mount + "/proc/diskstats"))


def shown(agent, mount, disk):
    number, columns = seen(agent, mount)[disk.name]
    assert number == disk.number
    return figures(columns)


def test_what_a_container_did(mount, box, disk, use, processes):
    """Between what its cgroup says before and after."""
    cgroup = box()
    use(cgroup)
    agent = processes.agent(cgroup)
    before = disk.own(cgroup)
    now = shown(agent, mount, disk)
    after = disk.own(cgroup)
    for key, value in now.items():
        assert before[key] <= value <= after[key], (key, before, now, after)
    assert now["rbytes"] >= 2 * MIB and now["wbytes"] >= 2 * MIB and now["rios"] >= 2 and now["wios"] >= 2
    host = diskstats(open("/proc/diskstats").read())[disk.name][1]
    assert len(host) == len(seen(agent, mount)[disk.name][1]) and now["wios"] < host[4]


def test_only_disks_that_it_used(mount, box, disk, use, processes):
    """Also when a neighbour's name of one is in the kernel's cache."""
    use(busy := box("busy"))
    one, numbers = processes.agent(busy), itertools.count()

    def idle():
        """One that has found Python's files in the page cache."""
        agent = processes.agent(cgroup := box(f"idle-{next(numbers)}"))
        return None if any(disk.own(cgroup).values()) else agent

    other = until(idle, "a container that has used no disk")
    files = [f"{mount}/sys/block/{disk.name}/size", f"{mount}/sys/class/block/{disk.name}/stat",
             f"{mount}/sys/dev/block/{disk.number}/dev"]
    for path in files:
        assert one.read(path)
        with pytest.raises(OSError) as refused:
            other.read(path)
        assert refused.value.errno == errno.ENOENT
    assert set(seen(one, mount)) >= {disk.name} and seen(other, mount) == {}
    assert other.read(mount + "/proc/partitions") == ""
    for directory in ("block", "class/block", "dev/block"):
        assert other(f"os.listdir('{mount}/sys/{directory}')") == []


def test_sysfs_agrees(mount, box, disk, use, processes):
    """diskstats, partitions and stat of one disk, and the host's constants; nothing by which to know whose it is."""
    cgroup = box()
    use(cgroup)
    agent, top = processes.agent(cgroup), f"{mount}/sys/block/{disk.name}"

    def at_once():
        """stat, where nothing happened between two readings of diskstats."""
        before, stat = seen(agent, mount)[disk.name][1], agent.read(top + "/stat")
        return (stat, before) if seen(agent, mount)[disk.name][1] == before else None

    stat, columns = until(at_once, "a disk at rest")
    assert stat == " ".join(f"{column:8d}" for column in columns) + "\n"
    files = agent(f"[os.path.relpath(os.path.join(d, f), '{top}') for d, _, fs in os.walk('{top}') for f in fs]")
    assert {"stat", "size", "dev", "ro", "removable", "queue/rotational", "queue/logical_block_size"} <= set(files)
    for name in set(files) - {"stat"}:
        assert agent.read(f"{top}/{name}") == open(f"{disk.place}/{name}").read(), name
    names = {name.partition("/")[0] for name in files} | set(agent(f"os.listdir('{top}')"))
    assert not names & {"device", "serial", "wwid", "uevent", "diskseq", "bdi", "slaves", "holders"}
    link = f"{mount}/sys/dev/block/{disk.number}"
    assert agent(f"os.readlink('{link}')") == f"../../block/{disk.name}"
    assert agent(f"os.path.realpath('{mount}/sys/class/block/{disk.name}')") == top
    partitions = [line.split() for line in agent.read(mount + "/proc/partitions").splitlines()[2:]]
    assert [words[3] for words in partitions] == list(seen(agent, mount))
    assert [int(words[2]) for words in partitions if words[3] == disk.name] == [int(agent.read(top + "/size")) // 2]


def test_no_figure_goes_back(make_daemon, tree, box, disk, use, processes):
    """On v1 what a nested cgroup did goes with it; nor does the next worker forget."""
    daemon = make_daemon().start()
    # On v2 processes are in leaves only; an init.scope is the container's above it.
    own = box("box/init.scope" if tree.version("blkio") != 1 else "box")
    agent = processes.agent(own)
    top = daemon.register("box", agent.pid)
    use(inner := box("box/inner"))
    use(own)
    first = shown(agent, top, disk)
    assert first["wbytes"] >= 4 * MIB
    inner.remove()
    if tree.version("blkio") == 1:
        until(lambda: disk.own(own)["wbytes"] < first["wbytes"], "that the kernel forgets")
    second = shown(agent, top, disk)
    assert all(second[key] >= first[key] for key in first), (first, second)
    os.kill(worker := served(daemon.pid), signal.SIGKILL)
    served(daemon.pid, but=(worker,))
    use(own)
    third = shown(agent, top, disk)
    assert all(third[key] >= second[key] for key in second), (second, third)
    assert third["wbytes"] >= second["wbytes"] + 2 * MIB
