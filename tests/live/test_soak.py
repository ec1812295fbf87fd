# SPDX-License-Identifier: Apache-2.0
"""
Everything at once, for PROCVIRT_SOAK seconds: containers come, go, stand still and hammer; workers are killed, stopped,
crash, hang and are upgraded; cgroups come and go by the thousand. `tests/run soak` builds for it, with sanitizers and faults.
"""
import collections
import os
import random
import signal
import time

import pytest

from attacks import Attacker, served, status, workers
from cgroups import Cgroup, rmdir
from daemon import DAEMON
from faults import Faults
from processes import until
from test_hangs import frozen
from test_survival import Versions

SECONDS = int(os.environ.get("PROCVIRT_SOAK", 900))
CONTAINERS = int(os.environ.get("PROCVIRT_CONTAINERS", 50))
MIB = 1 << 20
FAULTS = ("segv /proc/uptime 400", "abort /proc/loadavg 400", "hang /proc/meminfo 3000", "lock /proc/stat 3000",
          "slow /proc/cpuinfo 20")
ENDS = ("(Killed)", "(Segmentation fault)", "(Aborted)", "does not end", "is stopped", "no sign of life")


def memory_kb(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return int(next(line.split()[1] for line in file if line.startswith("VmRSS:")))
    except (OSError, StopIteration):
        return 0


class Soak:
    def __init__(self, versions, fleet, group, tree, processes, faults):
        self.versions, self.daemon, self.fleet = versions, versions.daemon, fleet
        self.group, self.tree, self.processes, self.faults = group, tree, processes, faults
        self.attacker, self.chance = Attacker(self.daemon, fleet.kills), random.Random(15)
        self.done, self.worst_kb = collections.Counter(), 0

    def kill(self):
        self.attacker.kill(10)

    def kill_two(self):
        self.attacker.strike_two()

    def stop(self):
        self.attacker.strike(signal.SIGSTOP)

    def stop_standby(self):
        for pid in workers(self.daemon.pid)[1:]:
            os.kill(pid, signal.SIGSTOP)

    def upgrade(self):
        """Not to the other version: it may serve fewer files than the containers have found."""
        self.versions.put(DAEMON)
        before = status(self.daemon)["workers"]
        self.attacker.send(self.daemon.pid, signal.SIGHUP)
        until(lambda: status(self.daemon)["workers"] > before, "another worker", 120)

    def come_and_go(self):
        self.fleet.stop(self.chance.choice(list(self.fleet.alive)))
        self.fleet.start()

    def stand_still(self):
        """Of the kinds whose cgroup is ours; in the middle of a read."""
        names = [name for name in self.fleet.alive if int(name[1:]) % 4]
        with frozen(Cgroup(self.tree, self.group(self.chance.choice(names)).name)):
            self.attacker.kill(3)

    def many_cgroups(self):
        top = self.group("many")
        below = [f"{path}/n{i}" for path in top.dirs() for i in range(300)]
        for path in below:
            os.mkdir(path)
        self.attacker.strike()
        for path in below:
            rmdir(path)

    def crash(self):
        self.faults.set(*self.chance.sample(FAULTS, 2))
        time.sleep(5)
        self.faults.set()

    def rest(self):
        time.sleep(2)

    def act(self):
        """One of them; the memory of all our processes is looked at after each."""
        name = self.chance.choice(("kill",) * 6 + ("come_and_go",) * 4 + ("rest", "rest", "crash", "crash", "kill_two", "stop",
                                   "stop_standby", "upgrade", "stand_still", "many_cgroups"))
        getattr(self, name)()
        self.done[name] += 1
        self.worst_kb = max(self.worst_kb, sum(map(memory_kb, [self.daemon.pid, *workers(self.daemon.pid)])))

    def run(self, seconds):
        hammer = self.processes.start(self.processes.probe, "threads", self.daemon.path("proc/meminfo"), 64, 1 << 30, "own",
                                      cgroup=self.group("hammer", memory=100 * MIB), stderr=open(self.daemon.dir + "/hammer", "w"))
        self.fleet.start(CONTAINERS)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.act()
            self.daemon.check()
        assert hammer.poll() is None, "who hammers is served"
        self.processes.end(hammer, signal.SIGKILL)


@pytest.mark.bound(SECONDS + 1800)
def test_everything_at_once(make_daemon, scratch, make_fleet, group, tree, processes, tell):
    faults = Faults(scratch)
    versions = Versions(make_daemon, scratch, [DAEMON], env=faults.env())
    soak = Soak(versions, make_fleet(versions.daemon), group, tree, processes, faults)
    soak.run(SECONDS)
    served(versions.daemon.pid)
    after = status(versions.daemon)
    verdict = soak.fleet.verdict()
    log = versions.daemon.log().splitlines()
    tell(verdict.line(f"soak of {SECONDS} s"))
    tell("  done: " + ", ".join(f"{n} × {name}" for name, n in soak.done.most_common()))
    ends = {end: sum(end in line for line in log) for end in ENDS}
    tell(f"  {after['workers']} workers; ends logged: {ends}; at most {soak.worst_kb // 1024} MiB in all processes; "
         f"{len(log)} lines of log, {after['log-left-out']} left out; {len(verdict.reports)} containers in all")
    verdict.check()
