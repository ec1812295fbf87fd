# SPDX-License-Identifier: Apache-2.0
"""Containers of every kind whose inhabitants read all files and judge every byte (reader.c)."""
import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import time

from daemon import CTL
from processes import patient, read_line, rest

MIB = 1 << 20
NAMESPACES = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")
FILES = "meminfo stat cpuinfo uptime loadavg swaps".split()
# What else has counters and sums: read by those that read the mount point, where it is there when they begin.
MORE = ["proc/" + name for name in "vmstat diskstats interrupts softirqs schedstat zoneinfo buddyinfo pressure/cpu".split()]
MORE += ["sys/devices/system/node/node0/meminfo", "sys/fs/cgroup/memory.stat", "sys/fs/cgroup/cpu.stat"]
MORE += ["sys/fs/cgroup/" + name for name in ("memory/memory.stat", "cpu,cpuacct/cpuacct.usage", "cpu,cpuacct/cpuacct.stat")]
KINDS = ("runc", "attached", "namespace", "cgroup")


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class Kills:
    """Times at which something was done to the daemon, in a file that each reader maps: struct kills of reader.c."""

    def __init__(self, path, room=100_000):
        self.path, self.n = path, 0
        with open(path, "w+b") as file:
            file.truncate(8 * (1 + room))
            self.map = mmap.mmap(file.fileno(), 0)

    def mark(self, ns):
        struct.pack_into("Q", self.map, 8 * (1 + self.n), ns)
        self.n += 1
        struct.pack_into("Q", self.map, 0, self.n)


class Fleet:
    """
    Starts and ends containers. Kinds, in turn: "runc", a real one with the hook; "attached", with procvirtctl; "namespace",
    which reads the mount point from a pid namespace; "cgroup", which has nothing but a cgroup. `names`: what the last two read.
    """

    def __init__(self, daemon, reader, group, processes, bundles, scratch, kinds=KINDS, names=FILES):
        self.daemon, self.reader, self.group, self.processes, self.bundles = daemon, reader, group, processes, bundles
        self.kinds, self.names, self.alive, self.reports, self.made = kinds, names, {}, [], 0
        self.kills = Kills(f"{scratch}/kills-{os.path.basename(daemon.dir)}")
        self.cpus = os.sysconf("SC_NPROCESSORS_ONLN")

    def start(self, n=1, pause_us=5000, kind=None, **options):
        """Starts so many; their names."""
        names = []
        for _ in range(n):
            name, memory = f"c{self.made}", 64 + self.made % 1000
            how = {"hang": int(patient(60)), "pause": int(patient(pause_us)), "memory": memory * 1024, "cpus": self.cpus, **options}
            words = [str(word) for key, value in how.items() for word in (f"--{key}", value)]
            start = getattr(self, "start_" + (kind or self.kinds[self.made % len(self.kinds)]))
            self.made += 1
            self.alive[name] = start(name, memory * MIB, words)
            names.append(name)
        return names

    def start_runc(self, name, memory, words):
        hook = ["--socket", self.daemon.socket, "--strict"]
        container = self.bundles.make(name, ["/bundle/reader", "--kills", "/bundle/kills", *words, *self.laid()], hook=hook, memory=memory)
        shutil.copy(self.reader, container.work + "/reader")
        os.link(self.kills.path, container.work + "/kills")
        process = container.start()
        assert read_line(process, 60) == "ready\n"
        return process, lambda: self.bundles.let_go(container)

    def own(self, name, memory, *command, wait=False):
        cgroup = self.group(name, memory=memory)
        process = self.processes.start(*command, cgroup=cgroup)
        assert read_line(process, 60) == "ready\n"
        return process, cgroup.remove

    def files(self, mount):
        """An emulated machine takes long for hundreds of files of single CPUs: there it is three of them."""
        emulated = "PROCVIRT_VM" in os.environ
        cpus = ("/online", "/possible", "/present") if emulated else ("",)
        more = () if emulated else MORE
        return [*(f"{mount}/proc/{name}" for name in self.names), *(f"{mount}/sys/devices/system/cpu{name}" for name in cpus),
                *(f"{mount}/{name}" for name in more)]

    def laid(self):
        """What a reader of laid files is told to read: nothing where it finds them by itself."""
        return self.files("") if "PROCVIRT_VM" in os.environ else []

    def start_attached(self, name, memory, words):
        command = [self.reader, "--kills", self.kills.path, "--wait", "yes", *words, *self.laid()]
        process, remove = self.own(name, memory, *NAMESPACES, *command)
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
            init = int(children.read().split()[0])
        self.processes.output(CTL, "--socket", self.daemon.socket, "attach", "--id", f"{name}-{process.pid}", init)
        os.write(process.stdin.fileno(), b"go\n")
        return process, remove

    def start_namespace(self, name, memory, words):
        wrap = ("unshare", "--pid", "--fork", "--kill-child")
        return self.own(name, memory, *wrap, self.reader, "--kills", self.kills.path, *words, *self.files(self.daemon.mount))

    def start_cgroup(self, name, memory, words):
        return self.own(name, memory, self.reader, "--kills", self.kills.path, *words, *self.files(self.daemon.mount))

    def stop(self, *names):
        """Ends these, or all; what they saw is kept."""
        names = names or tuple(self.alive)
        ending = [self.alive.pop(name) for name in names]
        for process, _ in ending:
            process.stdin.close()
        for process, remove in ending:
            self.reports.append(self.report(process))
            remove()

    def report(self, process):
        try:
            process.wait(patient(120))
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"{process.args} does not end") from None
        said = rest(process)
        self.processes.end(process, signal.SIGKILL)
        assert process.returncode == 0, f"{process.args} ended with {process.returncode}: {said}"
        return json.loads(said)

    def verdict(self):
        self.stop()
        return Verdict(self.reports, self.kills.n)


class Verdict:
    """What all readers saw."""

    def __init__(self, reports, kills):
        self.reports, self.kills = reports, kills
        self.reads, self.texts, self.wrong, self.back, self.hangs = (
            sum(report[key] for report in reports) for key in ("reads", "texts", "wrong", "back", "hangs"))
        self.longest_us = max(report["longest_us"] for report in reports)
        self.errors, self.pauses = {}, {}
        for report in reports:
            for name, n in report["errors"].items():
                self.errors[name] = self.errors.get(name, 0) + n
            for us, n in report["pauses"]:
                self.pauses[us] = self.pauses.get(us, 0) + n
        self.first = [sentence for report in reports for sentence in report["first"]][:20]

    def check(self):
        """Nobody noticed anything, and everybody has looked."""
        assert (self.errors, self.hangs, self.wrong, self.back) == ({}, 0, 0, 0), self.first
        assert all(report["texts"] > 0 for report in self.reports), "everyone was served"

    def pause_ms(self, share):
        """That share of all pauses was no longer. There is one pause for each kill and each reader."""
        left = share * sum(self.pauses.values())
        for us in sorted(self.pauses):
            left -= self.pauses[us]
            if left <= 0:
                return us / 1000
        return float("nan")

    def line(self, what):
        errors = sum(self.errors.values())
        pauses = (f"; {self.kills} times, pause p50 {self.pause_ms(0.5):.1f} ms, p99 {self.pause_ms(0.99):.1f} ms, "
                  f"max {self.pause_ms(1):.1f} ms") if self.kills else ""
        return (f"{what}: {self.reads} reads by {len(self.reports)} containers, {errors} errors, {self.hangs} hangs, "
                f"{self.wrong} wrong, {self.back} going back{pauses}; longest call {self.longest_us / 1000:.0f} ms")
