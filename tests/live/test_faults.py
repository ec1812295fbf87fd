# SPDX-License-Identifier: Apache-2.0
"""
A renderer or a change crashes, hangs, or takes a lock that all need: fs/container/fault.h. For a build that has PROCVIRT_FAULTS.
"""
import contextlib
import errno
import glob
import os
import signal
import subprocess

import pytest

from attacks import served, status, workers
from daemon import states
from faults import Faults
from figures import meminfo
from processes import until
from writers import Box, refused, text

MIB = 1 << 20
OTHERS = "meminfo stat cpuinfo uptime loadavg".split()


@pytest.fixture
def faults(scratch):
    return Faults(scratch)


def release(daemon):
    """Threads that are stuck come back when their children are gone."""
    for worker in workers(daemon.pid):
        for children in glob.glob(f"/proc/{worker}/task/*/children"):
            with contextlib.suppress(OSError), open(children) as file:
                for child in map(int, file.read().split()):
                    os.kill(child, signal.SIGKILL)


@pytest.fixture
def victim(make_daemon, faults, processes, group):
    """Nothing hangs any more when the readers have to end."""
    daemon = make_daemon(env=faults.env()).start()
    yield daemon
    faults.set()
    release(daemon)


@pytest.fixture
def bystanders(victim, make_fleet):
    """Containers that do not read what crashes."""
    return make_fleet(victim, kinds=("namespace", "cgroup"), names=OTHERS)


@pytest.fixture
def agent(processes, group):
    return processes.agent(group("agent", memory=100 * MIB))


def taken_over(daemon):
    return status(daemon)["workers"]


def unharmed(fleet, tell, what):
    verdict = fleet.verdict()
    tell(verdict.line(what))
    verdict.check()


@pytest.mark.bound(600)
@pytest.mark.parametrize("kind", ["segv", "abort"])
def test_a_renderer_crashes_now_and_then(victim, faults, make_fleet, tell, kind):
    """Who reads that file does not notice either: it is rendered again. (Three times in a row is for the next test.)"""
    fleet = make_fleet(victim)
    fleet.start(20, pause_us=1000)
    before = taken_over(victim)
    faults.set(*(f"{kind} /proc/{name} 400" for name in OTHERS))
    until(lambda: taken_over(victim) >= before + 10, "so many crashes", 300)
    assert status(victim)["last-end"] == "crashed"
    faults.set()
    unharmed(fleet, tell, f"{kind} in one render of 400")


def errno_of(agent, expression):
    with pytest.raises(OSError) as error:
        agent(expression)
    return error.value.errno


@pytest.mark.bound(600)
def test_a_request_that_kills_its_worker(victim, faults, bystanders, agent, tell):
    """It is answered EIO, the log says so, and nobody else notices."""
    bystanders.start(10)
    path = victim.path("proc/swaps")
    faults.set("segv /proc/swaps 1")
    before = taken_over(victim)
    assert errno_of(agent, f"text({path!r})") == errno.EIO
    assert taken_over(victim) == before + 3
    until(lambda: "/proc/swaps" in victim.log(), "it is logged")
    assert errno_of(agent, f"text({path!r})") == errno.EIO, "and again"
    faults.set()
    assert agent.read(path).startswith("Filename")
    unharmed(bystanders, tell, "a request that kills its worker again and again")


def cat(processes, group, path, name="cat"):
    """Somebody who reads; `cat` opens it first, so it hangs in its read."""
    return processes.start("cat", path, cgroup=group(name, memory=50 * MIB), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def gives_up(reader):
    return reader.wait(120) == 1 and b"Input/output error" in reader.stderr.read()


def hangs(process):
    """It waits for an answer of ours (fs/fuse/dev.c, request_wait_answer())."""
    try:
        with open(f"/proc/{process.pid}/wchan") as wchan:
            return wchan.read() in ("request_wait_answer", "__fuse_request_send", "__fuse_simple_request")
    except OSError:
        return False


def read_all(agent, victim, n=100):
    for _ in range(n):
        assert meminfo(agent.read(victim.path("proc/meminfo")))["MemTotal"] == 100 * 1024


@pytest.mark.bound(600)
def test_a_render_that_hangs(victim, faults, bystanders, agent, processes, group, tell):
    """Others are served meanwhile; after three workers the reader is told."""
    bystanders.start(4)
    before, worker = taken_over(victim), served(victim.pid)
    faults.set("hang /proc/swaps 1")
    reader = cat(processes, group, victim.path("proc/swaps"))
    until(lambda: hangs(reader), "it hangs")
    read_all(agent, victim)
    assert gives_up(reader)
    assert taken_over(victim) == before + 3 and status(victim)["worker"] != worker
    faults.set()
    unharmed(bystanders, tell, "a render that hangs")


def lets_go(victim, processes, group, path):
    """Whether a reader that hangs and is killed goes before the worker that hangs is replaced."""
    reader, worker = cat(processes, group, path), served(victim.pid)
    until(lambda: hangs(reader), "it hangs")
    reader.send_signal(signal.SIGKILL)
    assert reader.wait(120) == -signal.SIGKILL
    return served(victim.pid) == worker


@pytest.mark.bound(600)
def test_a_reader_that_hangs_and_is_killed(victim, faults, processes, group):
    """It goes at once, and does not wait for the watchdog; on a busy machine one of several tries has to show it."""
    faults.set("hang /proc/swaps 1")
    assert any(lets_go(victim, processes, group, victim.path("proc/swaps")) for _ in range(5))


@pytest.mark.bound(600)
def test_a_worker_that_hangs_in_a_lock(victim, faults, bystanders, agent, processes, group, tell):
    """That every render needs: it is replaced, and all are served by the next one."""
    bystanders.start(4)
    before = taken_over(victim)
    faults.set("lock /proc/swaps 1")
    reader = processes.start("cat", victim.path("proc/swaps"), cgroup=group("cat"))
    until(lambda: served(victim.pid) and taken_over(victim) > before, "another worker serves", 60)
    faults.set()
    assert reader.wait(120) == 0 and reader.stdout.read().startswith(b"Filename")
    read_all(agent, victim)
    unharmed(bystanders, tell, "a lock that is not given back")


@pytest.mark.bound(600)
def test_readers_that_the_kernel_holds(victim, faults, bystanders, agent, processes, group, tell):
    """More than there are threads, and more than a container may have: they are told, and nobody else notices."""
    bystanders.start(4)
    worker, path, names = served(victim.pid), victim.path("proc/swaps"), [f"held{i}" for i in range(5)]
    faults.set("stuck /proc/swaps 1")
    readers = [cat(processes, group, path, name) for name in names * 3]
    read_all(agent, victim)
    assert all(gives_up(reader) for reader in readers)
    assert "D" in states(worker)
    read_all(agent, victim)
    assert served(victim.pid) == worker, "it is not replaced: it could not be ended"
    faults.set()
    release(victim)
    assert [cat(processes, group, path, name).wait(120) for name in names] == [0] * len(names)
    unharmed(bystanders, tell, "readers that the kernel holds")


@pytest.mark.bound(600)
def test_slow_renders_of_one_container(victim, faults, agent, processes, group):
    """64 readings of 300 ms each: who reads something else has read a hundred times before they are done."""
    faults.set("slow /proc/stat 300")
    noisy = group("noisy")
    readers = [processes.start("cat", *[victim.path("proc/stat")] * 8, cgroup=noisy, stdout=subprocess.DEVNULL) for _ in range(8)]
    until(lambda: all(hangs(reader) for reader in readers), "they wait")
    read_all(agent, victim)
    assert all(reader.poll() is None for reader in readers), "the slow ones are not done"
    faults.set()
    assert [reader.wait(120) for reader in readers] == [0] * 8


@pytest.fixture
def writer(make_daemon, faults, group, processes):
    """A container that may write, and its daemon."""
    daemon = make_daemon("--cgroup-writes", env=faults.env()).start()
    yield Box(daemon, group, processes), daemon
    faults.set()


@pytest.mark.bound(600)
def test_a_change_that_kills_its_worker(writer, faults):
    """It may have been carried out: it is tried once again, for which what it asked for is there, and then given up."""
    box, daemon = writer
    before = taken_over(daemon)
    faults.set("segv change-made 1")
    assert errno_of(box.agent, f"os.mkdir('{box.top}/new')") == errno.EIO
    assert taken_over(daemon) == before + 2
    faults.set()
    assert os.path.isdir(f"{box.host}/new")
    box.agent(f"os.rmdir('{box.top}/new')")
    assert not os.path.exists(f"{box.host}/new")


@pytest.mark.bound(600)
@pytest.mark.parametrize("place", ["change-kept", "change-sent"])
def test_a_worker_dies_with_a_change_that_is_done(writer, faults, place):
    """Its caller is told what came of it, and nobody does it again."""
    box, daemon = writer
    before, new = taken_over(daemon), f"{box.top}/new"
    faults.set(f"segv {place} 1")
    limit = f"{box.host}/in/{box.limit}"
    for i in range(1, 11):
        box.agent(f"os.mkdir({new!r})")
        refused(errno.EEXIST, box.agent, f"os.mkdir({new!r})")
        box.agent(f"os.rmdir({new!r})")
        refused(errno.ENOENT, box.agent, f"os.rmdir({new!r})")
        box.write(f"in/{box.limit}", str(i * MIB))
        assert text(limit) == f"{i * MIB}\n"
        with open(limit, "w") as file:
            file.write(str(20 * MIB))
        until(lambda: taken_over(daemon) >= before + 3 * i, "a worker died of each change")
        assert box.agent.read(f"{box.top}/in/{box.limit}") == text(limit) == f"{20 * MIB}\n"
        assert not os.path.exists(f"{box.host}/new")
    assert status(daemon)["last-end"] == "crashed"
