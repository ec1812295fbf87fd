# SPDX-License-Identifier: Apache-2.0
"""Cgroups of our own, in every hierarchy that this host has: v1, v2 or a mix.

Everything is made below one cgroup named after this process, and only that is ever removed.
"""
import os
import re
import signal
import time


class Hierarchy:
    def __init__(self, path, version, controllers):
        self.path, self.version, self.controllers = path, version, controllers


def hierarchies():
    found = []
    with open("/proc/self/mountinfo") as mounts:
        for line in mounts:
            left, right = line.split(" - ")
            path, (kind, _, options) = left.split()[4], right.split()
            if not path.startswith("/sys/fs/cgroup"):
                continue
            if kind == "cgroup2":
                with open(path + "/cgroup.controllers") as names:
                    found.append(Hierarchy(path, 2, set(names.read().split())))
            elif kind == "cgroup":
                found.append(Hierarchy(path, 1, set(options.split(","))))
    return found


def write(path, value):
    with open(path, "w") as file:
        file.write(str(value))


class Tree:
    """The top of ours. remove() ends what is still in it and takes it away."""

    def __init__(self):
        self.name = f"/procvirt-test-{os.getpid()}"
        self.hierarchies = hierarchies()
        assert self.hierarchies, "this host mounts no cgroups below /sys/fs/cgroup"

    def make(self, path="", **limits):
        cgroup = Cgroup(self, f"{self.name}/{path}".rstrip("/"))
        cgroup.create()
        cgroup.limit(**limits)
        return cgroup

    def of(self, controller):
        """The hierarchy that carries a controller; None when there is none."""
        return next((h for h in self.hierarchies if controller in h.controllers), None)

    def version(self, controller):
        hierarchy = self.of(controller)
        return hierarchy.version if hierarchy else 0

    def remove(self):
        Cgroup(self, self.name).remove()


class Cgroup:
    def __init__(self, tree, name):
        self.tree, self.name = tree, name

    def dirs(self):
        return [h.path + self.name for h in self.tree.hierarchies]

    def dir(self, controller):
        return self.tree.of(controller).path + self.name

    def create(self):
        for hierarchy in self.tree.hierarchies:
            path = hierarchy.path
            for part in self.name.strip("/").split("/"):
                if hierarchy.version == 2:
                    self.delegate(path, hierarchy)
                path += "/" + part
                os.makedirs(path, exist_ok=True)
                if "cpuset" in hierarchy.controllers and hierarchy.version == 1:
                    self.inherit(path)

    @staticmethod
    def delegate(path, hierarchy):
        """v2: a parent hands its controllers on."""
        with open(path + "/cgroup.subtree_control") as file:
            missing = hierarchy.controllers & {"memory", "cpu", "cpuset", "pids", "io"} - set(file.read().split())
        if missing:
            write(path + "/cgroup.subtree_control", " ".join("+" + name for name in sorted(missing)))

    @staticmethod
    def inherit(path):
        """v1: a new cpuset is empty and takes no process."""
        for name in ("cpuset.mems", "cpuset.cpus"):
            with open(f"{path}/{name}") as file:
                if file.read().strip():
                    continue
            with open(f"{os.path.dirname(path)}/{name}") as file:
                write(f"{path}/{name}", file.read().strip())

    def limit(self, memory=None, swap=None, quota=None, period=100000, cpus=None):
        """Bytes, "max" for no limit of version 2; microseconds of quota a period, -1 for none; a list of CPUs."""
        if memory is not None:
            self.set("memory", {1: "memory.limit_in_bytes", 2: "memory.max"}, memory)
        if swap is not None:
            self.limit_swap(swap)
        if quota is not None and self.tree.version("cpu") == 1:
            write(self.dir("cpu") + "/cpu.cfs_period_us", period)
            write(self.dir("cpu") + "/cpu.cfs_quota_us", quota)
        elif quota is not None:
            write(self.dir("cpu") + "/cpu.max", f"{quota if quota >= 0 else 'max'} {period}")
        if cpus is not None:
            self.set("cpuset", {1: "cpuset.cpus", 2: "cpuset.cpus"}, cpus)

    def limit_swap(self, size):
        """Swap alone; version 1 limits the sum."""
        if self.tree.version("memory") == 1:
            with open(self.dir("memory") + "/memory.limit_in_bytes") as memory:
                write(self.dir("memory") + "/memory.memsw.limit_in_bytes", int(memory.read()) + size)
        else:
            write(self.dir("memory") + "/memory.swap.max", size)

    def set(self, controller, names, value):
        write(f"{self.dir(controller)}/{names[self.tree.version(controller)]}", value)

    def add(self, pid):
        for path in self.dirs():
            write(path + "/cgroup.procs", pid)

    def add_thread(self, tid, controllers):
        """One thread alone, in the v1 hierarchies of these controllers."""
        for controller in controllers:
            write(self.dir(controller) + "/tasks", tid)

    def pids(self):
        """Of it and of all below it."""
        found = set()
        for top in self.dirs():
            for path, _, _ in os.walk(top):
                try:
                    with open(path + "/cgroup.procs") as file:
                        found |= set(map(int, file.read().split()))
                except OSError:
                    pass
        return found - {0, os.getpid()}

    def kill(self):
        for _ in range(500):
            pids = self.pids()
            if not pids:
                return
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.01)
        raise AssertionError(f"{self.name} still holds {sorted(self.pids())}")

    def remove(self):
        assert re.match(r"/procvirt-test-\d+", self.name)
        self.kill()
        for top in self.dirs():
            for path, _, _ in os.walk(top, topdown=False):
                rmdir(path)


def rmdir(path):
    """A cgroup whose last process has just ended may be busy for a moment yet."""
    for _ in range(200):
        try:
            return os.rmdir(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            last = error
            time.sleep(0.01)
    raise last
