# SPDX-License-Identifier: Apache-2.0
"""What grows with time, held against the clock and against what the kernel itself has counted."""
import os
import time

from figures import Stat, grown
from processes import until

TICK = 1 / os.sysconf("SC_CLK_TCK")


def clock():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Reader:
    """reader(file) of a registered container from outside, so that reading costs it no time."""

    def __init__(self, daemon, cgroup, processes):
        self.group, self.processes = cgroup, processes
        self.agent = processes.agent(cgroup)
        self.path = daemon.register("times", self.agent.pid)

    def busy(self, threads=1):
        return self.processes.hand("busy", threads, cgroup=self.group)

    def __call__(self, file):
        with open(self.path + file, "rb", buffering=0) as text:
            return text.read().decode()

    def stat(self):
        return Stat(self("/proc/stat"))


class Window:
    """
    Figures of two moments, each read between two looks at counts of the kernel's: however long a loaded machine took
    for one of them, what each count has grown by meanwhile lies between .least and .most.
    """

    def __init__(self, read, counts, condition, what):
        first, self.before, second = counts(), read.stat(), counts()
        until(lambda: condition(first), what, 60)
        third, self.after, fourth = counts(), read.stat(), counts()
        self.least = [b - a for a, b in zip(second, third)]
        self.most = [b - a for a, b in zip(first, fourth)]

    def change(self, line="cpu"):
        return grown(self.before.cpu[line], self.after.cpu[line])


def counted(cgroup):
    """The kernel's own counts of CPU time and of throttled time, in ticks."""
    if cgroup.tree.version("cpu") == 1:
        with open(cgroup.dir("cpuacct") + "/cpuacct.usage") as file:
            usage = int(file.read()) / 1e9
        name, scale = "throttled_time", 1e9
    else:
        name, scale = "throttled_usec", 1e6
    with open(cgroup.dir("cpu") + "/cpu.stat") as file:
        words = dict(line.split() for line in file)
    if cgroup.tree.version("cpu") == 2:
        usage = int(words["usage_usec"]) / 1e6
    return usage / TICK, int(words[name]) / scale / TICK
