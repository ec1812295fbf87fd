# SPDX-License-Identifier: Apache-2.0
"""Processes of our own: started in cgroups and namespaces, spoken to, and ended whatever happens."""
import json
import os
import select
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
PATIENCE = float(os.environ.get("PROCVIRT_PATIENCE", 1))  # tests/vm: how much slower than a real machine it is


def patient(seconds):
    """A bound for a wait, on this machine."""
    return seconds * PATIENCE


def until(condition, what, seconds=30):
    """Waits for a condition, not for a time; returns what made it true."""
    seconds = patient(seconds)
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what}"
        time.sleep(0.02)


def read_line(process, seconds=30):
    """A line of standard output; what came after it is kept for the next."""
    parts = [process.kept]
    seconds = patient(seconds)
    end = time.monotonic() + seconds
    while b"\n" not in parts[-1]:
        ready, _, _ = select.select([process.stdout], [], [], max(0, end - time.monotonic()))
        assert ready, f"{process.args}: said nothing for {seconds} s"
        parts.append(os.read(process.stdout.fileno(), 1 << 20))
        assert parts[-1], f"{process.args}: ended with {process.wait(10)} after {b''.join(parts)!r}"
    line, _, process.kept = b"".join(parts).partition(b"\n")
    return line.decode() + "\n"


def rest(process):
    """Standard output to its end."""
    return (process.kept + process.stdout.read()).decode()


class Processes:
    """All that a test starts."""

    def __init__(self, probe):
        self.probe, self.running = probe, []

    def argv(self, command, cgroup):
        return [self.probe, "enter", *cgroup.dirs(), "--", *command] if cgroup else list(command)

    def start(self, *command, cgroup=None, **options):
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0, **options}
        process = subprocess.Popen(self.argv(map(str, command), cgroup), **options)
        process.kept = b""
        self.running.append(process)
        return process

    def run(self, *command, cgroup=None, timeout=60, **options):
        """Runs to its end: a CompletedProcess with text."""
        options = {"capture_output": True, "text": True, **options}
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        return subprocess.run(self.argv(map(str, command), cgroup), timeout=patient(timeout), **options)

    def output(self, *command, cgroup=None, **options):
        result = self.run(*command, cgroup=cgroup, **options)
        assert result.returncode == 0, f"{command}: {result.returncode}\n{result.stdout}{result.stderr}"
        return result.stdout

    def hand(self, *command, cgroup=None, wrap=()):
        """One of probe's commands that says when it is ready."""
        process = self.start(*wrap, self.probe, *command, cgroup=cgroup)
        assert read_line(process) == "ready\n"
        return process

    def agent(self, cgroup=None, wrap=()):
        return Agent(self, cgroup, wrap)

    def end(self, process, number=signal.SIGTERM):
        """Ends one that we started; its exit status."""
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(patient(30))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)
            raise
        finally:
            for pipe in filter(None, (process.stdin, process.stdout)):
                pipe.close()
            if process in self.running:
                self.running.remove(process)

    def end_all(self):
        for process in list(self.running):
            self.end(process, signal.SIGKILL)


class Agent:
    """agent.py in a cgroup and, with `wrap`, in namespaces. agent("text('/proc/stat')") evaluates there."""

    def __init__(self, processes, cgroup, wrap):
        self.processes = processes
        self.process = processes.start(*wrap, PYTHON, "-B", HERE + "/agent.py", cgroup=cgroup)
        # By the host's /proc, also from within a pid namespace as long as that has not mounted its own.
        self.pid = int(self("os.readlink('/proc/self')"))

    def __call__(self, expression):
        os.write(self.process.stdin.fileno(), expression.encode() + b"\n")
        answer = json.loads(read_line(self.process, 60))
        if "errno" in answer:
            raise OSError(answer["errno"], answer["error"])
        assert "ok" in answer, answer["error"]
        return answer["ok"]

    def do(self, statement):
        """For its effect: the result need not be JSON."""
        self(f"[{statement}, None][1]")

    def read(self, path):
        return self(f"text({path!r})")

    def end(self):
        return self.processes.end(self.process, signal.SIGKILL)
