# SPDX-License-Identifier: Apache-2.0
"""Containers that stand still, starve, or are very many: none holds up another's reads, nor does a kill meanwhile."""
import contextlib
import os
import signal

import pytest

from attacks import Attacker, served
from cgroups import Cgroup, write
from figures import meminfo
from processes import rest, until

MIB = 1 << 20
GROUPS = int(os.environ.get("PROCVIRT_CGROUPS", 10_000))


@pytest.fixture
def victim(make_daemon):
    return make_daemon().start()


@pytest.fixture
def quiet(processes, group):
    """Somebody else, who has to be served."""
    return processes.agent(group("quiet", memory=300 * MIB))


def is_served(agent, daemon, n=50):
    for _ in range(n):
        assert meminfo(agent.read(daemon.path("proc/meminfo")))["MemTotal"] == 307200
        agent.read(daemon.path("proc/stat"))
        agent.read(daemon.path("proc/loadavg"))


def freezer(cgroup):
    """(file, frozen, thawed): freezer of version 1, or cgroup.freeze (Documentation/admin-guide/cgroup-v2.rst)."""
    if cgroup.tree.of("freezer"):
        return cgroup.dir("freezer") + "/freezer.state", "FROZEN", "THAWED"
    unified = next(h.path for h in cgroup.tree.hierarchies if h.version == 2)
    return unified + cgroup.name + "/cgroup.freeze", "1", "0"


@contextlib.contextmanager
def frozen(cgroup):
    file, freeze, thaw = freezer(cgroup)
    write(file, freeze)
    try:
        yield
    finally:
        write(file, thaw)


@contextlib.contextmanager
def stopped(cgroup):
    """Each of its processes, whatever it is doing."""
    pids = cgroup.pids()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("how", [frozen, stopped], ids=["frozen", "stopped"])
def test_a_container_that_stands_still(victim, make_fleet, tree, quiet, group, how, request):
    """In the middle of its reads, while the worker is killed; afterwards it goes on as if nothing had been."""
    fleet = make_fleet(victim, kinds=("namespace", "attached", "cgroup"))
    fleet.start(6, pause_us=0)
    top = Cgroup(tree, os.path.dirname(group("c0").name))
    attacker = Attacker(victim, fleet.kills)
    with contextlib.ExitStack() as stack:
        for name in fleet.alive:
            stack.enter_context(how(Cgroup(tree, f"{top.name}/{name}")))
        is_served(quiet, victim)
        attacker.replaced(attacker.strike())
        is_served(quiet, victim)
    fleet.verdict().check()


def times_at_the_limit(cgroup):
    if cgroup.tree.version("memory") == 1:
        with open(cgroup.dir("memory") + "/memory.failcnt") as file:
            return int(file.read())
    with open(cgroup.dir("memory") + "/memory.events") as file:
        return dict(line.split() for line in file)["max"] != "0"


def test_a_container_without_memory(victim, make_fleet, quiet, group, processes, scratch):
    """It reads a file that is many times larger than its limit, all the time, and its own figures."""
    with open(scratch + "/large", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 64 * MIB)
    starved = group("starved", memory=6 * MIB)
    hog = processes.start("sh", "-c", f"while :; do cat {scratch}/large; done >/dev/null", cgroup=starved)
    until(lambda: times_at_the_limit(starved), "it wants more than it may have", 60)
    line = "MemTotal:           6144 kB\n"
    inside = processes.hand("loop", 100, victim.path("proc/meminfo"), line, cgroup=starved)
    fleet = make_fleet(victim, kinds=("cgroup",))
    fleet.start(2)
    attacker, pinned = Attacker(victim, fleet.kills), victim.register("starved", hog.pid)
    for _ in range(3):
        is_served(quiet, victim)
        with open(pinned + "/proc/meminfo") as text:
            assert text.readline() == line
        attacker.replaced(attacker.strike())
    inside.send_signal(signal.SIGTERM)
    assert int(rest(inside)) > 0 and inside.wait(60) == 0
    fleet.verdict().check()


@pytest.mark.bound(900)
def test_ten_thousand_cgroups(victim, make_fleet, tree, quiet, group, tell):
    """Made and removed below a container that is read all the time; and the worker is killed."""
    fleet = make_fleet(victim, kinds=("cgroup",))
    [name] = fleet.start(1)
    fleet.start(4)
    hierarchies = {tree.of("memory"), tree.of("cpu"), *(h for h in tree.hierarchies if h.version == 2)}
    tops = [h.path + group(name).name for h in hierarchies]
    attacker, batch = Attacker(victim, fleet.kills), 1000
    for start in range(0, GROUPS, batch):
        below = [f"{top}/n{i}" for top in tops for i in range(start, min(start + batch, GROUPS))]
        for path in below:
            os.mkdir(path)
        is_served(quiet, victim, 5)
        attacker.strike()
        for path in below:
            os.rmdir(path)
    served(victim.pid)
    verdict = fleet.verdict()
    tell(verdict.line(f"kill -9 among {GROUPS} cgroups"))
    verdict.check()


@pytest.mark.bound(600)
def test_a_container_that_hammers(victim, make_fleet, processes, group, quiet, tell):
    """With 64 threads that do nothing but read."""
    fleet = make_fleet(victim, kinds=("namespace",))
    fleet.start(4)
    noisy = group("noisy", memory=100 * MIB)
    path = victim.path("proc/meminfo")
    hammer = processes.start(processes.probe, "threads", path, 64, 1_000_000, "own", cgroup=noisy)
    attacker = Attacker(victim, fleet.kills)
    for _ in range(5):
        is_served(quiet, victim, 20)
        attacker.replaced(attacker.strike())
    assert hammer.poll() is None, "it hammers still"
    until(lambda: processes.end(hammer, signal.SIGKILL) is not None, "its threads go")
    verdict = fleet.verdict()
    tell(verdict.line("kill -9 beside 64 hammering threads"))
    verdict.check()
