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


def threads(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def state(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def workers(keeper):
    """Those that live, the active one first: it has threads, a standby has none yet."""
    found = [pid for pid in children(keeper) if "--worker" in words_of(pid) and state(pid) not in ("Z", "X", "")]
    return sorted(found, key=threads, reverse=True)


SERVING = 4  # threads; a standby has fewer


def active(keeper):
    """The worker that serves; 0 where there is none at this moment."""
    found = workers(keeper)
    return found[0] if found and threads(found[0]) >= SERVING else 0


def served(keeper):
    return until(lambda: active(keeper), "a worker serves", 60)


def ask(daemon, **request):
    """A request that is said again to the next worker when one dies over it, as every client of ours does."""
    def once():
        try:
            return daemon.call(**request)
        except ConnectionError:
            return None

    return until(once, f"an answer to {request}", 60)


def status(daemon):
    return ask(daemon, op="status")


class Attacker:
    """Does something to the active worker at random moments, and marks each time for the readers."""

    def __init__(self, daemon, kills, seed=4):
        self.keeper, self.kills, self.chance = daemon.pid, kills, random.Random(seed)

    def send(self, pid, number):
        with contextlib.suppress(ProcessLookupError):
            at = now_ns()
            os.kill(pid, number)
            self.kills.mark(at)

    def strike(self, number=signal.SIGKILL):
        """Once, now; who was struck."""
        pid = served(self.keeper)
        self.send(pid, number)
        return pid

    def strike_two(self):
        """The active one and the one that is to follow it, within a millisecond."""
        served(self.keeper)
        for pid in workers(self.keeper)[:2]:
            self.send(pid, signal.SIGKILL)

    def rest(self, most):
        time.sleep(self.chance.uniform(0, most))

    def kill(self, times, rest=0.06, pairs=0.1):
        """So many strikes; of them that share, two at once."""
        end = self.kills.n + times
        while self.kills.n < end:
            self.rest(rest)
            if self.chance.random() < pairs:
                self.strike_two()
            else:
                self.strike()

    def replaced(self, pid):
        """Waits until another worker serves."""
        return until(lambda: active(self.keeper) not in (0, pid) and active(self.keeper), f"another serves than {pid}", 60)
