# SPDX-License-Identifier: Apache-2.0
"""What is done to the daemon's processes: procvirtd(8) says which there are."""
import contextlib
import os
import random
import signal
import time

from fleet import now_ns
from processes import until


def words_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode().split("\0")
    except OSError:
        return []


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def serves(pid):
    """Only the worker that has the turn samples loads; it begins with that when all else is done."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/comm") as comm:
                if comm.read() == "sampler\n":
                    return True
    except OSError:
        pass
    return False


def stat(pid):
    """From field 3 on (proc(5))."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def state(pid):
    return "".join(stat(pid)[:1])


def started(pid):
    """Ticks since boot, and the number: two may start in one tick."""
    return int((stat(pid) or ["0"] * 20)[19]), pid


def workers(keeper):
    """Those that live, the one that serves first, then the eldest."""
    found = [pid for pid in children(keeper) if "--worker" in words_of(pid) and state(pid) not in ("Z", "X", "")]
    return sorted(found, key=lambda pid: (not serves(pid), started(pid)))


def active(keeper):
    """The worker that serves; 0 where there is none at this moment."""
    return next(filter(serves, workers(keeper)), 0)


def served(keeper, but=()):
    """Another than these, which may be dying yet."""
    return until(lambda: next((pid for pid in workers(keeper) if pid not in but and serves(pid)), 0), "a worker serves", 60)


def ask(daemon, **request):
    """A request that is said again to the next worker when one dies over it, as every client of ours does."""
    def once():
        try:
            return daemon.call(**request)
        except ConnectionError:
            return None

    return until(once, f"an answer to {request}", 60)


def forget_all(daemon):
    for container in ask(daemon, op="list")["containers"]:
        ask(daemon, op="forget", id=container["id"])


def status(daemon):
    return ask(daemon, op="status")


class Attacker:
    """Does something to the active worker at random moments, and marks each time for the readers."""

    def __init__(self, daemon, kills, seed=4):
        self.keeper, self.kills, self.chance, self.starts = daemon.pid, kills, random.Random(seed), {}

    @property
    def struck(self):
        """Those that may be dying yet; a number is soon another process's where numbers end at 32768."""
        self.starts = {pid: start for pid, start in self.starts.items() if started(pid) == start}
        return set(self.starts)

    def note(self, *pids):
        self.starts.update((pid, started(pid)) for pid in pids)

    def send(self, pid, number):
        with contextlib.suppress(ProcessLookupError):
            at = now_ns()
            os.kill(pid, number)
            self.kills.mark(at)

    def strike(self, number=signal.SIGKILL):
        """Once, now; who was struck."""
        pid = served(self.keeper, self.struck)
        self.note(pid)
        self.send(pid, number)
        return pid

    def strike_two(self):
        """The active one and the one that is to follow it, within a millisecond."""
        first = served(self.keeper, self.struck)
        pids = [first, *(pid for pid in workers(self.keeper) if pid not in self.struck | {first})][:2]
        self.note(*pids)
        for pid in pids:
            self.send(pid, signal.SIGKILL)

    def rest(self, most):
        time.sleep(self.chance.uniform(0, most))

    def kill(self, times, rest=0.06, pairs=0.1):
        """So many strikes at the one that serves; that share of them at the one that would follow it, too."""
        for _ in range(times):
            self.rest(rest)
            if self.chance.random() < pairs:
                self.strike_two()
            else:
                self.strike()

    def replaced(self, pid):
        """Waits until another worker serves."""
        return served(self.keeper, {pid})
