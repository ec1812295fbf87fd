# SPDX-License-Identifier: Apache-2.0
"""
No container notices what happens to the daemon's processes: all of them read all files all the time and judge every byte.

PROCVIRT_KILLS and PROCVIRT_CONTAINERS say how much of it.
"""
import fcntl
import os
import random
import shutil
import signal
import threading

import pytest

from attacks import Attacker, active, ask, served, status, workers
from daemon import DAEMON, WRAP, is_mounted, sanitizers, states
from figures import meminfo
from fleet import now_ns
from processes import until
from sticky import Sticky

MIB = 1 << 20
VM = "PROCVIRT_VM" in os.environ
KILLS = int(os.environ.get("PROCVIRT_KILLS", 200 if VM else 100 if sanitizers() or WRAP else 1000))
CONTAINERS = int(os.environ.get("PROCVIRT_CONTAINERS", 12 if VM else 50))
SLOW = 900  # seconds, of which a busy machine takes a part


@pytest.fixture
def victim(make_daemon):
    """A daemon of this test's own."""
    return make_daemon().start()


@pytest.fixture
def fleet(victim, make_fleet):
    return make_fleet(victim)


@pytest.fixture
def attacker(victim, fleet):
    return Attacker(victim, fleet.kills)


def judge(fleet, tell, what, kills):
    """The end of a test: it did happen, and nobody has noticed."""
    verdict = fleet.verdict()
    tell(verdict.line(what))
    verdict.check()
    assert verdict.kills >= kills


@pytest.mark.bound(SLOW)
def test_killed_again_and_again(victim, fleet, attacker, tell):
    fleet.start(CONTAINERS)
    fleet.start(1, busy="yes")
    before = status(victim)["workers"]
    attacker.kill(KILLS)
    served(victim.pid)
    assert status(victim)["workers"] >= before + KILLS, "each was replaced"
    victim.check()
    judge(fleet, tell, "kill -9", KILLS)


@pytest.mark.bound(SLOW)
def test_killed_while_containers_come_and_go(victim, fleet, attacker, tell):
    """Real ones too: the hook and procvirtctl find the next worker."""
    fleet.start(CONTAINERS // 5)
    failed, ended = [], threading.Event()

    def kill():
        try:
            while not ended.is_set():
                attacker.kill(1, rest=0.2)
        except BaseException as error:
            failed.append(error)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        chance = random.Random(5)
        for _ in range(max(KILLS // 25, 8)):
            fleet.stop(chance.choice(list(fleet.alive)))
            fleet.start()
        until(lambda: fleet.kills.n >= KILLS // 5 or failed, "so many kills", 300)
    finally:
        ended.set()
        killer.join()
    assert not failed, failed
    judge(fleet, tell, "kill -9 while containers come and go", KILLS // 5)


@pytest.mark.bound(SLOW)
def test_stopped(victim, fleet, attacker, tell):
    """A worker that does not go on is replaced."""
    fleet.start(CONTAINERS // 2)
    for _ in range(max(KILLS // 50, 2)):
        attacker.rest(0.3)
        attacker.replaced(attacker.strike(signal.SIGSTOP))
    judge(fleet, tell, "kill -STOP", max(KILLS // 50, 2))


@pytest.mark.bound(SLOW)
def test_the_standby_is_stopped_or_killed(victim, fleet, attacker, tell):
    """Before it is needed."""
    fleet.start(CONTAINERS // 5)
    for number in (signal.SIGKILL, signal.SIGSTOP) * 3:
        until(lambda: active(victim.pid) and len(workers(victim.pid)) == 2, "there is a standby", 60)
        os.kill(workers(victim.pid)[1], number)
        attacker.replaced(attacker.strike())
    judge(fleet, tell, "a standby is stopped or killed, then the worker is killed", 6)


@pytest.mark.bound(SLOW)
def test_the_keeper_is_killed(victim, fleet, attacker, tell):
    """The worker that serves takes its place, and has workers of its own."""
    fleet.start(CONTAINERS // 5)
    for i in range(3):
        worker = served(attacker.keeper)
        attacker.send(attacker.keeper, signal.SIGKILL)
        attacker.keeper = worker
        served(worker)
        attacker.kill(3)
        now = status(victim)
        assert (now["keeper"], now["mount"]) == (worker, victim.mount)
        fleet.start(1)
    judge(fleet, tell, "kill -9 of the keeper", 3)
    os.kill(attacker.keeper, signal.SIGTERM)
    until(lambda: not os.path.exists(f"/proc/{attacker.keeper}") and not is_mounted(victim.mount), "it ends as the first would")


def test_a_text_is_read_on_after_a_kill(victim, attacker, processes, group):
    """From the middle and at its end, of the very moment at which it was begun."""
    agent = processes.agent(group(memory=100 * MIB))
    path = victim.path("proc/stat")
    agent(f"globals().update(fd=open_file('{path}'))")
    agent("globals().update(whole=os.pread(fd, 65536, 0))")
    for _ in range(3):
        attacker.replaced(attacker.strike())
        assert agent("os.pread(fd, 65536, 100) == whole[100:]")
        assert agent("os.pread(fd, 65536, len(whole)) == b''")
    assert agent("os.pread(fd, 65536, 0) != whole"), "a new reading is of a new moment"


def test_what_was_registered_stays(victim, attacker, processes, group):
    """With its options; an id that was forgotten stays so, and one whose process ends is forgotten."""
    agents = [processes.agent(group(f"c{i}", memory=(100 + i) * MIB)) for i in range(4)]
    for i, agent in enumerate(agents):
        victim.register(f"c{i}", agent.pid, **{"renumber-cpus": i == 1})
    assert victim.call(op="forget", id="c3")["ok"]
    before = victim.call(op="list")["containers"]
    for _ in range(3):
        attacker.replaced(attacker.strike())
        assert ask(victim, op="list")["containers"] == before
    for i in range(3):
        with open(victim.path("containers", f"c{i}", "proc/meminfo")) as file:
            assert meminfo(file.read())["MemTotal"] == (100 + i) * 1024
    agents[0].end()
    until(lambda: len(ask(victim, op="list")["containers"]) == 2, "its end is seen by who was not there at its beginning")
    victim.register("c4", agents[3].pid)
    assert len(ask(victim, op="list")["containers"]) == 3


def test_whose_init_ends_while_nobody_looks(victim, processes, group):
    """While no worker lives."""
    agent = processes.agent(group(memory=100 * MIB))
    victim.register("short", agent.pid)
    os.kill(victim.pid, signal.SIGSTOP)
    for pid in victim.workers():
        os.kill(pid, signal.SIGKILL)
    agent.end()
    os.kill(victim.pid, signal.SIGCONT)
    until(lambda: ask(victim, op="list")["containers"] == [], "it is forgotten")


@pytest.mark.parametrize("name, says", [("state", "what was known of containers"), ("journal", "the journal of requests")])
def test_what_is_foreign_is_refused_and_made_anew(victim, attacker, processes, group, name, says):
    """By the first worker that has not opened it before; whoever has a file of a number that nobody knows is found again."""
    agent = processes.agent(group(memory=100 * MIB))
    pinned = victim.register("pinned", agent.pid) + "/proc/meminfo"
    assert meminfo(agent.read(pinned))["MemTotal"] == 102400
    # Open, as a runtime lays it: nobody looks the name up again.
    agent(f"globals().update(fd=open_file('{pinned}'))")
    served(victim.pid)
    memory = next(fd for fd in os.listdir(f"/proc/{victim.pid}/fd")
                  if os.readlink(f"/proc/{victim.pid}/fd/{fd}").startswith("/memfd:") and
                  name in os.readlink(f"/proc/{victim.pid}/fd/{fd}"))
    with open(f"/proc/{victim.pid}/fd/{memory}", "r+b", buffering=0) as file:
        file.write(b"another version's" * 16)
    for _ in range(3):
        attacker.replaced(attacker.strike())
    until(lambda: says in victim.log() and "is lost" in victim.log(), "the log says so")
    assert meminfo(agent("whole(fd)"))["MemTotal"] == 102400
    assert meminfo(agent.read(victim.path("proc/meminfo")))["MemTotal"] == 102400
    assert bool(ask(victim, op="list")["containers"]) == (name == "journal")
    assert ask(victim, op="register", id="again", pid=agent.pid)["ok"]


# ---- upgrades ----

class Versions:
    """A daemon whose program is now this, now that."""

    def __init__(self, make_daemon, scratch, programs, **more):
        os.makedirs(scratch + "/versions", exist_ok=True)
        self.programs, self.path = programs, scratch + "/versions/procvirtd"
        self.put(programs[0])
        self.daemon = make_daemon(program=self.path, **more).start()

    def put(self, program):
        """As a package does it: another file by that name."""
        shutil.copy(program, self.path + ".new")
        os.rename(self.path + ".new", self.path)

    def version(self, processes, program):
        return processes.output(program, "--version").split()[1]


@pytest.fixture
def versions(make_daemon, scratch, other_version):
    return Versions(make_daemon, scratch, [DAEMON, other_version])


@pytest.mark.bound(SLOW)
def test_upgraded_every_second(versions, make_fleet, processes, tell):
    """From the other version to this one and back, by SIGHUP. What is read is what the other one serves, too."""
    daemon = versions.daemon
    fleet, named = make_fleet(daemon), [versions.version(processes, program) for program in versions.programs]
    assert named[0] != named[1]
    attacker, times = Attacker(daemon, fleet.kills), max(KILLS * 6 // 100, 6)

    def upgrade(i):
        versions.put(versions.programs[i % 2])
        attacker.send(daemon.pid, signal.SIGHUP)
        until(lambda: status(daemon)["version"] == named[i % 2], f"upgrade {i}: {named[i % 2]} serves", 60)

    upgrade(1)
    fleet.start(CONTAINERS // 2)
    for i in range(2, times + 2):
        attacker.rest(1)
        upgrade(i)
    judge(fleet, tell, "upgrade", times)


@pytest.mark.parametrize("program", ["#!/bin/sh\nexit 1\n", "no program"])
def test_an_upgrade_that_cannot_start(versions, make_fleet, scratch, program):
    """The old one serves on and says so; a better one is taken later."""
    daemon, before = versions.daemon, status(versions.daemon)
    fleet = make_fleet(daemon)
    fleet.start(4)
    with open(scratch + "/broken", "w") as file:
        file.write(program)
        os.fchmod(file.fileno(), 0o755)
    versions.put(scratch + "/broken")
    lines = daemon.log().count("\n")
    os.kill(daemon.pid, signal.SIGHUP)
    until(lambda: daemon.log().count("\n") > lines, "it says so")
    after = status(daemon)
    assert (after["worker"], after["version"]) == (before["worker"], before["version"])
    versions.put(DAEMON)
    os.kill(daemon.pid, signal.SIGHUP)
    until(lambda: status(daemon)["worker"] != before["worker"], "the good one is taken")
    fleet.verdict().check()


@pytest.fixture
def sticky(make_daemon, scratch):
    """Taken away before the daemon, which could not end."""
    sticky = Sticky(f"{scratch}/sticky")
    yield sticky
    sticky.end()


@pytest.mark.bound(SLOW)
def test_a_worker_that_is_dead_and_not_gone(make_daemon, make_fleet, sticky, tell):
    """The kernel does not let its process end. It is passed over, and so is the next one."""
    daemon = make_daemon()
    with open(sticky.path) as file:
        daemon.inherits = [fcntl.fcntl(file, fcntl.F_DUPFD, 100)]  # out of the way of those that a worker is handed
    daemon.start()
    os.close(*daemon.inherits)
    fleet = make_fleet(daemon, kinds=("namespace", "attached", "cgroup"))
    fleet.start(6)
    sticky.hold()
    held = []
    for _ in range(2):
        worker = served(daemon.pid)
        fleet.kills.mark(now_ns())
        os.kill(worker, signal.SIGKILL)
        until(lambda: "D" in states(worker), "one of its threads is held")
        held.append(worker)
        served(daemon.pid, but=held)
        assert "D" in states(worker)
    sticky.let_go()
    until(lambda: not any(states(worker) for worker in held), "they are gone")
    served(daemon.pid)
    judge(fleet, tell, "kill -9 of workers that the kernel holds", 2)
