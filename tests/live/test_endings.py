# SPDX-License-Identifier: Apache-2.0
"""What ends in the middle: readers, cgroups, containers. The right bytes or a clear errno; never an empty file."""
import errno
import os
import random
import signal
import threading

import pytest

from cgroups import rmdir
from figures import meminfo
from processes import rest

MIB = 1 << 20


def remove(cgroup):
    for path in cgroup.dirs():
        rmdir(path)


def error_of(call, *args):
    with pytest.raises(OSError) as error:
        call(*args)
    return error.value.errno


def test_a_removed_cgroup_reads_as_esrch(mount, group, processes):
    """Who had a file of it open is told; who is elsewhere now reads what is there."""
    first, second = group("first", memory=100 * MIB), group("second", memory=300 * MIB)
    agent = processes.agent(first)
    for name, file in (("info", "/proc/meminfo"), ("stat", "/proc/stat"), ("online", "/sys/devices/system/cpu/online"),
                       ("unread", "/proc/meminfo")):
        agent(f"globals().update({name}=open_file('{mount}{file}'))")
    for name in ("info", "stat", "online"):
        assert agent(f"whole({name})")
    second.add(agent.pid)
    remove(first)
    for name in ("info", "stat", "online", "unread"):
        assert error_of(agent, f"whole({name})") == errno.ESRCH, name
        assert error_of(agent, f"whole({name})") == errno.ESRCH, "and again"
    assert meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"] == 307200


def test_a_new_cgroup_of_the_same_name_is_another(mount, group, processes):
    old, aside = group("name", memory=100 * MIB), group("aside")
    agent = processes.agent(old)
    agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
    assert meminfo(agent("whole(fd)"))["MemTotal"] == 102400
    aside.add(agent.pid)
    remove(old)
    new = group("name", memory=300 * MIB)
    new.add(agent.pid)
    assert meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"] == 307200
    assert error_of(agent, "whole(fd)") == errno.ESRCH, "the open file is of the old one"


def test_a_pinned_container_whose_cgroup_is_gone(daemon, group, processes):
    cgroup, aside = group("pinned", memory=100 * MIB), group("aside")
    agent = processes.agent(cgroup)
    path = daemon.register("moved", agent.pid)
    with open(path + "/proc/meminfo") as file:
        assert file.readline() == "MemTotal:         102400 kB\n"
    aside.add(agent.pid)
    remove(cgroup)
    assert error_of(lambda: open(path + "/proc/meminfo").read()) == errno.ESRCH


@pytest.mark.race
def test_readers_are_killed_in_the_middle(mount, group, processes):
    """Readers of 100 MiB die at random points while those of 300 MiB are checked at every read."""
    victims, others = group("victims", memory=100 * MIB), group("others", memory=300 * MIB)
    files = [f"{mount}/proc/meminfo", "MemTotal:         102400 kB", f"{mount}/proc/stat", "cpu "]
    checked = [file.replace("102400", "307200") for file in files]
    checkers = [processes.hand("loop", 100, *checked, cgroup=others) for _ in range(2)]
    for round_ in range(30):
        readers = [processes.hand("loop", 0, *files, cgroup=victims) for _ in range(6)]
        for reader in random.Random(round_).sample(readers, len(readers)):
            processes.end(reader, signal.SIGKILL)
    for checker in checkers:
        checker.send_signal(signal.SIGTERM)
        assert int(rest(checker)) > 0
        assert checker.wait(30) == 0


@pytest.mark.race
def test_cgroups_are_removed_under_their_readers(mount, group, processes):
    """The whole life of a container again and again, with an open file that outlives it."""
    aside = group("aside", memory=300 * MIB)
    agent = processes.agent(aside)
    for round_ in range(30):
        cgroup = group("short", memory=(50 + round_) * MIB)
        cgroup.add(agent.pid)
        agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
        assert meminfo(agent("whole(fd)"))["MemTotal"] == (50 + round_) * 1024
        aside.add(agent.pid)
        remove(cgroup)
        assert error_of(agent, "whole(fd)") == errno.ESRCH
        agent("os.close(fd)")


@pytest.mark.race
def test_registrations_come_and_go_under_readers(daemon, group, processes):
    """Pinned reads from many threads while the container is registered, forgotten and registered again."""
    agent = processes.agent(group(memory=100 * MIB))
    path = daemon.path("containers/flicker/proc/meminfo")
    seen, ended = {"text": 0, "errno": set(), "wrong": []}, threading.Event()

    def read():
        while not ended.is_set():
            try:
                with open(path, "rb", buffering=0) as file:
                    text = file.read()
                if not text.startswith(b"MemTotal:         102400 kB\n"):
                    seen["wrong"].append(text)
                seen["text"] += 1
            except OSError as error:
                seen["errno"].add(error.errno)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(150):
            daemon.register("flicker", agent.pid)
            os.stat(path)
            assert daemon.call(op="forget", id="flicker")["ok"]
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    assert seen["wrong"] == []
    assert seen["errno"] <= {errno.ENOENT, errno.ESRCH, errno.ESTALE}
    with pytest.raises(FileNotFoundError):
        os.stat(path)


def test_a_reader_that_is_stopped_holds_up_nobody(mount, group, processes):
    first, second = group("first", memory=100 * MIB), group("second", memory=300 * MIB)
    files = [f"{mount}/proc/meminfo", "MemTotal:         102400 kB"]
    stopped = [processes.hand("loop", 0, *files, cgroup=first) for _ in range(20)]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    agent = processes.agent(second)
    for _ in range(100):
        assert meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"] == 307200
