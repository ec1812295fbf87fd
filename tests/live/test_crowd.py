# SPDX-License-Identifier: Apache-2.0
"""200 containers at once: each reads its own figures and never another's, while they start and stop."""
import random
import signal

import pytest

from processes import rest

CONTAINERS = 200
MIB = 1 << 20


class Crowd:
    """Container i, in its n-th life, has a limit that no other container has at that moment."""

    def __init__(self, daemon, group, processes):
        self.daemon, self.group, self.processes = daemon, group, processes
        self.alive, self.lives, self.rounds = {}, [0] * CONTAINERS, [0] * CONTAINERS

    def size(self, i):
        return 64 + i + CONTAINERS * (self.lives[i] % 3)

    def start(self, i):
        """Every other one is registered, and then read by its pinned path too."""
        cgroup = self.group(f"c{i}", memory=self.size(i) * MIB, quota=50000 if i % 3 == 0 else -1)
        line = f"MemTotal:       {self.size(i) * 1024:8d} kB\n"
        files = [self.daemon.path("proc/meminfo"), line]
        if i % 2:
            init = self.processes.hand("touch", 1, cgroup=cgroup)
            files += [self.daemon.register(f"crowd-{i}", init.pid) + "/proc/meminfo", line]
        else:
            init = None
        self.alive[i] = (cgroup, self.processes.hand("loop", 20000, *files, cgroup=cgroup), init)

    def stop(self, i):
        """The reader fails on the first wrong figure; how many times it went round is added up over the lives."""
        cgroup, reader, init = self.alive.pop(i)
        reader.send_signal(signal.SIGTERM)
        self.rounds[i] += int(rest(reader) or 0)
        assert self.processes.end(reader) == 0
        if init:
            self.daemon.call(op="forget", id=f"crowd-{i}")
            self.processes.end(init)
        cgroup.remove()
        self.lives[i] += 1


@pytest.mark.race
def test_each_reads_its_own_figures(daemon, group, processes):
    crowd, chance = Crowd(daemon, group, processes), random.Random(200)
    for i in range(CONTAINERS):
        crowd.start(i)
    for _ in range(200):
        i = chance.randrange(CONTAINERS)
        crowd.stop(i)
        crowd.start(i)
    assert len(crowd.alive) == CONTAINERS
    for i in range(CONTAINERS):
        crowd.stop(i)
    assert min(crowd.rounds) >= 1, "everyone was served"
    daemon.check()
